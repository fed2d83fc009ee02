//! What an entity says of its role as an identity provider (SAML Metadata 2.4.3).

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::Node;
use url::Url;

use super::{Endpoint, IdentityProviderMetadata, duration};
use crate::certificate::Certificate;
use crate::fault::{Fault, Refusal, shorten};
use crate::names;
use crate::xml::{self, children, plain_attribute};

/// The longest entity id (ME-11).
const LONGEST_ENTITY_ID: usize = 256;
/// The most signing certificates: each may be tried in each sign-in.
const MOST_CERTIFICATES: usize = 100;
/// The most endpoints and formats of each kind that are kept.
const MOST_ENTRIES: usize = 100;
/// How far ahead signed metadata may be valid: whoever keeps an old copy could serve it until then (ME-8).
const FURTHEST: TimeDelta = TimeDelta::days(400);

/// The role of a SAML 2.0 identity provider, if the entity has it. Other roles, and those of other protocols, stand
/// beside it in real documents (ME-4).
pub(super) fn identity_provider<'a, 'i>(entity: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    let speaks_saml2 = |role: &Node<'_, '_>| {
        let protocols = plain_attribute(*role, "protocolSupportEnumeration").unwrap_or_default();
        protocols.split_ascii_whitespace().any(|protocol| protocol == names::PROTOCOL)
    };
    children(entity, names::METADATA, "IDPSSODescriptor").find(speaks_saml2)
}

pub(super) fn read(
    entity: Node<'_, '_>,
    now: DateTime<Utc>,
    is_signed: bool,
) -> Result<IdentityProviderMetadata, Refusal> {
    let entity_id = entity_id(entity)?;
    let role = identity_provider(entity).ok_or_else(|| {
        Refusal::new(Fault::Metadata, role_names(entity), "the role IDPSSODescriptor for SAML 2.0")
    })?;
    let validity = Validity::of(role)?;
    validity.check(now, is_signed)?;
    let (certificates, skipped_certificates) = certificates(role)?;
    let sign_on = endpoints(role, "SingleSignOnService");
    if sign_on.is_empty() {
        let expected = "a SingleSignOnService for redirect or POST";
        return Err(Refusal::new(Fault::Metadata, "no usable sign-on address", expected));
    }
    let formats = children(role, names::METADATA, "NameIDFormat").map(|node| text(node));
    Ok(IdentityProviderMetadata {
        entity_id,
        sign_on,
        logout: endpoints(role, "SingleLogoutService"),
        certificates,
        skipped_certificates,
        want_signed_requests: is_true(plain_attribute(role, "WantAuthnRequestsSigned")),
        name_id_formats: formats.filter(|format| !format.is_empty()).take(MOST_ENTRIES).collect(),
        valid_until: validity.until,
        cache_for: validity.cache_for,
        display_name: display_name(entity),
        error_url: plain_attribute(role, "errorURL").and_then(location),
        verified_by: None,
    })
}

/// The entity id, exactly as written (ME-12).
fn entity_id(entity: Node<'_, '_>) -> Result<String, Refusal> {
    let id = plain_attribute(entity, "entityID").unwrap_or_default();
    // Metadata for any tenant of Entra has a placeholder for it: no assertion is ever issued in that name (EI-13).
    let is_placeholder = id.contains(['{', '}']);
    if id.trim().is_empty() || is_placeholder || id.chars().count() > LONGEST_ENTITY_ID {
        let expected = format!("an entity id of at most {LONGEST_ENTITY_ID} characters");
        return Err(Refusal::new(Fault::Metadata, id, expected));
    }
    Ok(id.to_owned())
}

fn role_names(entity: Node<'_, '_>) -> String {
    let roles = entity.children().filter(|child| {
        child.is_element()
            && child.tag_name().namespace() == Some(names::METADATA)
            && child.tag_name().name().ends_with("Descriptor")
    });
    let names: Vec<_> = roles.map(|role| role.tag_name().name()).take(8).collect();
    if names.is_empty() { "no role".to_owned() } else { names.join(", ") }
}

/// Until when metadata counts and how long it may be kept, over an element and all that it stands in.
#[derive(Debug, Default)]
pub(super) struct Validity {
    until: Option<DateTime<Utc>>,
    cache_for: Option<TimeDelta>,
}

impl Validity {
    /// The earliest and the shortest count. A `validUntil` that cannot be read refuses, because it may have passed; a
    /// `cacheDuration` is only advice.
    pub(super) fn of(node: Node<'_, '_>) -> Result<Self, Refusal> {
        let mut validity = Self::default();
        for level in node.ancestors().filter(Node::is_element) {
            if let Some(text) = plain_attribute(level, "validUntil") {
                let until = xml::date_time(text).ok_or_else(|| {
                    Refusal::new(Fault::Metadata, format_args!("validUntil {text}"), "a time")
                })?;
                validity.until = Some(validity.until.map_or(until, |other| other.min(until)));
            }
            if let Some(kept) = plain_attribute(level, "cacheDuration").and_then(duration::parse) {
                let shortest = validity.cache_for.map_or(kept, |other| other.min(kept));
                validity.cache_for = Some(shortest);
            }
        }
        Ok(validity)
    }

