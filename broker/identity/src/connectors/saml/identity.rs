//! The assertion that leaves: who the person is, and what was said of them.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use symbolon_saml::response::{Attribute, Check, NameId, VerifiedAssertion};
use symbolon_saml::{Fault, Refusal, names};

use super::machinery::SamlConnector;
use super::problem::SamlProblem;
use super::settings::{EmailTrust, SubjectSource, Vendor};
use crate::claims::saml as aliases;
use crate::connectors::assertion::{OnceOnly, UpstreamWishes};
use crate::connectors::entra::{DirectoryId, is_guid, subject as entra_subject};
use crate::connectors::{Assertion, ConnectorError, UpstreamLeg};
use crate::secrets::sha256_hex;

/// Longer subjects are no identifiers (SAML Core 8.3.7: at most 256 characters).
const LONGEST_SUBJECT: usize = 1024;

impl SamlConnector<'_> {
    pub(super) async fn assertion(
        &self,
        leg: Option<&UpstreamLeg>,
        (verified, checks): (VerifiedAssertion, Vec<Check>),
    ) -> Result<Assertion, ConnectorError> {
        self.must_be_recent(leg, &verified)?;
        let told = |refusal| {
            let mut checks = checks.clone();
            checks.push(failed(&refusal));
            let problem = SamlProblem { checks, ..SamlProblem::bare(refusal) };
            ConnectorError::Saml(Box::new(problem))
        };
        self.required(&verified.attributes).map_err(told)?;
        let subject = self.subject(&verified).map_err(told)?;
        let mut claims = raw_claims(&verified);
        let groups = self.complete_groups(&mut claims).await?;
        let name_id = &verified.name_id;
        Ok(Assertion {
            subject,
            email_proved: self.settings.trust_email == EmailTrust::Asserted,
            auth_time: Some(verified.authn_instant),
            amr: methods(&verified),
            acr: verified.authn_context,
            upstream_sid: verified.session_index,
            upstream_subject: None,
            logout_hint: Some(name_id_text(name_id)),
            logout_subject: Some(logout_subject(name_id)),
            session_ends_at: verified.session_not_on_or_after,
            once: Some(OnceOnly {
                hash: sha256_hex(
                    format!("{}\n{}\n{}", self.record.id, verified.issuer, verified.id).as_bytes(),
                ),
                until: verified.remember_until,
            }),
            warnings: self.warnings(verified.used_sha1),
            groups_to_remember: groups,
            groups_are_old: false,
            checks,
            issuer: verified.issuer,
            claims,
        })
    }

    /// SAML cannot ask for a `max_age`: with an older proof the person is sent once more, to prove themselves anew.
    fn must_be_recent(
        &self,
        leg: Option<&UpstreamLeg>,
        verified: &VerifiedAssertion,
    ) -> Result<(), ConnectorError> {
        let Some((leg, age)) = leg.and_then(|leg| Some((leg, leg.wishes.max_age?))) else {
            return Ok(());
        };
        let oldest = self.broker.clock.now() - TimeDelta::seconds(age.into());
        // A forced sign-in was judged as such (VA-12).
        if verified.authn_instant >= oldest || self.is_forced(leg) {
            return Ok(());
        }
        let refusal = Refusal::new(Fault::NotFresh, verified.authn_instant, oldest);
        Err(ConnectorError::OnceMore {
            wishes: Box::new(UpstreamWishes { fresh_sign_in: true, ..leg.wishes.clone() }),
            because: Box::new(refusal.into()),
        })
    }

    fn required(&self, attributes: &[Attribute]) -> Result<(), Refusal> {
        for (name, expected) in &self.settings.required_attributes {
            let seen = values(attributes, name).unwrap_or_default();
            if !seen.contains(expected) {
                let seen = format!("{name}: {}", seen.join(", "));
                return Err(Refusal::new(Fault::Attribute, seen, format!("{name}: {expected}")));
            }
        }
        Ok(())
    }

    fn subject(&self, verified: &VerifiedAssertion) -> Result<String, Refusal> {
        let vendor = self.settings.vendor();
        let subject = match &self.settings.subject {
            SubjectSource::Attribute { name } => one_value(&verified.attributes, name)?,
            SubjectSource::Vendor if vendor == Vendor::Entra => entra_person(&verified.attributes)?,
            SubjectSource::Vendor | SubjectSource::NameId => lasting(&verified.name_id)?,
        };
        if subject.is_empty()
            || subject.len() > LONGEST_SUBJECT
            || subject.contains(char::is_control)
        {
            let seen = format!("a subject of {} bytes", subject.len());
            return Err(Refusal::new(Fault::Subject, seen, "an identifier of at most 1024 bytes"));
        }
        Ok(subject)
    }
}

