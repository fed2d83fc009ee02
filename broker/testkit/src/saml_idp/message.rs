//! Protocol messages as they arrive: the two bindings, and reading them into what tests ask about.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use flate2::{Compression, write::DeflateEncoder};
use roxmltree::{Document, Node};

use super::names::{ASSERTION, PROTOCOL};
use super::service_provider::{ServiceProviderEntry, decoded};
use super::settings::{Binding, NameId};
use crate::provider::Fields;

/// A message out of its binding.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    /// `SAMLRequest` or `SAMLResponse`.
    pub(super) parameter: &'static str,
    pub(super) binding: Binding,
    pub(super) xml: String,
    pub(super) relay_state: Option<String>,
    signature: Option<QuerySignature>,
}

/// A signature of the redirect binding (SAML Bindings 3.4.4.1): over the octets that came.
#[derive(Clone, Debug)]
struct QuerySignature {
    octets: String,
    algorithm: String,
    value: Vec<u8>,
}

/// An AuthnRequest that came (SAML Core 3.4.1).
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    /// `ID`
    pub id: String,
    /// `Issuer`
    pub issuer: String,
    /// `Destination`
    pub destination: Option<String>,
    /// `AssertionConsumerServiceURL`
    pub acs_url: Option<String>,
    /// `ProtocolBinding`
    pub protocol_binding: Option<String>,
    /// `ForceAuthn`
    pub force_authn: bool,
    /// `IsPassive`
    pub is_passive: bool,
    /// Whether there is a NameIDPolicy.
    pub has_name_id_policy: bool,
    /// Its `Format`.
    pub name_id_format: Option<String>,
    /// Its `AllowCreate`.
    pub allow_create: Option<bool>,
    /// The context classes of RequestedAuthnContext.
    pub contexts: Vec<String>,
    /// Its `Comparison`.
    pub comparison: Option<String>,
    /// How it came.
    pub binding: Binding,
    /// `RelayState`
    pub relay_state: Option<String>,
    /// The query parameter `login_hint`, which Entra knows.
    pub login_hint: Option<String>,
    /// Whether it carries a signature.
    pub is_signed: bool,
    /// Whether that is the service provider's; `None` without a signature or without known certificates.
    pub signature_verifies: Option<bool>,
    /// The document.
    pub xml: String,
}

/// A LogoutRequest that came (SAML Core 3.7.1).
#[derive(Clone, Debug)]
pub struct ReceivedLogout {
    /// `ID`
    pub id: String,
    /// `Issuer`
    pub issuer: String,
    /// `Destination`
    pub destination: Option<String>,
    /// `NameID`
    pub name_id: NameId,
    /// Every `SessionIndex`.
    pub session_indexes: Vec<String>,
    /// How it came.
    pub binding: Binding,
    /// `RelayState`
    pub relay_state: Option<String>,
    /// Whether it carries a signature.
    pub is_signed: bool,
    /// Whether that is the service provider's; `None` without a signature or without known certificates.
    pub signature_verifies: Option<bool>,
    /// The document.
    pub xml: String,
}

/// A LogoutResponse that came (SAML Core 3.7.2).
#[derive(Clone, Debug)]
pub struct ReceivedLogoutAnswer {
    /// `InResponseTo`
    pub in_response_to: Option<String>,
    /// `Issuer`
    pub issuer: String,
    /// The status codes, outermost first.
    pub status: Vec<String>,
    /// Whether it carries a signature.
    pub is_signed: bool,
    /// Whether that is the service provider's; `None` without a signature or without known certificates.
    pub signature_verifies: Option<bool>,
    /// The document.
    pub xml: String,
}

impl Envelope {
    /// From a raw query; the octets of a signature are kept as they came.
    pub(super) fn from_query(query: &str) -> Option<Self> {
        let raw = |name: &str| {
            query.split('&').find(|pair| pair.split('=').next() == Some(name)).map(str::to_owned)
        };
        let value = |name: &str| {
            let pair = raw(name)?;
            url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
        };
        let parameter = parameter_in(|name| raw(name).is_some())?;
        let mut xml = String::new();
        let packed = decoded(&value(parameter)?)?;
        DeflateDecoder::new(packed.as_slice()).take(1 << 20).read_to_string(&mut xml).ok()?;
        let signature =
            value("SigAlg").zip(value("Signature")).and_then(|(algorithm, signature)| {
                let parts = [raw(parameter), raw("RelayState"), raw("SigAlg")];
                let octets: Vec<String> = parts.into_iter().flatten().collect();
                Some(QuerySignature {
                    octets: octets.join("&"),
                    algorithm,
                    value: decoded(&signature)?,
                })
            });
        let relay_state = value("RelayState");
        Some(Self { parameter, binding: Binding::Redirect, xml, relay_state, signature })
    }

    /// From a form.
    pub(super) fn from_form(form: &Fields) -> Option<Self> {
        let parameter = parameter_in(|name| form.contains_key(name))?;
        let xml = String::from_utf8(decoded(form.get(parameter)?)?).ok()?;
        let relay_state = form.get("RelayState").cloned();
        Some(Self { parameter, binding: Binding::Post, xml, relay_state, signature: None })
    }

    pub(super) fn is_signed(&self) -> bool {
        let enveloped = Document::parse(&self.xml).is_ok_and(|document| {
            document.root_element().children().any(|one| one.tag_name().name() == "Signature")
        });
        self.signature.is_some() || (self.binding == Binding::Post && enveloped)
    }

