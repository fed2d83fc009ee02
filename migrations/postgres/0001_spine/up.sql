-- The spine: everything that one sign-in needs, from tenant to audit event.
-- Ids, hashes and JSON are text; times are UTC without a zone. A hash is lower-case hexadecimal.

create table tenants (
    id text not null primary key check (id <> 'operator'), -- reserved for the operator's own audit chain
    slug text not null unique,
    display_name text not null,
    status text not null,
    settings text not null,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);

create table tenant_domains (
    tenant_id text not null references tenants (id),
    domain text not null,
    verified_at timestamp,
    connector_id text,
    primary key (tenant_id, domain)
);

create table data_keys (
    tenant_id text not null references tenants (id),
    id text not null,
    wrapped text not null,
    master_key_id text not null,
    created_at timestamp not null,
    primary key (tenant_id, id)
);

create table sealed_secrets (
    tenant_id text not null references tenants (id),
    purpose text not null,
    owner text not null,
    sealed text not null,
    hint text,
    expires_at timestamp,
    updated_at timestamp not null,
    primary key (tenant_id, purpose, owner)
);

create table signing_keys (
    tenant_id text not null references tenants (id),
    id text not null,
    algorithm text not null,
    state text not null,
    public_jwk text not null,
    sealed_private text not null,
    created_at timestamp not null,
    activated_at timestamp,
    retired_at timestamp,
    primary key (tenant_id, id)
);

create table connectors (
    tenant_id text not null references tenants (id),
    id text not null,
    kind text not null,
    display_name text not null,
    mode text not null,
    settings text not null,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    primary key (tenant_id, id)
);

create table plugins (
    tenant_id text not null references tenants (id),
    digest text not null,
    name text not null,
    component bytea not null,
    created_at timestamp not null,
    primary key (tenant_id, digest)
);

create table mapping_versions (
    tenant_id text not null,
    connector_id text not null,
    version integer not null,
    plugin_digest text not null,
    configuration text not null,
    author text not null,
    note text,
    created_at timestamp not null,
    primary key (tenant_id, connector_id, version),
    foreign key (tenant_id, connector_id) references connectors (tenant_id, id)
    -- plugin_digest has no foreign key: the bundled plugin lies in the program, not in `plugins`.
);

create table active_mappings (
    tenant_id text not null,
    connector_id text not null,
    version integer not null,
    primary key (tenant_id, connector_id),
    foreign key (tenant_id, connector_id, version) references mapping_versions (tenant_id, connector_id, version)
);

create table roles (
    tenant_id text not null references tenants (id),
    name text not null,
    description text not null,
    grantable_by_mapping boolean not null,
    primary key (tenant_id, name)
);

create table users (
    tenant_id text not null references tenants (id),
    id text not null,
    status text not null,
    email text,
    email_normalised text,
    email_verified boolean not null,
    display_name text,
    username text,
    metadata text not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    last_sign_in_at timestamp,
    version integer not null,
    primary key (tenant_id, id)
);
-- Not unique: an e-mail is never an identity key.
create index users_by_email on users (tenant_id, email_normalised);

create table identity_links (
    tenant_id text not null,
    connector_id text not null,
    issuer text not null,
    subject text not null,
    user_id text not null,
    created_at timestamp not null,
    last_sign_in_at timestamp,
    primary key (tenant_id, connector_id, issuer, subject),
    foreign key (tenant_id, connector_id) references connectors (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id)
);
create index identity_links_by_user on identity_links (tenant_id, user_id);

create table role_grants (
    tenant_id text not null,
    user_id text not null,
    role text not null,
    source_kind text not null,
    source text not null,
    plugin_digest text,
    mapping_version integer,
    because text,
    granted_at timestamp not null,
    primary key (tenant_id, user_id, role, source_kind, source),
    foreign key (tenant_id, user_id) references users (tenant_id, id),
    foreign key (tenant_id, role) references roles (tenant_id, name)
);

create table sessions (
    tenant_id text not null,
    id text not null,
    secret_hash text not null,
    user_id text not null,
    connector_id text not null,
    application_id text,
    upstream_sid text,
    acr text,
    amr text not null,
    authenticated_at timestamp not null,
    created_at timestamp not null,
    last_seen_at timestamp not null,
    idle_expires_at timestamp not null,
    expires_at timestamp not null,
    ended_at timestamp,
    end_reason text,
    primary key (tenant_id, id),
    unique (tenant_id, secret_hash),
    foreign key (tenant_id, user_id) references users (tenant_id, id)
);
create index sessions_by_user on sessions (tenant_id, user_id);
create index sessions_by_expiry on sessions (expires_at);
create index sessions_by_end on sessions (ended_at);

create table session_applications (
    tenant_id text not null,
    session_id text not null,
    application_id text not null,
    first_used_at timestamp not null,
    last_used_at timestamp not null,
    primary key (tenant_id, session_id, application_id),
    foreign key (tenant_id, session_id) references sessions (tenant_id, id) on delete cascade
);

create table applications (
    tenant_id text not null references tenants (id),
    id text not null,
    display_name text not null,
    protocol text not null,
    status text not null,
    settings text not null,
    secret_hash text,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    primary key (tenant_id, id)
);

create table login_attempts (
    tenant_id text not null references tenants (id),
    id text not null,
    browser_hash text not null,
    stage text not null,
    data text not null,
    created_at timestamp not null,
    expires_at timestamp not null,
    version integer not null,
    primary key (tenant_id, id)
);
create index login_attempts_by_expiry on login_attempts (expires_at);

create table single_use (
    tenant_id text not null references tenants (id),
    kind text not null,
    value_hash text not null,
    payload text not null,
    created_at timestamp not null,
    expires_at timestamp not null,
    consumed_at timestamp,
    primary key (tenant_id, kind, value_hash)
);
create index single_use_by_expiry on single_use (expires_at);

create table access_tokens (
    tenant_id text not null references tenants (id),
    token_hash text not null,
    application_id text not null,
    user_id text not null,
    session_id text,
    scope text not null,
    code_hash text,
    created_at timestamp not null,
    expires_at timestamp not null,
    revoked_at timestamp,
    primary key (tenant_id, token_hash)
);
create index access_tokens_by_code on access_tokens (tenant_id, code_hash);
create index access_tokens_by_session on access_tokens (tenant_id, session_id);
create index access_tokens_by_expiry on access_tokens (expires_at);

create table access_requests (
    tenant_id text not null references tenants (id),
    connector_id text not null,
    issuer text not null,
    subject text not null,
    email text,
    display_name text,
    first_seen_at timestamp not null,
    last_seen_at timestamp not null,
    times integer not null,
    primary key (tenant_id, connector_id, issuer, subject)
);

-- No foreign key to tenants: the operator's own chain is kept under the reserved id 'operator'.
create table audit_events (
    tenant_id text not null,
    seq bigint not null,
    id text not null,
    time timestamp not null,
    event_type text not null,
    outcome text not null,
    reason text,
    connector_id text,
    application_id text,
    actor text not null,
    target text not null,
    details text not null,
    trace_id text not null,
    session_id text,
    prev_hash text not null,
    hash text not null,
    primary key (tenant_id, seq),
    unique (tenant_id, id)
);
create index audit_events_by_type on audit_events (tenant_id, event_type, seq);

create table audit_heads (
    tenant_id text not null primary key,
    seq bigint not null,
    hash text not null
);

create table leases (
    name text not null primary key,
    holder text not null,
    expires_at timestamp not null
);
