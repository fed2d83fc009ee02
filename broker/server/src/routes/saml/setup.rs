//! `GET /t/{tenant}/saml/{connector}`: what the identity provider's admin enters there. Public, because nothing of it
//! is secret and that admin has no account here.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Path;
use symbolon_identity::admin::{self, AdminError, ProductGuide, SamlSetup, saml_guide};
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::refuse_request;

use crate::errors::PageError;
use crate::extract::AtTenant;
use crate::pages::{CopyCertificate, CopyValue, LineFacts, ProductSteps, SamlSetupPage, StepFacts};
use crate::routes::login::pages::{connector_in, unknown_connector};
use crate::routes::respond;

const ENTITY_ID: &str =
    "Also called Identifier, Audience URI, SP Entity ID, relying party identifier, or client ID.";
const ACS_URL: &str = "Also called Reply URL or Single sign-on URL. Responses are posted here.";
const LOGOUT_URL: &str = "Where logout messages go, by redirect or by POST. Leave it out if the identity provider has none.";
const METADATA_URL: &str =
    "Holds everything on this page, signed. Read it again when our keys change.";
const SIGNING: &str = "Verifies our requests and logout messages.";
const ENCRYPTION: &str = "Encrypts assertions for us, if you want that.";

pub(super) async fn page(
    at: AtTenant,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let setup = read(&at, &path.into_inner().1).await?;
    respond::page(&at.state, &filled(&at, setup), &[])
}

/// The signing certificate as a file.
pub(super) async fn signing(
    at: AtTenant,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let setup = read(&at, &path.into_inner().1).await?;
    Ok(file(&file_name(&at, &setup, "signing.cer"), setup.signing_certificate))
}

/// The encryption certificate as a file.
pub(super) async fn encryption(
    at: AtTenant,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let setup = read(&at, &path.into_inner().1).await?;
    Ok(file(&file_name(&at, &setup, "encryption.cer"), setup.encryption_certificate))
}

async fn read(at: &AtTenant, connector: &str) -> Result<SamlSetup, PageError> {
    let connector = connector_in(at, connector).await?;
    match admin::saml_setup(&at.state.broker, &at.tenant, &connector).await {
        Ok(setup) => Ok(setup),
        Err(AdminError::NotFound { .. }) => Err(unknown_connector(at).await),
        Err(error) => {
            let error = OauthError::new(error.reason(), error.to_string());
            let broker = &at.state.broker;
            let refused = refuse_request(broker, Some(&at.tenant), &at.visit, error, None).await;
            Err(PageError::new(&at.state, Some(&at.tenant), refused))
        }
    }
}

/// Both parts of the name are slugs, so it needs no quoting.
fn file_name(at: &AtTenant, setup: &SamlSetup, what: &str) -> String {
    format!("{}-{}-{what}", at.tenant.slug, setup.connector)
}

fn file(name: &str, pem: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/x-pem-file"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(pem)
}

fn filled(at: &AtTenant, setup: SamlSetup) -> SamlSetupPage {
    let products = saml_guide(&setup).into_iter().enumerate();
    let products = products.map(|(place, guide)| steps(guide, place == 0)).collect();
    let value =
        |id, label, hint, value: &str| CopyValue { id, label, hint, value: value.to_owned() };
    let certificate = |id, (label, hint), file, pem: &str| CopyCertificate {
        id,
        label,
        hint,
        pem: pem.to_owned(),
        href: format!("{}/{id}.cer", setup.page_url),
        file: file_name(at, &setup, file),
    };
    SamlSetupPage {
        tenant_name: at.tenant.display_name.clone(),
        values: vec![
            value("entity-id", "Entity ID", ENTITY_ID, &setup.entity_id),
            value("acs-url", "ACS URL", ACS_URL, &setup.acs_url),
            value("logout-url", "Single logout URL", LOGOUT_URL, &setup.logout_url),
            value("metadata-url", "Metadata URL", METADATA_URL, &setup.metadata_url),
        ],
        metadata_file: file_name(at, &setup, "metadata.xml"),
        certificates: vec![
            certificate(
                "signing-certificate",
                ("Signing certificate", SIGNING),
                "signing.cer",
                &setup.signing_certificate,
            ),
            certificate(
                "encryption-certificate",
                ("Encryption certificate", ENCRYPTION),
                "encryption.cer",
                &setup.encryption_certificate,
            ),
        ],
        products,
        metadata_url: setup.metadata_url,
        connector: setup.connector.to_string(),
        name_id_format: setup.name_id_format,
        requests_signed: setup.requests_signed,
    }
}

fn steps(guide: ProductGuide, open: bool) -> ProductSteps {
    let line = |line: admin::ProductLine| LineFacts { text: line.text.into(), value: line.value };
    let step = |step: admin::ProductStep| StepFacts {
        place: step.place.into(),
        lines: step.lines.into_iter().map(line).collect(),
    };
    ProductSteps {
        id: guide.product.into(),
        name: guide.name.into(),
        open,
        steps: guide.steps.into_iter().map(step).collect(),
    }
}
