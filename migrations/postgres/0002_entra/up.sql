-- Entra ID: versions of a connector's settings, its health, old callback paths, upstream logout, API keys.
-- Expand only: new tables, and new columns that are nullable or have a default.

alter table connectors add column settings_version integer not null default 1;

create table connector_versions (
    tenant_id text not null,
    connector_id text not null,
    version integer not null,
    settings text not null,
    author text not null,
    note text,
    created_at timestamp not null,
    tested_at timestamp,
    test_outcome text,
    primary key (tenant_id, connector_id, version),
    foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
);
insert into connector_versions (tenant_id, connector_id, version, settings, author, created_at)
select tenant_id, id, 1, settings, 'migration', updated_at from connectors;

create table connector_health (
    tenant_id text not null,
    connector_id text not null,
    state text not null,
    checked_at timestamp,
    report text,
    credential_checked_at timestamp,
    credential_expires_at timestamp,
    warned_days integer,
    last_error text,
    last_success_at timestamp,
    primary key (tenant_id, connector_id),
    foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
);

-- A path belongs to the whole deployment: it is looked up before the tenant is known.
create table callback_aliases (
    path text not null primary key,
    tenant_id text not null,
    connector_id text not null,
    created_at timestamp not null,
    unique (tenant_id, connector_id),
    foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
);

create table test_sign_ins (
    tenant_id text not null,
    id text not null,
    connector_id text not null,
    result text,
    created_at timestamp not null,
    expires_at timestamp not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
);
create index test_sign_ins_by_expiry on test_sign_ins (expires_at);

alter table sessions add column upstream_logout_hint text;
create index sessions_by_upstream_sid on sessions (tenant_id, connector_id, upstream_sid);

alter table login_attempts add column failures integer not null default 0;
create index login_attempts_by_browser on login_attempts (tenant_id, browser_hash, created_at);

alter table identity_links add column upstream_sub text;
alter table identity_links add column groups text;
alter table identity_links add column groups_at timestamp;

-- No foreign key to tenants: the operator's own keys are kept under the reserved id 'operator'.
create table api_keys (
    tenant_id text not null,
    id text not null,
    name text not null,
    secret_hash text not null unique,
    scopes text not null,
    created_by text not null,
    created_at timestamp not null,
    expires_at timestamp,
    last_used_at timestamp,
    revoked_at timestamp,
    primary key (tenant_id, id)
);

create index audit_events_by_connector on audit_events (tenant_id, connector_id, event_type, time);
