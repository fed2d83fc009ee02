-- The OpenID Provider towards applications: token families and refresh tokens, tokens of applications themselves,
-- consents, devices, logout messages. Expand only: new tables, new columns that are nullable or have a default.

-- Hash of the registration access token (RFC 7592), and whether the operator offers the application here.
alter table applications add column registration_hash text;
alter table applications add column platform boolean not null default false;

-- The family that a token stems from, the resources it is good for, the key that it is bound to (RFC 9449), and
-- what the `claims` parameter asked for at UserInfo.
alter table access_tokens add column family_id text;
alter table access_tokens add column resources text;
alter table access_tokens add column dpop_jkt text;
alter table access_tokens add column claims text;
create index access_tokens_by_family on access_tokens (tenant_id, family_id);

-- All that comes of one authorization, refreshed again and again. An offline family outlives its session.
create table token_families (
    tenant_id text not null references tenants (id),
    id text not null,
    application_id text not null,
    user_id text not null,
    connector_id text not null,
    session_id text not null,
    offline boolean not null,
    scope text not null,
    resources text not null,
    claims text,
    authenticated_at timestamp not null,
    acr text,
    amr text not null,
    dpop_jkt text,
    code_hash text,
    created_at timestamp not null,
    last_used_at timestamp not null,
    idle_expires_at timestamp not null,
    expires_at timestamp not null,
    revoked_at timestamp,
    revoked_because text,
    primary key (tenant_id, id)
);
create index token_families_by_session on token_families (tenant_id, session_id);
create index token_families_by_user on token_families (tenant_id, user_id);
create index token_families_by_code on token_families (tenant_id, code_hash);
create index token_families_by_expiry on token_families (expires_at);

create table refresh_tokens (
    tenant_id text not null,
    token_hash text not null,
    family_id text not null,
    created_at timestamp not null,
    used_at timestamp,
    primary key (tenant_id, token_hash),
    foreign key (tenant_id, family_id) references token_families (tenant_id, id) on delete cascade
);
create index refresh_tokens_by_family on refresh_tokens (tenant_id, family_id);

-- Opaque tokens of applications that speak for themselves. Apart from `access_tokens`, so that none is ever a person's.
create table service_tokens (
    tenant_id text not null references tenants (id),
    token_hash text not null,
    application_id text not null,
    scope text not null,
    resources text not null,
    dpop_jkt text,
    created_at timestamp not null,
    expires_at timestamp not null,
    revoked_at timestamp,
    primary key (tenant_id, token_hash)
);
create index service_tokens_by_expiry on service_tokens (expires_at);

create table consents (
    tenant_id text not null,
    user_id text not null,
    application_id text not null,
    scopes text not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    primary key (tenant_id, user_id, application_id),
    foreign key (tenant_id, user_id) references users (tenant_id, id)
);

-- Devices that wait for a person (RFC 8628).
create table device_authorizations (
    tenant_id text not null references tenants (id),
    device_hash text not null,
    user_code_hash text not null,
    application_id text not null,
    scope text not null,
    resources text not null,
    state text not null,
    asked_from text,
    authorization_grant text,
    interval_seconds integer not null,
    last_polled_at timestamp,
    created_at timestamp not null,
    expires_at timestamp not null,
    primary key (tenant_id, device_hash),
    unique (tenant_id, user_code_hash)
);
create index device_authorizations_by_expiry on device_authorizations (expires_at);

-- The outbox of back-channel logout: written in the transaction that ends the session.
create table logout_deliveries (
    tenant_id text not null references tenants (id),
    id text not null,
    application_id text not null,
    session_id text not null,
    user_id text not null,
    uri text not null,
    created_at timestamp not null,
    attempts integer not null,
    next_attempt_at timestamp not null,
    expires_at timestamp not null,
    delivered_at timestamp,
    failed_at timestamp,
    last_error text,
    primary key (tenant_id, id)
);
create index logout_deliveries_due on logout_deliveries (next_attempt_at);
create index logout_deliveries_by_expiry on logout_deliveries (expires_at);
