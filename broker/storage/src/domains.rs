//! E-mail domains of a tenant.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::ConnectorId;

use crate::error::StorageResult;
use crate::schema::tenant_domains;
use crate::tenant::accessor;
use crate::types::{Row as _, row};
use crate::upsert::upsert;

row! {
    /// An e-mail domain that a tenant names as its own.
    TenantDomain in tenant_domains [domain] {
        /// Lower case, in its ASCII form.
        domain: String,
        /// When the tenant proved to own it.
        verified_at: Option<DateTime<Utc>>,
        /// Where people of this domain sign in.
        connector_id: Option<ConnectorId>,
    }
}

accessor! {
    /// The domains of one tenant.
    Domains
}

impl Domains<'_> {
    /// Keeps a domain, new or changed.
    pub fn put(&mut self, domain: &TenantDomain) -> StorageResult<()> {
        upsert!(self.conn, tenant_domains(tenant_id, domain), &domain.raw(self.tenant))
    }

    /// All domains, in alphabetical order.
    pub fn list(&mut self) -> StorageResult<Vec<TenantDomain>> {
        let query = tenant_domains::table
            .filter(tenant_domains::tenant_id.eq(self.tenant))
            .order(tenant_domains::domain);
        TenantDomain::read_all(query.select(TenantDomain::COLUMNS).load(self.conn)?)
    }

    /// One domain.
    pub fn find(&mut self, domain: &str) -> StorageResult<Option<TenantDomain>> {
        let query = tenant_domains::table.find((self.tenant, domain));
        let raw = query.select(TenantDomain::COLUMNS).first(self.conn).optional()?;
        TenantDomain::read_option(raw)
    }
}
