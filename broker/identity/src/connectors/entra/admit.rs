//! What Entra's tokens must say beyond OpenID (E-01, E-10 to E-13, E-20). One rule, one function.

use serde_json::{Map, Value};
use symbolon_contract::ReasonCode;

use super::clouds::Cloud;
use super::directory::{DirectoryId, PERSONAL_ACCOUNTS, is_guid};
use super::settings::EntraSettings;
use crate::claims::text_at;
use crate::connectors::ConnectorError;
use crate::connectors::oidc::VerifiedToken;

/// The directory that an unproved token names, once it is one that may be asked for keys (K-2).
pub(super) fn directory_to_ask(
    settings: &EntraSettings,
    unverified: &Map<String, Value>,
) -> Result<DirectoryId, ConnectorError> {
    let directory = directory(unverified)?;
    if directory.is_of_personal_accounts() && !settings.allow_personal_accounts {
        return Err(personal_account(directory.as_str()));
    }
    if settings.accepts(&directory) {
        return Ok(directory);
    }
    Err(ConnectorError::token(
        ReasonCode::EntraDirectoryNotAccepted,
        "tid",
        &directory,
        settings.accepted_in_words(),
    ))
}

/// A token whose signature holds, before the rules.
pub(super) struct Examined<'a> {
    pub(super) settings: &'a EntraSettings,
    pub(super) cloud: &'a Cloud,
    /// Whose keys verified it.
    pub(super) directory: &'a DirectoryId,
    pub(super) token: &'a VerifiedToken,
}

impl Examined<'_> {
    fn claim(&self, name: &str) -> Option<String> {
        text_at(&self.token.payload, name)
    }
}

type Rule = fn(&Examined<'_>) -> Result<(), ConnectorError>;

/// The rules, in order.
const RULES: [Rule; 7] =
    [version, same_directory, key_issuer, personal, guest, object_id, required_context];

pub(super) fn check(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    RULES.iter().try_for_each(|rule| rule(examined))
}

fn directory(payload: &Map<String, Value>) -> Result<DirectoryId, ConnectorError> {
    let stated = payload.get("tid").and_then(Value::as_str);
    stated.filter(|text| is_guid(text)).and_then(DirectoryId::parse).ok_or_else(|| {
        let seen = stated.unwrap_or("none");
        ConnectorError::token(ReasonCode::EntraTidInvalid, "tid", seen, "the GUID of a directory")
    })
}

/// E-01: v1 tokens have other issuers and other claims.
fn version(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let seen = examined.claim("ver");
    if seen.as_deref() == Some("2.0") {
        return Ok(());
    }
    let seen = seen.as_deref().unwrap_or("none");
    Err(ConnectorError::token(ReasonCode::EntraTokenVersion, "ver", seen, "2.0"))
}

/// E-10: `tid` is the directory whose keys signed, and `iss` is the template with it, to the letter.
fn same_directory(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let seen = directory(&examined.token.payload)?;
    let issuer = examined.claim("iss").unwrap_or_default();
    let expected = examined.cloud.issuer(examined.directory.as_str());
    if seen == *examined.directory && issuer == expected {
        return Ok(());
    }
    let seen = format!("tid {seen}, iss {issuer}");
    Err(ConnectorError::token(ReasonCode::EntraTidInvalid, "tid and iss", seen, expected))
}

/// E-04, E-15: a key that Microsoft publishes for one issuer signs for no other.
fn key_issuer(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let Some(stated) = &examined.token.key_issuer else {
        return Ok(());
    };
    let of_key = stated.replace("{tenantid}", examined.directory.as_str());
    let issuer = examined.claim("iss").unwrap_or_default();
    if of_key == issuer {
        return Ok(());
    }
    Err(ConnectorError::token(
        ReasonCode::EntraKeyIssuerMismatch,
        "issuer of the signing key",
        stated,
        issuer,
    ))
}

/// E-12: a personal account may also come as the guest of a directory.
fn personal(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let home = examined.claim("idp").unwrap_or_default();
    let is_personal = home == "live.com" || home.contains(PERSONAL_ACCOUNTS);
    if is_personal && !examined.settings.allow_personal_accounts {
        return Err(personal_account(&home));
    }
    Ok(())
}

fn personal_account(seen: &str) -> ConnectorError {
    ConnectorError::token(
        ReasonCode::EntraPersonalAccount,
        "tid or idp",
        seen,
        "a work or school account",
    )
}

/// E-13: a guest is another directory's person, with an `oid` of their own in this one.
fn guest(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    if examined.settings.allow_guests || !is_guest(&examined.token.payload) {
        return Ok(());
    }
    let seen = format!(
        "acct {}, idp {}",
        examined.claim("acct").as_deref().unwrap_or("none"),
        examined.claim("idp").as_deref().unwrap_or("none"),
    );
    Err(ConnectorError::token(ReasonCode::EntraGuestRefused, "acct and idp", seen, "a member"))
}

/// Whether the claims are those of a guest: the optional claim `acct` says so, or another issuer proved them.
pub(crate) fn is_guest(claims: &Map<String, Value>) -> bool {
    let home = text_at(claims, "idp");
    text_at(claims, "acct").as_deref() == Some("1")
        || home.is_some_and(|home| {
            text_at(claims, "iss").is_none_or(|issuer| !same_home(&home, &issuer))
        })
}

/// `idp` of members is absent, the issuer itself, or its v1 form with the same directory.
fn same_home(home: &str, issuer: &str) -> bool {
    let of = |text: &str| text.split('/').find(|part| is_guid(part)).map(str::to_ascii_lowercase);
    home == issuer || (of(home).is_some() && of(home) == of(issuer))
}

/// E-20: without the scope `profile` there is no `oid`, and without `oid` there is no key.
fn object_id(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let seen = examined.claim("oid");
    if seen.as_deref().is_some_and(is_guid) {
        return Ok(());
    }
    let seen = seen.as_deref().unwrap_or("none");
    Err(ConnectorError::token(ReasonCode::EntraOidMissing, "oid", seen, "the GUID of a person"))
}

/// E-45: the context that every sign-in needs is in the token, or nobody comes in.
fn required_context(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let Some(wanted) = &examined.settings.assurance.required_context else {
        return Ok(());
    };
    let stated = crate::claims::string_list_at(&examined.token.payload, "acrs");
    if stated.contains(wanted) {
        return Ok(());
    }
    let seen = if stated.is_empty() { "none".to_owned() } else { stated.join(", ") };
    Err(ConnectorError::token(ReasonCode::EntraAuthContextNotMet, "acrs", seen, wanted))
}

#[cfg(test)]
mod tests;
