-- The wiki has a mapping of its own, with a saved case; one plugin of the library is enabled; one sign-in is recorded.
update plugins set description = '{"name":"rules"}', author = 'admin', inspection = '{}' where tenant_id = 't1';
insert into mapping_history (tenant_id, target_kind, target_id, version, plugin_digest, configuration, author, note, created_at, trial)
values ('t1', 'application', 'wiki', 1, '0000000000000000000000000000000000000000000000000000000000000001', '{}', 'admin', null, '2026-01-03 08:00:00', '{"failed":0}');
insert into mapping_history (tenant_id, target_kind, target_id, version, plugin_digest, configuration, author, note, created_at, trial)
values ('t1', 'application', 'wiki', 2, '0000000000000000000000000000000000000000000000000000000000000002', '{}', 'admin', 'from the library', '2026-01-03 08:05:00', null);
insert into mapping_states (tenant_id, target_kind, target_id, active_version, previous_version, shadow_version, shadow_until, shadow_runs, shadow_differences, policy, failures, failed_subjects, quarantined_at)
values ('t1', 'application', 'wiki', 1, null, 2, '2026-01-04 08:00:00', 7, 1, '{}', 2, '["0a","0b"]', null);
insert into library_plugins (digest, name, component, description, class, inspection, signed_by, created_at, retired_at)
values ('0000000000000000000000000000000000000000000000000000000000000002', 'directory', '', '{"name":"directory"}', 'standard', '{}', null, '2026-01-03 08:00:00', null);
insert into tenant_library (tenant_id, digest, enabled_at, enabled_by)
values ('t1', '0000000000000000000000000000000000000000000000000000000000000002', '2026-01-03 08:01:00', 'admin');
insert into mapping_cases (tenant_id, target_kind, target_id, name, sealed, author, created_at, updated_at)
values ('t1', 'application', 'wiki', 'Alice is a member', 'c2VhbGVk', 'admin', '2026-01-03 08:02:00', '2026-01-03 08:02:00');
insert into recorded_sign_ins (tenant_id, id, connector_id, at, trace_id, user_id, outcome, reason, mapping_version, sealed, expires_at)
values ('t1', 'r1', 'work', '2026-01-03 08:10:00', '00000000000000000000000000000002', 'u1', 'signed_in', null, 1, 'c2VhbGVk', '2026-01-10 08:10:00');
update identity_links set mapped_at = '2026-01-03 08:10:00' where tenant_id = 't1';
