//! Applications: whom we issue assertions to.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::{ApplicationId, TenantId};

use crate::error::StorageResult;
use crate::operator::Operator;
use crate::schema::applications;
use crate::tenant::{accessor, exactly_one};
use crate::tenants::{PLATFORM_TENANT, tenant_ids};
use crate::types::{Row as _, row, text_enum};
use crate::upsert::insert_new;

text_enum! {
    /// What an application speaks.
    ApplicationProtocol {
        /// OpenID Connect.
        Openid = "openid",
    }
}

text_enum! {
    /// Whether an application may ask for sign-ins.
    ApplicationStatus {
        /// May.
        Active = "active",
        /// May not.
        Disabled = "disabled",
    }
}

row! {
    /// An application of one tenant.
    Application in applications [id] {
        /// Its id, also its OAuth `client_id`.
        id: ApplicationId,
        /// The name to show.
        display_name: String,
        /// What it speaks.
        protocol: ApplicationProtocol,
        /// Whether it may ask for sign-ins.
        status: ApplicationStatus,
        /// Typed by the domain.
        settings: Value,
        /// Hash of its secret, where it has one.
        secret_hash: Option<String>,
        /// Counts the changes.
        version: i32,
        /// When it was made.
        created_at: DateTime<Utc>,
        /// When it was last changed.
        updated_at: DateTime<Utc>,
        /// Hash of its registration access token (RFC 7592, 3), where it registered itself.
        registration_hash: Option<String>,
        /// Whether it is the operator's, offered here through the platform issuer.
        platform: bool,
    }
}

impl Operator<'_> {
    /// The tenants to which an application of the operator's is offered, in the order of their ids.
    pub fn offered_to(&mut self, application: &ApplicationId) -> StorageResult<Vec<TenantId>> {
        let ids: Vec<String> = applications::table
            .filter(applications::id.eq(application.as_str()))
            .filter(applications::platform.eq(true))
            .filter(applications::tenant_id.ne(PLATFORM_TENANT))
            .order(applications::tenant_id)
            .select(applications::tenant_id)
            .load(self.conn)?;
        tenant_ids("applications", ids)
    }
}

accessor! {
    /// The applications of one tenant.
    Applications
}

impl Applications<'_> {
    /// Keeps a new application.
    pub fn insert(&mut self, application: &Application) -> StorageResult<()> {
        insert_new!(self.conn, applications, &application.raw(self.tenant))
    }

    /// One application.
    pub fn find(&mut self, id: &ApplicationId) -> StorageResult<Option<Application>> {
        let query = applications::table.find((self.tenant, id.as_str()));
        let raw = query.select(Application::COLUMNS).first(self.conn).optional()?;
        Application::read_option(raw)
    }

    /// All applications, in the order of their ids.
    pub fn list(&mut self) -> StorageResult<Vec<Application>> {
        let query = applications::table
            .filter(applications::tenant_id.eq(self.tenant))
            .order(applications::id);
        Application::read_all(query.select(Application::COLUMNS).load(self.conn)?)
    }

    /// Overwrites an application that still has the expected version, and counts the version on.
    pub fn update(
        &mut self,
        application: &Application,
        expected_version: i32,
    ) -> StorageResult<()> {
        let mut raw = application.raw(self.tenant);
        raw.version = expected_version.saturating_add(1);
        let target = applications::table
            .find((self.tenant, application.id.as_str()))
            .filter(applications::version.eq(expected_version));
        exactly_one(diesel::update(target).set(&raw).execute(self.conn)?)
    }

    /// Forgets an application. False when there was none.
    pub fn delete(&mut self, id: &ApplicationId) -> StorageResult<bool> {
        let target = applications::table.find((self.tenant, id.as_str()));
        Ok(diesel::delete(target).execute(self.conn)? == 1)
    }
}
