//! Whether what an application registers fits together: every problem at once, each beginning with its field.
//!
//! Owns: the rules of one registration (RFC 7591 2, OpenID Registration 2, RFC 9700, FAPI 2.0 5.3). Does not own:
//! what needs another request ([`super::sector`]) or other rows (`admin`).

mod addresses;
mod words;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{ApplicationAuthentication, GrantType, OpenidSettings, SubjectType};
use crate::downstream::application::sector;
use crate::keys::SigningAlgorithm;

/// An access token lives for a day at most.
const LONGEST_ACCESS: u32 = 24 * 60 * 60;
/// A refresh token is renewed for a year at most.
const LONGEST_REFRESH: u32 = 366 * 24 * 60 * 60;
/// RFC 9700 4.14.2: whoever holds a spent refresh token is a thief after this long.
const LONGEST_GRACE: u32 = 60;
/// Public keys of one application.
const MOST_KEYS: usize = 20;

/// Every problem of a registration; `public` says that the application can keep no secret.
#[must_use]
pub fn problems(settings: &OpenidSettings, public: bool) -> Vec<String> {
    let mut found = addresses::problems(settings);
    found.extend(grants(settings, public));
    found.extend(proof(settings, public));
    found.extend(keys(settings));
    found.extend(fapi2(settings));
    found.extend(lifetimes(settings));
    found.extend(subjects(settings));
    found.extend(words::problems(settings));
    found
}

fn grants(settings: &OpenidSettings, public: bool) -> Vec<String> {
    let may = |grant| settings.grant_types.contains(&grant);
    let mut found = Vec::new();
    if settings.grant_types.is_empty() {
        found.push("grant_types: at least one".to_owned());
    }
    if may(GrantType::AuthorizationCode) && settings.redirect_uris.is_empty() {
        found.push("redirect_uris: at least one".to_owned());
    }
    if may(GrantType::RefreshToken)
        && !may(GrantType::AuthorizationCode)
        && !may(GrantType::DeviceCode)
    {
        found
            .push("grant_types: refresh_token needs authorization_code or the device's".to_owned());
    }
    if may(GrantType::ClientCredentials) && public {
        found.push("grant_types: a public application cannot have client_credentials".to_owned());
    }
    if !settings.service_scopes.is_empty() && !may(GrantType::ClientCredentials) {
        found.push("service_scopes: only with the grant type client_credentials".to_owned());
    }
    if public && !settings.require_pkce {
        found.push("require_pkce: a public application always needs PKCE".to_owned());
    }
    found
}

/// How it proves itself, and whether it has what that needs.
fn proof(settings: &OpenidSettings, public: bool) -> Vec<String> {
    let mut found = Vec::new();
    let has_keys = settings.jwks.is_some() || settings.jwks_uri.is_some();
    match settings.authentication {
        ApplicationAuthentication::Secret => {}
        ApplicationAuthentication::SecretBasic | ApplicationAuthentication::SecretPost => {
            if public {
                found.push("authentication: a public application has no secret".to_owned());
            }
        }
        ApplicationAuthentication::PrivateKeyJwt => {
            if public {
                found.push("authentication: what signs with a key is not public".to_owned());
            }
            if !has_keys {
                found.push("authentication: private_key_jwt needs jwks or jwks_uri".to_owned());
            }
        }
    }
    if settings.require_signed_requests && !has_keys {
        found.push("require_signed_requests: needs jwks or jwks_uri".to_owned());
    }
    found
}

/// Public keys only, and from one place (RFC 7591 2, BC-04).
fn keys(settings: &OpenidSettings) -> Vec<String> {
    let Some(set) = &settings.jwks else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if settings.jwks_uri.is_some() {
        found.push("jwks: not together with jwks_uri".to_owned());
    }
    match set.get("keys").and_then(Value::as_array) {
        None => found.push("jwks: an object with a list `keys` (RFC 7517 5)".to_owned()),
        Some(keys) if keys.is_empty() || keys.len() > MOST_KEYS => {
            found.push(format!("jwks: 1 to {MOST_KEYS} keys"));
        }
        Some(keys) => {
            let wrong = keys.iter().enumerate().filter_map(|(at, key)| wrong_key(at, key));
            found.extend(wrong);
        }
    }
    found
}

/// A key with a private or symmetric part must never have come here: whoever sent it has lost it.
fn wrong_key(at: usize, key: &Value) -> Option<String> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    if ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"]
        .iter()
        .any(|part| key.get(part).is_some())
    {
        return Some(format!(
            "jwks: key {at} has a private part; make a new key, this one is lost"
        ));
    }
    match text("kty") {
        Some("RSA" | "EC" | "OKP") => None,
        _ => Some(format!("jwks: key {at} is neither RSA nor EC nor OKP")),
    }
}

/// FAPI 2.0 Security Profile 5.3.2 and 5.4: what the profile needs beyond what it switches on by itself.
fn fapi2(settings: &OpenidSettings) -> Vec<String> {
    if !settings.is_fapi2() {
        return Vec::new();
    }
    let mut found = Vec::new();
    if settings.authentication != ApplicationAuthentication::PrivateKeyJwt {
        found.push("authentication: the profile fapi2 needs private_key_jwt".to_owned());
    }
    if !settings.require_pkce {
        found.push("require_pkce: the profile fapi2 always needs PKCE".to_owned());
    }
    if settings.grant_types.contains(&GrantType::DeviceCode) {
        found.push("grant_types: the profile fapi2 lets no device in".to_owned());
    }
    let weak = SigningAlgorithm::Rs256;
    if settings.id_token_algorithm == weak {
        found.push("id_token_algorithm: the profile fapi2 does not allow RS256".to_owned());
    }
    if settings.userinfo_algorithm == Some(weak) {
        found.push("userinfo_algorithm: the profile fapi2 does not allow RS256".to_owned());
    }
    if settings.resources.iter().any(|one| one.algorithm == Some(weak)) {
        found.push("resources: the profile fapi2 does not allow RS256".to_owned());
    }
    found
}

fn lifetimes(settings: &OpenidSettings) -> Vec<String> {
    let mut found = Vec::new();
    let mut within = |name: &str, value: Option<u32>, most: u32| {
        if value.is_some_and(|seconds| !(1..=most).contains(&seconds)) {
            found.push(format!("{name}: 1 to {most}"));
        }
    };
    within("access_token_seconds", settings.access_token_seconds, LONGEST_ACCESS);
    within("refresh_idle_seconds", settings.refresh_idle_seconds, LONGEST_REFRESH);
    within("refresh_absolute_seconds", settings.refresh_absolute_seconds, LONGEST_REFRESH);
    if settings.refresh_grace_seconds > LONGEST_GRACE {
        found.push(format!("refresh_grace_seconds: at most {LONGEST_GRACE}"));
    }
    found
}

/// Pairwise subjects need a sector (OpenID Core 8.1).
fn subjects(settings: &OpenidSettings) -> Option<String> {
    let pairwise = settings.subject_type == SubjectType::Pairwise;
    (pairwise && sector::of(settings).is_none()).then(|| {
        "sector_identifier_uri: pairwise subjects need one, unless all redirect_uris are on one host"
            .to_owned()
    })
}
