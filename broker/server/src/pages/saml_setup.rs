//! What the admin of a SAML identity provider enters there: a page for somebody who has no account here.

use serde::Serialize;

use super::Page;

/// Values to copy, and the steps at each product with these values filled in (N12).
#[derive(Debug, Clone, Serialize)]
pub struct SamlSetupPage {
    /// Whose sign-in it is.
    pub tenant_name: String,
    /// The connector.
    pub connector: String,
    /// Short values.
    pub values: Vec<CopyValue>,
    /// Our metadata.
    pub metadata_url: String,
    /// The name of the saved metadata.
    pub metadata_file: String,
    /// Signing and encryption.
    pub certificates: Vec<CopyCertificate>,
    /// The NameID that is asked for; any but a transient one when none is.
    pub name_id_format: Option<String>,
    /// Whether our requests are signed.
    pub requests_signed: bool,
    /// The steps, product by product.
    pub products: Vec<ProductSteps>,
}

/// A short value to copy.
#[derive(Debug, Clone, Serialize)]
pub struct CopyValue {
    /// Its id on the page.
    pub id: &'static str,
    /// Its name.
    pub label: &'static str,
    /// What products call it.
    pub hint: &'static str,
    /// It.
    pub value: String,
}

/// A certificate to copy or to save.
#[derive(Debug, Clone, Serialize)]
pub struct CopyCertificate {
    /// Its id on the page.
    pub id: &'static str,
    /// Its name.
    pub label: &'static str,
    /// What it is for.
    pub hint: &'static str,
    /// As PEM.
    pub pem: String,
    /// Where it is as a file.
    pub href: String,
    /// The file's name.
    pub file: String,
}

/// The steps at one product.
#[derive(Debug, Clone, Serialize)]
pub struct ProductSteps {
    /// A short name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Shown at once: the product that this connector is for.
    pub open: bool,
    /// In order.
    pub steps: Vec<StepFacts>,
}

/// One place at a product.
#[derive(Debug, Clone, Serialize)]
pub struct StepFacts {
    /// Where.
    pub place: String,
    /// What to do there.
    pub lines: Vec<LineFacts>,
}

/// A field with its value, or a sentence.
#[derive(Debug, Clone, Serialize)]
pub struct LineFacts {
    /// The field, or the sentence.
    pub text: String,
    /// What to enter.
    pub value: Option<String>,
}

impl Page for SamlSetupPage {
    const TEMPLATE: &'static str = "saml/setup";

    const COPIES: bool = true;

    fn title(&self) -> String {
        format!("SAML values of {}", self.connector)
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let base = "https://id.example/t/contoso/saml/work";
        let value = |id, label, value: &str| CopyValue {
            id,
            label,
            hint: "Also called Identifier.",
            value: value.to_owned(),
        };
        let certificate = |id, label| CopyCertificate {
            id,
            label,
            hint: "Verifies our requests.",
            pem: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".into(),
            href: format!("{base}/{id}.cer"),
            file: format!("contoso-work-{id}.cer"),
        };
        let line = |text: &str, value: Option<&str>| LineFacts {
            text: text.to_owned(),
            value: value.map(str::to_owned),
        };
        let product = |id: &str, name: &str, open| ProductSteps {
            id: id.to_owned(),
            name: name.to_owned(),
            open,
            steps: vec![StepFacts {
                place: "Single sign-on > SAML".into(),
                lines: vec![
                    line("Reply URL", Some("https://id.example/t/contoso/saml/work/acs")),
                    line("Leave Relay State empty.", None),
                ],
            }],
        };
        let entra = Self {
            tenant_name: "Contoso <b>".into(),
            connector: "work".into(),
            values: vec![
                value("entity-id", "Entity ID", &format!("{base}/metadata")),
                value("acs-url", "ACS URL", &format!("{base}/acs")),
                value("logout-url", "Single logout URL", &format!("{base}/slo")),
                value("metadata-url", "Metadata URL", &format!("{base}/metadata")),
            ],
            metadata_url: format!("{base}/metadata"),
            metadata_file: "contoso-work-metadata.xml".into(),
            certificates: vec![
                certificate("signing-certificate", "Signing certificate"),
                certificate("encryption-certificate", "Encryption certificate"),
            ],
            name_id_format: None,
            requests_signed: true,
            products: vec![
                product("entra", "Microsoft Entra ID", true),
                product("okta", "Okta", false),
            ],
        };
        let plain = Self {
            name_id_format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".into()),
            requests_signed: false,
            products: Vec::new(),
            ..entra.clone()
        };
        vec![("entra", entra), ("plain", plain)]
    }
}
