//! The steps at the identity provider, product by product, in the words of each product and with our values filled in.
//!
//! Owns: what an admin does there. Does not own: the values (`saml`), or how the steps are shown.

mod microsoft;
mod open_source;
mod others;

use schemars::JsonSchema;
use serde::Serialize;

use super::SamlSetup;
use crate::connectors::saml::Vendor;

/// What is done at one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProductGuide {
    /// A short name.
    pub product: &'static str,
    /// Its name.
    pub name: &'static str,
    /// In order.
    pub steps: Vec<ProductStep>,
}

/// One place at a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProductStep {
    /// Where: the menu's words.
    pub place: &'static str,
    /// What to do there.
    pub lines: Vec<ProductLine>,
}

/// A line: a field with its value, or a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProductLine {
    /// The field's name there, or what to do.
    pub text: &'static str,
    /// What to enter.
    pub value: Option<String>,
}

/// The steps for every product that is known, the connector's own first.
#[must_use]
pub fn saml_guide(setup: &SamlSetup) -> Vec<ProductGuide> {
    let mut guides = vec![
        microsoft::entra(setup),
        microsoft::adfs(setup),
        others::okta(setup),
        others::google(setup),
        open_source::keycloak(setup),
        open_source::shibboleth(setup),
    ];
    let own = match setup.vendor {
        Vendor::Entra => "entra",
        Vendor::Adfs => "adfs",
        Vendor::Okta => "okta",
        Vendor::Google => "google",
        Vendor::Generic => "keycloak",
    };
    guides.sort_by_key(|guide| guide.product != own);
    guides
}

fn step(place: &'static str, lines: Vec<ProductLine>) -> ProductStep {
    ProductStep { place, lines }
}

fn say(text: &'static str) -> ProductLine {
    ProductLine { text, value: None }
}

fn enter(text: &'static str, value: impl Into<String>) -> ProductLine {
    ProductLine { text, value: Some(value.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(vendor: Vendor) -> SamlSetup {
        SamlSetup {
            connector: symbolon_contract::ConnectorId::parse("work").unwrap(),
            display_name: "Work".into(),
            vendor,
            entity_id: "https://id.example/entity".into(),
            acs_url: "https://id.example/acs".into(),
            logout_url: "https://id.example/slo".into(),
            metadata_url: "https://id.example/metadata".into(),
            page_url: "https://id.example/page".into(),
            signing_certificate: "PEM".into(),
            encryption_certificate: "PEM".into(),
            requests_signed: true,
            name_id_format: None,
            identity_provider: "https://idp.example".into(),
        }
    }

    #[test]
    fn feat_ux3_the_connectors_own_product_comes_first_and_none_is_missing() {
        for (vendor, first) in [
            (Vendor::Entra, "entra"),
            (Vendor::Adfs, "adfs"),
            (Vendor::Okta, "okta"),
            (Vendor::Google, "google"),
            (Vendor::Generic, "keycloak"),
        ] {
            let guides = saml_guide(&setup(vendor));
            assert_eq!(guides.first().unwrap().product, first);
            assert_eq!(guides.len(), 6);
        }
    }

    #[test]
    fn feat_ux3_every_product_is_told_our_values() {
        for guide in saml_guide(&setup(Vendor::Generic)) {
            let lines = guide.steps.iter().flat_map(|step| &step.lines);
            let values: Vec<&str> = lines.filter_map(|line| line.value.as_deref()).collect();
            let by_metadata = values.contains(&"https://id.example/metadata");
            let by_hand = values.contains(&"https://id.example/entity")
                && values.contains(&"https://id.example/acs");
            assert!(by_metadata || by_hand, "{}", guide.product);
        }
    }

    #[test]
    fn saml_oi3_google_is_promised_neither_logout_nor_encryption() {
        let guides = saml_guide(&setup(Vendor::Google));
        let values = guides.first().unwrap().steps.iter().flat_map(|step| &step.lines);
        assert!(
            !values.into_iter().any(|line| line.value.as_deref() == Some("https://id.example/slo"))
        );
    }
}
