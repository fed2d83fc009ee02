//! The identity provider's metadata (SAML Metadata 2.4.3), with its faults.

use actix_web::{HttpResponse, web};

use super::canonical::attribute;
use super::misbehaviour::Misbehaviour;
use super::names::{
    DSIG, EMAIL_ADDRESS, METADATA, PERSISTENT, POST, PROTOCOL, REDIRECT, Style, TRANSIENT,
    fresh_id, instant,
};
use super::settings::Vendor;
use super::world::World;
use crate::keys::KeyError;

const TWELVE_MEBIBYTES: usize = 12 * 1024 * 1024;

pub(super) async fn metadata(world: web::Data<World>) -> HttpResponse {
    world.count("metadata");
    let settings = world.settings();
    for fault in &settings.faults {
        match fault {
            Misbehaviour::MetadataDown => return HttpResponse::ServiceUnavailable().finish(),
            Misbehaviour::MetadataNotXml => {
                return HttpResponse::Ok()
                    .content_type("text/html; charset=utf-8")
                    .body("<!doctype html><title>Welcome</title><p>Please come back later.");
            }
            Misbehaviour::MetadataRedirect(to) => {
                return HttpResponse::Found().insert_header(("Location", to.as_str())).finish();
            }
            _ => {}
        }
    }
    match document(&world) {
        Ok(xml) => HttpResponse::Ok().content_type("application/samlmetadata+xml").body(xml),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// The document as it is now.
pub(super) fn document(world: &World) -> Result<String, KeyError> {
    let settings = world.settings();
    let id = fresh_id();
    let mut opening = format!(" ID=\"{id}\"");
    if let Some(duration) = &settings.metadata_cache_duration {
        opening.push_str(&format!(" cacheDuration=\"{}\"", attribute(duration)));
    }
    let entity_id = if settings.has(&Misbehaviour::MetadataOtherEntity) {
        "https://other.example/entity".to_owned()
    } else {
        world.entity_id()
    };
    opening.push_str(&format!(" entityID=\"{}\"", attribute(&entity_id)));
    if let Some(seconds) = settings.metadata_valid_for {
        let until = instant(world.now() + seconds, &settings.vendor);
        opening.push_str(&format!(" validUntil=\"{until}\""));
    }
    let mut inside = role(world);
    if matches!(settings.vendor, Vendor::Entra { .. } | Vendor::Adfs) {
        inside.insert_str(0, &security_token_service(world));
    }
    if settings.has(&Misbehaviour::MetadataHuge) {
        inside.push_str(&format!("<!--{}-->", "x".repeat(TWELVE_MEBIBYTES)));
    }
    let mut xml = format!(
        "<md:EntityDescriptor xmlns:md=\"{METADATA}\"{opening}>{inside}</md:EntityDescriptor>"
    );
    if settings.sign_metadata {
        let style = Style::of(&settings.vendor);
        xml = world.signer()?.sign_element(xml, &id, settings.hash, style)?;
    }
    if settings.has(&Misbehaviour::MetadataAggregate) {
        let other = format!(
            "<md:EntityDescriptor entityID=\"https://other.example/entity\">{}</md:EntityDescriptor>",
            role(world)
        );
        xml = format!(
            "<md:EntitiesDescriptor xmlns:md=\"{METADATA}\">{other}{xml}</md:EntitiesDescriptor>"
        );
    }
    Ok(xml)
}

fn keys(world: &World) -> String {
    if world.settings().has(&Misbehaviour::MetadataWithoutCertificate) {
        return String::new();
    }
    let one = |certificate: String| {
        format!(
            "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"{DSIG}\"><ds:X509Data>\
<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )
    };
    world.published().iter().map(|signer| one(signer.certificate_base64())).collect()
}

fn role(world: &World) -> String {
    let settings = world.settings();
    let base = world.base();
    let wants =
        if settings.wants_signed_requests { " WantAuthnRequestsSigned=\"true\"" } else { "" };
    let endpoint = |name: &str, binding: &str, path: &str| {
        format!("<md:{name} Binding=\"{binding}\" Location=\"{base}{path}\"></md:{name}>")
    };
    let logout = match settings.vendor {
        Vendor::Google => String::new(),
        Vendor::Entra { .. } => endpoint("SingleLogoutService", REDIRECT, "/slo"),
        Vendor::Generic | Vendor::Adfs | Vendor::Okta => [
            endpoint("SingleLogoutService", REDIRECT, "/slo"),
            endpoint("SingleLogoutService", POST, "/slo"),
        ]
        .concat(),
    };
    let formats: String = [EMAIL_ADDRESS, PERSISTENT, TRANSIENT]
        .iter()
        .map(|format| format!("<md:NameIDFormat>{format}</md:NameIDFormat>"))
        .collect();
    format!(
        "<md:IDPSSODescriptor{wants} protocolSupportEnumeration=\"{PROTOCOL}\">{keys}{logout}{formats}{redirect}{post}\
</md:IDPSSODescriptor>",
        keys = keys(world),
        redirect = endpoint("SingleSignOnService", REDIRECT, "/sso"),
        post = endpoint("SingleSignOnService", POST, "/sso"),
    )
}

/// The role that Microsoft's metadata holds beside the one of SAML; to be passed over.
fn security_token_service(world: &World) -> String {
    format!(
        "<md:RoleDescriptor xmlns:fed=\"http://docs.oasis-open.org/wsfed/federation/200706\" \
xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\" \
xsi:type=\"fed:SecurityTokenServiceType\">{}</md:RoleDescriptor>",
        keys(world)
    )
}
