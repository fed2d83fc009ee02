drop index sessions_by_upstream_subject;
alter table sessions drop column upstream_subject;
drop table upstream_documents;