    fn verifies(&self, from: Option<&ServiceProviderEntry>) -> Option<bool> {
        match &self.signature {
            Some(QuerySignature { octets, algorithm, value }) => {
                from?.verifies(algorithm, octets.as_bytes(), value)
            }
            None => from?.verifies_enveloped(&self.xml),
        }
    }

    /// As an AuthnRequest; `known` finds the issuer's entry.
    pub(super) fn authn_request(
        &self,
        known: impl Fn(&str) -> Option<ServiceProviderEntry>,
    ) -> Option<ReceivedRequest> {
        let document = Document::parse(&self.xml).ok()?;
        let root = document.root_element();
        if !root.has_tag_name((PROTOCOL, "AuthnRequest")) {
            return None;
        }
        let issuer = child_text(root, "Issuer")?;
        let own = |name: &str| root.attribute(name).map(str::to_owned);
        let policy = root.children().find(|node| node.has_tag_name((PROTOCOL, "NameIDPolicy")));
        let contexts =
            root.children().find(|n| n.has_tag_name((PROTOCOL, "RequestedAuthnContext")));
        let classes = contexts.iter().flat_map(Node::children);
        Some(ReceivedRequest {
            id: own("ID")?,
            destination: own("Destination"),
            acs_url: own("AssertionConsumerServiceURL"),
            protocol_binding: own("ProtocolBinding"),
            force_authn: is_true(root.attribute("ForceAuthn")),
            is_passive: is_true(root.attribute("IsPassive")),
            has_name_id_policy: policy.is_some(),
            name_id_format: policy.and_then(|node| node.attribute("Format")).map(str::to_owned),
            allow_create: policy
                .and_then(|node| node.attribute("AllowCreate"))
                .map(|value| is_true(Some(value))),
            contexts: classes
                .filter(|node| node.has_tag_name((ASSERTION, "AuthnContextClassRef")))
                .filter_map(|node| node.text())
                .map(|text| text.trim().to_owned())
                .collect(),
            comparison: contexts.and_then(|node| node.attribute("Comparison")).map(str::to_owned),
            binding: self.binding,
            relay_state: self.relay_state.clone(),
            login_hint: None,
            is_signed: self.is_signed(),
            signature_verifies: self.verifies(known(&issuer).as_ref()),
            issuer,
            xml: self.xml.clone(),
        })
    }

    /// As a LogoutRequest.
    pub(super) fn logout_request(
        &self,
        known: impl Fn(&str) -> Option<ServiceProviderEntry>,
    ) -> Option<ReceivedLogout> {
        let document = Document::parse(&self.xml).ok()?;
        let root = document.root_element();
        if !root.has_tag_name((PROTOCOL, "LogoutRequest")) {
            return None;
        }
        let issuer = child_text(root, "Issuer")?;
        let name_id = root.children().find(|node| node.has_tag_name((ASSERTION, "NameID")))?;
        let own = |name: &str| name_id.attribute(name).map(str::to_owned);
        let indexes = root.children().filter(|n| n.has_tag_name((PROTOCOL, "SessionIndex")));
        Some(ReceivedLogout {
            id: root.attribute("ID")?.to_owned(),
            destination: root.attribute("Destination").map(str::to_owned),
            name_id: NameId {
                value: name_id.text().unwrap_or_default().to_owned(),
                format: own("Format"),
                name_qualifier: own("NameQualifier"),
                sp_name_qualifier: own("SPNameQualifier"),
            },
            session_indexes: indexes.filter_map(|n| n.text()).map(str::to_owned).collect(),
            binding: self.binding,
            relay_state: self.relay_state.clone(),
            is_signed: self.is_signed(),
            signature_verifies: self.verifies(known(&issuer).as_ref()),
            issuer,
            xml: self.xml.clone(),
        })
    }

    /// As a LogoutResponse.
    pub(super) fn logout_answer(
        &self,
        known: impl Fn(&str) -> Option<ServiceProviderEntry>,
    ) -> Option<ReceivedLogoutAnswer> {
        let document = Document::parse(&self.xml).ok()?;
        let root = document.root_element();
        if !root.has_tag_name((PROTOCOL, "LogoutResponse")) {
            return None;
        }
        let issuer = child_text(root, "Issuer")?;
        let codes = root.descendants().filter(|n| n.has_tag_name((PROTOCOL, "StatusCode")));
        Some(ReceivedLogoutAnswer {
            in_response_to: root.attribute("InResponseTo").map(str::to_owned),
            status: codes.filter_map(|n| n.attribute("Value")).map(str::to_owned).collect(),
            is_signed: self.is_signed(),
            signature_verifies: self.verifies(known(&issuer).as_ref()),
            issuer,
            xml: self.xml.clone(),
        })
    }
}

fn parameter_in(has: impl Fn(&str) -> bool) -> Option<&'static str> {
    ["SAMLRequest", "SAMLResponse"].into_iter().find(|name| has(name))
}

fn child_text(node: Node<'_, '_>, name: &'static str) -> Option<String> {
    let child = node.children().find(|child| child.has_tag_name((ASSERTION, name)))?;
    Some(child.text()?.trim().to_owned())
}

/// xs:boolean.
fn is_true(value: Option<&str>) -> bool {
    matches!(value, Some("true" | "1"))
}

/// DEFLATE and base64 of the redirect binding (SAML Bindings 3.4.4.1).
pub(super) fn packed(xml: &str) -> std::io::Result<String> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    std::io::Write::write_all(&mut encoder, xml.as_bytes())?;
    Ok(STANDARD.encode(encoder.finish()?))
}
