//! Where a SAML connector is: its own entity id and its own addresses, so that no answer to one connector fits
//! another (SP13, H-09).

use symbolon_contract::{ConnectorId, TenantSlug};

use super::SamlSettings;

/// The addresses of one connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamlAddresses {
    /// Our entity id towards its identity provider.
    pub entity_id: String,
    /// Our metadata.
    pub metadata_url: String,
    /// Where responses are posted to: the assertion consumer service.
    pub acs_url: String,
    /// Where logout messages go.
    pub logout_url: String,
    /// The page with everything that the identity provider's admin needs.
    pub page_url: String,
}

impl SamlAddresses {
    /// The addresses of a connector of this tenant. `acs_path` is an old path that is its callback too (B8).
    #[must_use]
    pub fn of(
        public_url: &str,
        (tenant, connector): (&TenantSlug, &ConnectorId),
        settings: &SamlSettings,
        acs_path: Option<&str>,
    ) -> Self {
        let page_url = format!("{public_url}/t/{tenant}/saml/{connector}");
        let metadata_url = format!("{page_url}/metadata");
        Self {
            entity_id: settings.entity_id.clone().unwrap_or_else(|| metadata_url.clone()),
            metadata_url,
            acs_url: match acs_path {
                Some(path) => format!("{public_url}{path}"),
                None => format!("{page_url}/acs"),
            },
            logout_url: format!("{page_url}/slo"),
            page_url,
        }
    }
}
