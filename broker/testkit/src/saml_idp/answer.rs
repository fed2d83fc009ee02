//! From a person and a request to a signed, perhaps encrypted, perhaps broken response.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Document;

use super::assertion::Plan;
use super::attributes::{attributes, name_id};
use super::encrypt::encrypted_assertion;
use super::misbehaviour::Misbehaviour;
use super::names::{ASSERTION, Style, fresh_id};
use super::settings::{Encryption, SessionIndex, Settings, Sign, StatusError, Vendor};
use super::world::{Answer, OpenSession, Pending, World, remember};
use super::{attacks, names};
use crate::keys::KeyError;
use crate::provider::ProviderUser;

/// The answer for this person; the session is remembered for a later logout.
pub(super) fn signed_in(
    world: &World,
    pending: &Pending,
    user: &ProviderUser,
    authn_instant: i64,
) -> Result<Answer, KeyError> {
    let settings = world.settings();
    if settings.has(&Misbehaviour::Replay)
        && let Some(last) = world.with(|state| state.last_answer.clone())
    {
        return Ok(last);
    }
    if let Some(status) = &settings.status {
        return refused(world, pending, status);
    }
    let mut plan = plan(world, pending, settings);
    plan.authn_instant = authn_instant;
    let asked = pending.request.as_ref().and_then(|request| request.name_id_format.as_deref());
    plan.name_id = name_id(&plan.settings, user, &plan.service_provider, asked);
    plan.attributes = attributes(&plan.settings, user);
    let open = OpenSession {
        subject: user.subject.clone(),
        service_provider: plan.service_provider.clone(),
        name_id: plan.name_id.clone(),
        session_index: plan.session_index.clone(),
    };
    let xml = signed(world, &plan, &pending.service_provider.encryption)?;
    let answer = finished(xml, &plan);
    world.with(|state| {
        remember(&mut state.open, open);
        state.last_answer = Some(answer.clone());
    });
    Ok(answer)
}

/// An answer without assertion: unsigned, as most send it (ER-1).
pub(super) fn refused(
    world: &World,
    pending: &Pending,
    status: &StatusError,
) -> Result<Answer, KeyError> {
    let plan = plan(world, pending, world.settings());
    let answer = finished(plan.response(Some(status)), &plan);
    world.with(|state| state.last_answer = Some(answer.clone()));
    Ok(answer)
}

fn plan(world: &World, pending: &Pending, settings: Settings) -> Plan {
    let assertion_id = if settings.has(&Misbehaviour::FixedAssertionId) {
        "_always_the_same".to_owned()
    } else {
        fresh_id()
    };
    let session_index = match &settings.session_index {
        // Entra's is the assertion's id.
        SessionIndex::Fresh if matches!(settings.vendor, Vendor::Entra { .. }) => {
            Some(assertion_id.clone())
        }
        SessionIndex::Fresh => Some(fresh_id()),
        SessionIndex::Fixed(index) => Some(index.clone()),
        SessionIndex::Missing => None,
    };
    Plan {
        style: Style::of(&settings.vendor),
        now: world.now(),
        issuer: world.entity_id(),
        service_provider: pending.service_provider.entity_id.clone(),
        acs_url: pending.acs_url.clone(),
        request: pending.request.clone(),
        in_response_to: pending.request.as_ref().map(|request| request.id.clone()),
        response_id: fresh_id(),
        assertion_id,
        name_id: super::NameId::default(),
        attributes: Vec::new(),
        authn_instant: world.now(),
        session_index,
        settings,
    }
}

/// Assertion signed, then encrypted, then the response signed; attacks where they can reach.
fn signed(world: &World, plan: &Plan, key: &Option<Vec<u8>>) -> Result<String, KeyError> {
    let settings = &plan.settings;
    let signer = world.signer()?;
    let mut xml = plan.response(None);
    if let Some(tamper) = &settings.tamper_before_signing {
        xml = tamper(xml);
    }
    if matches!(settings.sign, Sign::Assertion | Sign::Both) {
        xml = signer.sign_element(xml, &plan.assertion_id, settings.hash, plan.style)?;
    }
    let encryption = settings.encrypt.zip(key.as_ref());
    if let Some((how, key)) = encryption {
        xml = attacks::on_assertion(xml, settings);
        xml = encrypted(xml, key, how, plan.style)?;
    }
    if matches!(settings.sign, Sign::Response | Sign::Both) {
        xml = signer.sign_element(xml, &plan.response_id, settings.hash, plan.style)?;
    }
    if encryption.is_none() {
        xml = attacks::on_assertion(xml, settings);
    }
    Ok(xml)
}

/// The response with its assertions encrypted, each by itself.
fn encrypted(xml: String, key: &[u8], how: Encryption, style: Style) -> Result<String, KeyError> {
    let Ok(document) = Document::parse(&xml) else {
        return Ok(xml);
    };
    let mut out = xml.clone();
    let all: Vec<_> = document
        .root_element()
        .children()
        .filter(|node| node.has_tag_name((ASSERTION, "Assertion")))
        .map(|node| node.range())
        .collect();
    for range in all.into_iter().rev() {
        let plain = xml.get(range.clone()).unwrap_or_default();
        let closed = encrypted_assertion(plain, key, how, style).map_err(|_| KeyError::Generate)?;
        out.replace_range(range, &closed);
    }
    Ok(out)
}

/// Last changes and base64.
fn finished(xml: String, plan: &Plan) -> Answer {
    let settings = &plan.settings;
    let mut xml = attacks::on_document(xml, settings);
    if let Some(tamper) = &settings.tamper {
        xml = tamper(xml);
    }
    let mut field = STANDARD.encode(&xml);
    if settings.base64_lines {
        field = in_lines(&field);
    }
    if settings.has(&Misbehaviour::NotBase64) {
        field.insert(0, '%');
    }
    let sent_to = settings.faults.iter().find_map(|fault| match fault {
        Misbehaviour::SentTo(url) => Some(url.clone()),
        _ => None,
    });
    Answer { acs_url: sent_to.unwrap_or_else(|| plan.acs_url.clone()), field, xml }
}

fn in_lines(base64: &str) -> String {
    let mut out = String::new();
    for (at, letter) in base64.chars().enumerate() {
        if at > 0 && at % 76 == 0 {
            out.push_str("\r\n");
        }
        out.push(letter);
    }
    out
}

/// Whether this format is one that Entra answers (EI-01).
pub(super) fn entra_knows(format: &str) -> bool {
    [names::PERSISTENT, names::EMAIL_ADDRESS, names::UNSPECIFIED, names::TRANSIENT]
        .contains(&format)
}