/// A rule of the settings that failed, beside those of the protocol.
fn failed(refusal: &Refusal) -> Check {
    let name = match refusal.fault {
        Fault::Attribute => "required_attributes",
        _ => "subject_source",
    };
    let (seen, expected) = (refusal.seen.clone(), refusal.expected.clone());
    Check { name, fault: Some(refusal.fault), seen, expected }
}

/// A NameID that means the same person next time (SAML Core 8.3.8 says of a transient one that it does not).
fn lasting(name_id: &NameId) -> Result<String, Refusal> {
    if name_id.format.as_deref() == Some(names::NAME_ID_TRANSIENT) {
        return Err(Refusal::new(
            Fault::Subject,
            "a transient NameID",
            "a persistent NameID, or an attribute that the settings name as the subject",
        ));
    }
    Ok(name_id.value.clone())
}

/// EI-12: directory and object id; NameID, e-mail and UPN may change hands.
fn entra_person(attributes: &[Attribute]) -> Result<String, Refusal> {
    let directory = one_value(attributes, aliases::ENTRA_TENANT_ID)?;
    let object = one_value(attributes, aliases::ENTRA_OBJECT_ID)?;
    match DirectoryId::parse(&directory).filter(|_| is_guid(&object)) {
        Some(directory) => Ok(entra_subject(&directory, &object)),
        None => Err(Refusal::new(
            Fault::Subject,
            "ids that are no GUIDs",
            "tenantid and objectidentifier",
        )),
    }
}

fn one_value(attributes: &[Attribute], name: &str) -> Result<String, Refusal> {
    match values(attributes, name).unwrap_or_default() {
        [value] => Ok(value.clone()),
        other => {
            let seen = format!("{} values of {name}", other.len());
            Err(Refusal::new(Fault::Subject, seen, "exactly one"))
        }
    }
}

fn values<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a [String]> {
    let found = attributes.iter().find(|attribute| attribute.name == name)?;
    Some(&found.values)
}

/// What rules and plugins see: each attribute under its own name, one value as text, several as a list; and what the
/// protocol says under names of ours.
fn raw_claims(verified: &VerifiedAssertion) -> Map<String, Value> {
    let mut claims = Map::new();
    for Attribute { name, values } in &verified.attributes {
        let value = match values.as_slice() {
            [one] => json!(one),
            several => json!(several),
        };
        claims.insert(name.clone(), value);
    }
    let name_id = &verified.name_id;
    for (name, value) in [
        ("iss", Some(&verified.issuer)),
        ("name_id", Some(&name_id.value)),
        ("name_id_format", name_id.format.as_ref()),
        ("authn_context", verified.authn_context.as_ref()),
        ("session_index", verified.session_index.as_ref()),
    ] {
        if let Some(value) = value {
            claims.insert(name.to_owned(), json!(value));
        }
    }
    claims
}

/// Methods in OpenID's words (RFC 8176), where SAML's say the same.
fn methods(verified: &VerifiedAssertion) -> Vec<String> {
    let stated = values(&verified.attributes, aliases::ENTRA_METHODS).unwrap_or_default();
    let context = verified.authn_context.as_deref();
    let mut methods: Vec<String> = Vec::new();
    for word in stated.iter().map(String::as_str).chain(context).filter_map(aliases::method) {
        if !methods.iter().any(|known| known == word) {
            methods.push(word.to_owned());
        }
    }
    methods
}

/// The NameID as our own logout request must return it: whole (SAML Core 3.7.1).
pub(super) fn name_id_text(name_id: &NameId) -> String {
    let NameId { value, format, name_qualifier, sp_name_qualifier } = name_id;
    json!([value, format, name_qualifier, sp_name_qualifier]).to_string()
}

/// Reads it back.
pub(super) fn name_id_of(text: &str) -> Option<NameId> {
    let (value, format, name_qualifier, sp_name_qualifier) = serde_json::from_str(text).ok()?;
    Some(NameId { value, format, name_qualifier, sp_name_qualifier })
}

/// What sessions are found by when the identity provider names a person: the value alone, because qualifiers may be
/// left out where they are known from the context (SAML Core 3.7.1, 2.2.2).
pub(crate) fn logout_subject(name_id: &NameId) -> String {
    sha256_hex(name_id.value.as_bytes())
}