    /// Refuses what has expired and, of signed documents, what is valid for too long.
    pub(super) fn check(&self, now: DateTime<Utc>, is_signed: bool) -> Result<(), Refusal> {
        let Some(until) = self.until else { return Ok(()) };
        if until <= now {
            let seen = format!("metadata that expired at {until}");
            return Err(Refusal::new(Fault::Metadata, seen, format_args!("later than {now}")));
        }
        if is_signed && until.signed_duration_since(now) > FURTHEST {
            let seen = format!("metadata that is valid until {until}");
            let expected = format!("at most {} days ahead", FURTHEST.num_days());
            return Err(Refusal::new(Fault::Metadata, seen, expected));
        }
        Ok(())
    }
}

/// Every certificate that may verify, and how many cannot be used. A key without `use` serves both purposes (ME-5);
/// of several certificates in one X509Data the first is the key's and the others are its chain, whose keys must not
/// be trusted (XML Signature 4.5.4).
fn certificates(role: Node<'_, '_>) -> Result<(Vec<Certificate>, usize), Refusal> {
    let signing = children(role, names::METADATA, "KeyDescriptor")
        .filter(|key| plain_attribute(*key, "use").is_none_or(|key_use| key_use == "signing"));
    let data = signing
        .flat_map(|key| children(key, names::DSIG, "KeyInfo"))
        .flat_map(|info| children(info, names::DSIG, "X509Data"));
    let encoded =
        data.filter_map(|data| children(data, names::DSIG, "X509Certificate").next().map(text));
    let (mut usable, mut problems, mut known) = (Vec::new(), Vec::new(), HashSet::new());
    for (index, text) in encoded.enumerate() {
        if index >= MOST_CERTIFICATES {
            let expected = format!("at most {MOST_CERTIFICATES}");
            return Err(Refusal::new(Fault::Metadata, "too many signing certificates", expected));
        }
        match Certificate::from_base64(&text) {
            Ok(certificate) if !certificate.is_strong() => {
                problems.push(format!("a key that is too weak: {}", certificate.facts().key));
            }
            Ok(certificate) if !known.insert(certificate.facts().fingerprint.clone()) => {}
            Ok(certificate) => usable.push(certificate),
            Err(refusal) => problems.push(refusal.seen),
        }
    }
    if usable.is_empty() {
        let first = problems.first().map_or("no signing certificate", String::as_str);
        return Err(Refusal::new(Fault::Metadata, first, "a usable signing certificate"));
    }
    Ok((usable, problems.len()))
}

/// Endpoints for the two bindings that are spoken, in the order of the document. Those with an unusable address are
/// left out.
fn endpoints(role: Node<'_, '_>, name: &'static str) -> Vec<Endpoint> {
    let endpoint = |node: Node<'_, '_>| {
        let binding = plain_attribute(node, "Binding")?.trim();
        let known = [names::BINDING_REDIRECT, names::BINDING_POST].contains(&binding);
        Some(Endpoint {
            binding: known.then(|| binding.to_owned())?,
            location: plain_attribute(node, "Location").and_then(location)?,
            response_location: plain_attribute(node, "ResponseLocation").and_then(location),
        })
    };
    children(role, names::METADATA, name).filter_map(endpoint).take(MOST_ENTRIES).collect()
}

/// An absolute http(s) URL with a host, exactly as written but for space around it.
fn location(text: &str) -> Option<String> {
    let text = text.trim();
    let is_plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let url = Url::parse(text).ok().filter(|_| is_plain)?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
    is_http.then(|| text.to_owned())
}

/// The name for people: of the user interface, else of the organisation; English first.
pub(super) fn display_name(entity: Node<'_, '_>) -> Option<String> {
    let interface = identity_provider(entity)
        .into_iter()
        .flat_map(|role| children(role, names::METADATA, "Extensions"))
        .flat_map(|extensions| children(extensions, names::MDUI, "UIInfo"))
        .flat_map(|interface| children(interface, names::MDUI, "DisplayName"));
    let organisation = children(entity, names::METADATA, "Organization")
        .flat_map(|one| children(one, names::METADATA, "OrganizationDisplayName"));
    english_first(interface).or_else(|| english_first(organisation))
}

fn english_first<'a, 'i: 'a>(nodes: impl Iterator<Item = Node<'a, 'i>>) -> Option<String> {
    let is_english = |node: &Node<'_, '_>| {
        node.attribute((names::XML, "lang")).is_some_and(|language| language.starts_with("en"))
    };
    let named: Vec<_> = nodes.filter(|node| !text(*node).is_empty()).collect();
    let chosen = named.iter().find(|node| is_english(node)).or_else(|| named.first())?;
    Some(shorten(&text(*chosen)))
}

/// The whole text of an element, across comments, without space around it.
fn text(node: Node<'_, '_>) -> String {
    xml::trimmed(&xml::text(node)).to_owned()
}

fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| matches!(value.trim(), "true" | "1"))
}
