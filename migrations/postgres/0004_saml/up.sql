-- SAML upstreams: what an identity provider published last, and the session index by its subject.
-- Expand only: a new table, and a new column that is nullable.

-- One row a connector, read by every node; `content` is the last good copy, `failure` why a newer one was refused.
create table upstream_documents (
    tenant_id text not null,
    connector_id text not null,
    settings_version integer not null,
    content text,
    fetched_at timestamp,
    valid_until timestamp,
    checked_at timestamp not null,
    failure text,
    primary key (tenant_id, connector_id),
    foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
);

-- Digest of the subject as the upstream's own logout names it (SAML: the NameID).
alter table sessions add column upstream_subject text;
create index sessions_by_upstream_subject on sessions (tenant_id, connector_id, upstream_subject);
