-- The plugin platform: mappings of connectors and of applications, the operator's library, saved cases,
-- recorded sign-ins.
-- Expand only: `mapping_history` and `mapping_states` take over from `mapping_versions` and `active_mappings`,
-- which stay for one release, so that nodes of the version before go on. Nothing reads them any more; a later
-- release drops them.

alter table plugins add column description text;
alter table plugins add column class text not null default 'standard';
alter table plugins add column author text;
alter table plugins add column signed_by text;
alter table plugins add column inspection text;

-- A target is a connector or an application, so its id has no foreign key. Neither has plugin_digest: the
-- bundled plugin lies in the program, others may come from the library.
create table mapping_history (
    tenant_id text not null references tenants (id),
    target_kind text not null,
    target_id text not null,
    version integer not null,
    plugin_digest text not null,
    configuration text not null,
    author text not null,
    note text,
    created_at timestamp not null,
    trial text,
    primary key (tenant_id, target_kind, target_id, version)
);
insert into mapping_history
    (tenant_id, target_kind, target_id, version, plugin_digest, configuration, author, note, created_at)
select tenant_id, 'connector', connector_id, version, plugin_digest, configuration, author, note, created_at
from mapping_versions;
create index mapping_history_by_plugin on mapping_history (tenant_id, plugin_digest);

create table mapping_states (
    tenant_id text not null references tenants (id),
    target_kind text not null,
    target_id text not null,
    active_version integer,
    previous_version integer,
    shadow_version integer,
    shadow_until timestamp,
    shadow_runs integer not null default 0,
    shadow_differences integer not null default 0,
    policy text not null default '{}',
    failures integer not null default 0,
    failed_subjects text not null default '[]',
    quarantined_at timestamp,
    primary key (tenant_id, target_kind, target_id),
    foreign key (tenant_id, target_kind, target_id, active_version)
        references mapping_history (tenant_id, target_kind, target_id, version),
    foreign key (tenant_id, target_kind, target_id, previous_version)
        references mapping_history (tenant_id, target_kind, target_id, version),
    foreign key (tenant_id, target_kind, target_id, shadow_version)
        references mapping_history (tenant_id, target_kind, target_id, version)
);
insert into mapping_states (tenant_id, target_kind, target_id, active_version)
select tenant_id, 'connector', connector_id, version from active_mappings;

-- The operator's own: tenants enable what is in it.
create table library_plugins (
    digest text not null primary key,
    name text not null,
    component bytea not null,
    description text,
    class text not null,
    inspection text,
    signed_by text,
    created_at timestamp not null,
    retired_at timestamp
);

create table tenant_library (
    tenant_id text not null references tenants (id),
    digest text not null references library_plugins (digest),
    enabled_at timestamp not null,
    enabled_by text not null,
    primary key (tenant_id, digest)
);

create table mapping_cases (
    tenant_id text not null references tenants (id),
    target_kind text not null,
    target_id text not null,
    name text not null,
    sealed text not null,
    author text not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    primary key (tenant_id, target_kind, target_id, name)
);

create table recorded_sign_ins (
    tenant_id text not null,
    id text not null,
    connector_id text not null,
    at timestamp not null,
    trace_id text not null,
    user_id text,
    outcome text not null,
    reason text,
    mapping_version integer,
    sealed text not null,
    expires_at timestamp not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
);
create index recorded_sign_ins_by_connector on recorded_sign_ins (tenant_id, connector_id, at);
create index recorded_sign_ins_by_expiry on recorded_sign_ins (expires_at);

alter table identity_links add column mapped_at timestamp;
