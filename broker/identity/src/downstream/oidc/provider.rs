//! Who speaks to an application: the tenant's own OpenID Provider, or the platform's on behalf of the tenant.

use symbolon_contract::{TenantId, TenantSlug};

use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::{TenantRecord, issuer};

/// An issuer, and whose keys sign for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenidProvider {
    /// `iss`, below which its addresses lie.
    pub issuer: String,
    /// The tenant whose signing keys it uses.
    pub keys: TenantId,
    /// The tenant to name in the `tenant` claim, where the issuer does not say it.
    pub names_tenant: Option<TenantSlug>,
}

impl OpenidProvider {
    /// A tenant's own.
    #[must_use]
    pub fn of_tenant(broker: &Broker, tenant: &TenantRecord) -> Self {
        Self {
            issuer: issuer(&broker.settings.public_url, &tenant.slug),
            keys: tenant.id.clone(),
            names_tenant: None,
        }
    }

    /// The one that speaks to this application for this tenant.
    #[must_use]
    pub fn of(broker: &Broker, tenant: &TenantRecord, application: &Application) -> Self {
        if application.platform {
            Self {
                issuer: broker.settings.public_url.clone(),
                keys: platform_tenant(),
                names_tenant: Some(tenant.slug.clone()),
            }
        } else {
            Self::of_tenant(broker, tenant)
        }
    }
}

/// The reserved tenant that owns the platform's keys and applications. Nobody signs in there.
///
/// # Panics
/// Never: the text is a tenant id.
#[must_use]
#[expect(clippy::expect_used, reason = "a constant text, parsed in a test")]
pub fn platform_tenant() -> TenantId {
    TenantId::parse("platform").expect("a tenant id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_tenant_has_an_id() {
        assert_eq!(platform_tenant().as_str(), "platform");
    }
}
