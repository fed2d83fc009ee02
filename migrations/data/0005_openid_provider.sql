-- An application with a family of tokens, a device that waits, a logout message that is on its way.
update applications set registration_hash = 'hash-of-registration' where tenant_id = 't1';
insert into token_families (tenant_id, id, application_id, user_id, connector_id, session_id, offline, scope, resources, claims, authenticated_at, acr, amr, dpop_jkt, code_hash, created_at, last_used_at, idle_expires_at, expires_at, revoked_at, revoked_because)
values ('t1', 'f1', 'wiki', 'u1', 'work', 's1', false, 'openid offline_access', '[]', null, '2026-01-04 08:00:00', null, '["pwd"]', null, 'hash-of-code', '2026-01-04 08:00:00', '2026-01-04 08:00:00', '2026-02-04 08:00:00', '2026-04-04 08:00:00', null, null);
insert into refresh_tokens (tenant_id, token_hash, family_id, created_at, used_at)
values ('t1', 'hash-of-refresh', 'f1', '2026-01-04 08:00:00', null);
insert into service_tokens (tenant_id, token_hash, application_id, scope, resources, dpop_jkt, created_at, expires_at, revoked_at)
values ('t1', 'hash-of-service-token', 'wiki', 'reports', '["https://reports.example"]', null, '2026-01-04 08:00:00', '2026-01-04 09:00:00', null);
insert into consents (tenant_id, user_id, application_id, scopes, created_at, updated_at)
values ('t1', 'u1', 'wiki', '["openid","email"]', '2026-01-04 08:00:00', '2026-01-04 08:00:00');
insert into device_authorizations (tenant_id, device_hash, user_code_hash, application_id, scope, resources, state, asked_from, authorization_grant, interval_seconds, last_polled_at, created_at, expires_at)
values ('t1', 'hash-of-device', 'hash-of-user-code', 'wiki', 'openid', '[]', 'pending', '192.0.2.7', null, 5, null, '2026-01-04 08:00:00', '2026-01-04 08:10:00');
insert into logout_deliveries (tenant_id, id, application_id, session_id, user_id, uri, created_at, attempts, next_attempt_at, expires_at, delivered_at, failed_at, last_error)
values ('t1', 'l1', 'wiki', 's1', 'u1', 'https://wiki.example/logout', '2026-01-04 08:00:00', 0, '2026-01-04 08:00:00', '2026-01-05 08:00:00', null, null, null);
