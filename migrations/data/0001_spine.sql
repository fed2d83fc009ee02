-- One tenant, one user, one sign-in.
insert into tenants (id, slug, display_name, status, settings, version, created_at, updated_at)
values ('t1', 'contoso', 'Contoso', 'active', '{}', 1, '2026-01-01 08:00:00', '2026-01-01 08:00:00');
insert into tenant_domains (tenant_id, domain, verified_at, connector_id)
values ('t1', 'contoso.example', '2026-01-01 08:00:00', 'work');
insert into data_keys (tenant_id, id, wrapped, master_key_id, created_at)
values ('t1', 'dk1', 'd3JhcHBlZA', 'm1', '2026-01-01 08:00:00');
insert into sealed_secrets (tenant_id, purpose, owner, sealed, hint, expires_at, updated_at)
values ('t1', 'connector.secret', 'work', 'c2VhbGVk', '...abcd', null, '2026-01-01 08:00:00');
insert into signing_keys (tenant_id, id, algorithm, state, public_jwk, sealed_private, created_at, activated_at, retired_at)
values ('t1', 'k1', 'ES256', 'active', '{"kty":"EC"}', 'c2VhbGVk', '2026-01-01 08:00:00', '2026-01-01 08:00:00', null);
insert into connectors (tenant_id, id, kind, display_name, mode, settings, version, created_at, updated_at)
values ('t1', 'work', 'oidc', 'Work', 'on', '{}', 1, '2026-01-01 08:00:00', '2026-01-01 08:00:00');
insert into plugins (tenant_id, digest, name, component, created_at)
values ('t1', '0000000000000000000000000000000000000000000000000000000000000001', 'rules', '', '2026-01-01 08:00:00');
insert into mapping_versions (tenant_id, connector_id, version, plugin_digest, configuration, author, note, created_at)
values ('t1', 'work', 1, '0000000000000000000000000000000000000000000000000000000000000001', '{}', 'admin', null, '2026-01-01 08:00:00');
insert into active_mappings (tenant_id, connector_id, version) values ('t1', 'work', 1);
insert into roles (tenant_id, name, description, grantable_by_mapping) values ('t1', 'member', 'Everybody', true);
insert into users (tenant_id, id, status, email, email_normalised, email_verified, display_name, username, metadata, created_at, updated_at, last_sign_in_at, version)
values ('t1', 'u1', 'active', 'Alice@contoso.example', 'alice@contoso.example', true, 'Alice', null, '{}', '2026-01-01 08:00:00', '2026-01-01 08:00:00', null, 1);
insert into identity_links (tenant_id, connector_id, issuer, subject, user_id, created_at, last_sign_in_at)
values ('t1', 'work', 'https://upstream.example', 's1', 'u1', '2026-01-01 08:00:00', null);
insert into role_grants (tenant_id, user_id, role, source_kind, source, plugin_digest, mapping_version, because, granted_at)
values ('t1', 'u1', 'member', 'default', 'tenant', null, null, null, '2026-01-01 08:00:00');
insert into applications (tenant_id, id, display_name, protocol, status, settings, secret_hash, version, created_at, updated_at)
values ('t1', 'wiki', 'Wiki', 'openid', 'active', '{}', null, 1, '2026-01-01 08:00:00', '2026-01-01 08:00:00');
insert into sessions (tenant_id, id, secret_hash, user_id, connector_id, application_id, upstream_sid, acr, amr, authenticated_at, created_at, last_seen_at, idle_expires_at, expires_at, ended_at, end_reason)
values ('t1', 's1', '0a', 'u1', 'work', 'wiki', null, null, '[]', '2026-01-01 08:00:00', '2026-01-01 08:00:00', '2026-01-01 08:00:00', '2026-01-01 09:00:00', '2026-01-01 20:00:00', null, null);
insert into session_applications (tenant_id, session_id, application_id, first_used_at, last_used_at)
values ('t1', 's1', 'wiki', '2026-01-01 08:00:00', '2026-01-01 08:00:00');
insert into login_attempts (tenant_id, id, browser_hash, stage, data, created_at, expires_at, version)
values ('t1', 'a1', '0b', 'upstream', '{}', '2026-01-01 08:00:00', '2026-01-01 08:10:00', 1);
insert into single_use (tenant_id, kind, value_hash, payload, created_at, expires_at, consumed_at)
values ('t1', 'authorization_code', '0c', '{}', '2026-01-01 08:00:00', '2026-01-01 08:01:00', null);
insert into access_tokens (tenant_id, token_hash, application_id, user_id, session_id, scope, code_hash, created_at, expires_at, revoked_at)
values ('t1', '0d', 'wiki', 'u1', 's1', 'openid', '0c', '2026-01-01 08:00:00', '2026-01-01 08:05:00', null);
insert into access_requests (tenant_id, connector_id, issuer, subject, email, display_name, first_seen_at, last_seen_at, times)
values ('t1', 'work', 'https://upstream.example', 's2', null, null, '2026-01-01 08:00:00', '2026-01-01 08:00:00', 1);
insert into audit_events (tenant_id, seq, id, time, event_type, outcome, reason, connector_id, application_id, actor, target, details, trace_id, session_id, prev_hash, hash)
values ('t1', 1, 'e1', '2026-01-01 08:00:00', 'user.sso_login', 'success', null, 'work', 'wiki', '{}', '{}', '{}', '00000000000000000000000000000001', 's1', '00', '01');
insert into audit_heads (tenant_id, seq, hash) values ('t1', 1, '01');
insert into leases (name, holder, expires_at) values ('sweep', 'node-1', '2026-01-01 08:01:00');
