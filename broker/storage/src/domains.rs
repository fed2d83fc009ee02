//! E-mail domains of a tenant.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::{ConnectorId, TenantId};

use crate::error::StorageResult;
use crate::operator::Operator;
use crate::schema::tenant_domains;
use crate::tenant::accessor;
use crate::tenants::tenant_ids;
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

impl Operator<'_> {
    /// The tenants that proved to own a domain, in the order of their ids.
    pub fn owners_of_domain(&mut self, domain: &str) -> StorageResult<Vec<TenantId>> {
        let ids: Vec<String> = tenant_domains::table
            .filter(tenant_domains::domain.eq(domain))
            .filter(tenant_domains::verified_at.is_not_null())
            .order(tenant_domains::tenant_id)
            .select(tenant_domains::tenant_id)
            .load(self.conn)?;
        tenant_ids("tenant_domains", ids)
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
