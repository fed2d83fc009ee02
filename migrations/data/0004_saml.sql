-- What an identity provider published last, and a session that its logout can find.
insert into upstream_documents (tenant_id, connector_id, settings_version, content, fetched_at, valid_until, checked_at, failure)
values ('t1', 'work', 2, '{}', '2026-01-04 08:00:00', '2026-02-04 08:00:00', '2026-01-04 09:00:00', '{"reason":"net.timed_out"}');
update sessions set upstream_subject = 'digest-of-a-name-id' where tenant_id = 't1';
