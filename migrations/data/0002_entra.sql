-- The connector's settings were changed and tested; one API key, one test sign-in.
insert into connector_versions (tenant_id, connector_id, version, settings, author, note, created_at, tested_at, test_outcome)
values ('t1', 'work', 2, '{}', 'admin', 'new secret', '2026-01-02 08:00:00', '2026-01-02 08:01:00', 'passed');
update connectors set settings_version = 2, version = 2 where tenant_id = 't1' and id = 'work';
insert into connector_health (tenant_id, connector_id, state, checked_at, report, credential_checked_at, credential_expires_at, warned_days, last_error, last_success_at)
values ('t1', 'work', 'connected', '2026-01-02 08:05:00', '{}', '2026-01-02 08:05:00', '2026-07-02 08:00:00', null, null, '2026-01-02 08:05:00');
insert into callback_aliases (path, tenant_id, connector_id, created_at)
values ('/oauth/complete/azuread-oauth2/', 't1', 'work', '2026-01-02 08:00:00');
insert into test_sign_ins (tenant_id, id, connector_id, result, created_at, expires_at)
values ('t1', 'ts1', 'work', 'c2VhbGVk', '2026-01-02 08:00:00', '2026-01-02 08:10:00');
insert into api_keys (tenant_id, id, name, secret_hash, scopes, created_by, created_at, expires_at, last_used_at, revoked_at)
values ('t1', 'key1', 'deploy', '0e', '["connectors.write"]', 'admin', '2026-01-02 08:00:00', null, null, null);
insert into api_keys (tenant_id, id, name, secret_hash, scopes, created_by, created_at, expires_at, last_used_at, revoked_at)
values ('operator', 'key1', 'operations', '0f', '["*"]', 'admin', '2026-01-02 08:00:00', '2027-01-02 08:00:00', null, null);
update sessions set upstream_sid = 'up-1', upstream_logout_hint = 'hint-1' where tenant_id = 't1' and id = 's1';
update identity_links set upstream_sub = 'sub-1', groups = '["g1"]', groups_at = '2026-01-02 08:00:00' where tenant_id = 't1';
update login_attempts set failures = 1 where tenant_id = 't1' and id = 'a1';
