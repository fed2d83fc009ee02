//! Who speaks to an application: the tenant's own OpenID Provider, or the platform's on behalf of the tenant.

use secrecy::{ExposeSecret, SecretString};
use symbolon_contract::{TenantId, TenantSlug};
use symbolon_storage::PLATFORM_TENANT;

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

    /// The one at which a request for this tenant came in.
    #[must_use]
    pub fn at(broker: &Broker, tenant: &TenantRecord) -> Self {
        if tenant.at_platform {
            Self::of_platform(broker, tenant)
        } else {
            Self::of_tenant(broker, tenant)
        }
    }

    fn of_platform(broker: &Broker, tenant: &TenantRecord) -> Self {
        Self {
            issuer: broker.settings.public_url.clone(),
            keys: platform_tenant(),
            names_tenant: Some(tenant.slug.clone()),
        }
    }

    /// The one that speaks to this application for this tenant.
    #[must_use]
    pub fn of(broker: &Broker, tenant: &TenantRecord, application: &Application) -> Self {
        if application.platform {
            Self::of_platform(broker, tenant)
        } else {
            Self::of_tenant(broker, tenant)
        }
    }
}

/// Between the tenant's name and the secret, in what the platform's issuer hands out. No base64url has it, and
/// RFC 6749 A takes it everywhere.
const ROUTE: char = '~';

impl OpenidProvider {
    /// A code or token as it is handed out. At the platform's issuer it begins with the tenant's name, which says
    /// where to look and nothing else: what counts is the row there, found by the hash of the whole text.
    #[must_use]
    pub fn routed(&self, secret: &SecretString) -> SecretString {
        match &self.names_tenant {
            None => secret.clone(),
            Some(tenant) => format!("{tenant}{ROUTE}{}", secret.expose_secret()).into(),
        }
    }
}

/// The tenant that a code or token names, if it was handed out by the platform's issuer.
#[must_use]
pub fn route_of(text: &str) -> Option<TenantSlug> {
    let (slug, _) = text.split_once(ROUTE)?;
    TenantSlug::parse(slug).ok()
}

/// The reserved tenant that owns the platform's keys and applications. Nobody signs in there.
///
/// # Panics
/// Never: the text is a tenant id.
#[must_use]
#[expect(clippy::expect_used, reason = "a constant text, parsed in a test")]
pub fn platform_tenant() -> TenantId {
    TenantId::parse(PLATFORM_TENANT).expect("a tenant id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_tenant_has_an_id() {
        assert_eq!(platform_tenant().as_str(), "platform");
    }

    #[test]
    fn bc06_the_route_stands_before_the_whole_secret() {
        let secret = SecretString::from("s3cret-_");
        let mut provider = OpenidProvider {
            issuer: "https://id.example".into(),
            keys: platform_tenant(),
            names_tenant: None,
        };
        assert_eq!(provider.routed(&secret).expose_secret(), "s3cret-_");
        provider.names_tenant = TenantSlug::parse("contoso").ok();
        let routed = provider.routed(&secret);
        assert_eq!(routed.expose_secret(), "contoso~s3cret-_");
        assert_eq!(route_of(routed.expose_secret()), provider.names_tenant);
        for other in ["s3cret", "~s3cret", "CON~s", "a/b~s", ""] {
            assert_eq!(route_of(other), None, "{other}");
        }
    }
}
