//! Names that an application brings: scopes, resources, claims, contacts.

use std::collections::BTreeSet;

use url::Url;

use super::super::{OpenidSettings, ReleasedClaim};
use crate::downstream::oidc::SCOPES;
use crate::mapping::{ClaimKind, claim_name, is_claim_name, kind_of};

const MOST: usize = 200;
const LONGEST: usize = 255;

/// Scopes that concern a person.
const OF_PEOPLE: [&str; 3] = ["address", "phone", "offline_access"];

pub(super) fn problems(settings: &OpenidSettings) -> Vec<String> {
    let mut found = scopes("service_scopes", &settings.service_scopes);
    found.extend(resources(settings));
    found.extend(settings.release.iter().filter_map(release));
    if settings.release.len() > MOST {
        found.push(format!("release: at most {MOST}"));
    }
    if !settings.default_acr_values.iter().all(|word| is_word(word)) {
        found.push("default_acr_values: words without blanks".to_owned());
    }
    if settings.default_acr_values.len() > MOST {
        found.push(format!("default_acr_values: at most {MOST}"));
    }
    let plain =
        |text: &String| text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    if settings.contacts.len() > 20 || !settings.contacts.iter().all(plain) {
        found.push(format!("contacts: at most 20, in one line of {LONGEST} characters each"));
    }
    found
}

/// The characters of a scope (RFC 6749 3.3).
fn is_word(text: &str) -> bool {
    let fine = |b: u8| matches!(b, b'!' | b'#'..=b'[' | b']'..=b'~');
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(fine)
}

fn scopes(field: &str, words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    if words.len() > MOST || !words.iter().all(|word| is_word(word)) {
        found.push(format!("{field}: at most {MOST} words of the characters of RFC 6749 3.3"));
    }
    let ours =
        |word: &&String| SCOPES.contains(&word.as_str()) || OF_PEOPLE.contains(&word.as_str());
    if let Some(word) = words.iter().find(ours) {
        found.push(format!("{field}: {word} concerns people and cannot be one of them"));
    }
    found
}

fn resources(settings: &OpenidSettings) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    if settings.resources.len() > MOST {
        found.push(format!("resources: at most {MOST}"));
    }
    for resource in settings.resources.iter().take(MOST) {
        let text = resource.identifier.as_str();
        let absolute = text.len() <= LONGEST && text.is_ascii() && Url::parse(text).is_ok();
        if !absolute || text.contains('#') || text.chars().any(char::is_whitespace) {
            let shown: String = text.chars().take(100).collect();
            found.push(format!("resources: {shown:?} is not an absolute URI without a fragment"));
        } else if !seen.insert(text) {
            found.push(format!("resources: {text} stands twice"));
        }
        found.extend(scopes("resources", &resource.scopes));
    }
    found
}

/// Nobody may set by configuration what says who the person is (OD-8).
fn release(released: &ReleasedClaim) -> Option<String> {
    let ours = claim_name(&released.claim);
    let name = released.name.as_deref().unwrap_or(ours);
    let shown: String = name.chars().take(100).collect();
    if !is_claim_name(ours) || !is_claim_name(name) {
        return Some(format!("release: {shown:?} is not a name of a claim"));
    }
    let vouched =
        |name| matches!(kind_of(name), ClaimKind::Flag | ClaimKind::Time | ClaimKind::Address);
    let of_protocol = |name| kind_of(name) == ClaimKind::Protocol;
    if of_protocol(ours) || of_protocol(name) || vouched(name) && ours != name {
        return Some(format!("release: {shown} belongs to the protocol; take another name"));
    }
    if released.places.is_empty() {
        return Some(format!("release: {shown} has no place; id_token, userinfo or access_token"));
    }
    match &released.scope {
        Some(scope) if !is_word(scope) => Some(format!("release: {shown} has a wrong scope")),
        _ => None,
    }
}
