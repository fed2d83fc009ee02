//! P-1 to P-10 of entra.md 7.4: what the crate does not check. One rule, one function.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use symbolon_contract::ReasonCode;

use super::settings::OidcSettings;
use super::token_request::Tokens;
use super::verify::VerifiedToken;
use crate::connectors::{ConnectorError, UpstreamLeg};

#[cfg(test)]
mod tests;

/// ID tokens are minted for this very sign-in: one older than this is somebody else's.
const MAX_TOKEN_AGE: TimeDelta = TimeDelta::minutes(10);

/// What the rules look at.
struct Examined<'a> {
    payload: &'a Map<String, Value>,
    settings: &'a OidcSettings,
    leg: &'a UpstreamLeg,
    now: DateTime<Utc>,
    skew: TimeDelta,
}

type Rule = fn(&Examined<'_>) -> Result<(), ConnectorError>;

/// The rules, in order.
const RULES: [Rule; 7] =
    [issued_at, not_before, authorized_party, subject, auth_time, acr, required_claims];

pub(super) fn check(
    token: &VerifiedToken,
    tokens: &Tokens,
    settings: &OidcSettings,
    leg: &UpstreamLeg,
    now: DateTime<Utc>,
) -> Result<(), ConnectorError> {
    let skew = TimeDelta::seconds(i64::from(settings.clock_skew_seconds.min(300)));
    let examined = Examined { payload: &token.payload, settings, leg, now, skew };
    RULES.iter().try_for_each(|rule| rule(&examined))?;
    at_hash(token, tokens)
}

fn time(payload: &Map<String, Value>, claim: &str) -> Option<DateTime<Utc>> {
    let value = payload.get(claim)?;
    let seconds = value.as_i64().or_else(|| value.as_f64().map(|float| float as i64))?;
    DateTime::from_timestamp(seconds, 0)
}

/// P-2: issued now, by a clock that agrees with ours.
fn issued_at(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let Some(issued) = time(examined.payload, "iat") else {
        return Err(ConnectorError::token(
            ReasonCode::OidcTokenMalformed,
            "iat",
            "none",
            "the time of issue",
        ));
    };
    if issued > examined.now + examined.skew {
        return Err(ConnectorError::token(
            ReasonCode::OidcTokenNotYetValid,
            "iat",
            issued,
            format!("not after {}", examined.now),
        ));
    }
    if issued < examined.now - MAX_TOKEN_AGE - examined.skew {
        return Err(ConnectorError::token(
            ReasonCode::OidcTokenExpired,
            "iat",
            issued,
            format!("within the last {} minutes", MAX_TOKEN_AGE.num_minutes()),
        ));
    }
    Ok(())
}

/// P-2: `nbf` where it stands; one that is no time is no reason to believe the rest.
fn not_before(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let Some(stated) = examined.payload.get("nbf") else {
        return Ok(());
    };
    match time(examined.payload, "nbf") {
        None => Err(ConnectorError::token(
            ReasonCode::OidcTokenMalformed,
            "nbf",
            stated,
            "a number of seconds",
        )),
        Some(start) if start > examined.now + examined.skew => Err(ConnectorError::token(
            ReasonCode::OidcTokenNotYetValid,
            "nbf",
            start,
            format!("not after {}", examined.now),
        )),
        Some(_) => Ok(()),
    }
}

/// P-3: several audiences need `azp`, and `azp` must be us.
fn authorized_party(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let several =
        examined.payload.get("aud").and_then(Value::as_array).is_some_and(|a| a.len() > 1);
    let expected = &examined.settings.client_id;
    let refuse =
        |seen: &str| ConnectorError::token(ReasonCode::OidcAzpMismatch, "azp", seen, expected);
    match examined.payload.get("azp") {
        None if several => Err(refuse("none, with several audiences")),
        None => Ok(()),
        Some(azp) if azp.as_str() == Some(expected) => Ok(()),
        Some(azp) => Err(refuse(azp.as_str().unwrap_or("not a text"))),
    }
}

/// P-4: a subject that can be a key.
fn subject(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let name = &examined.settings.claims.subject;
    let subject = crate::claims::text_at(examined.payload, name).unwrap_or_default();
    let length = subject.chars().count();
    if (1..=255).contains(&length) && !subject.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ConnectorError::token(
        ReasonCode::OidcSubjectInvalid,
        "subject",
        format!("{length} characters in {name}"),
        "1 to 255 characters, none of them a control character",
    ))
}

/// P-7: an age that was asked for is proved, never assumed. `prompt=login` alone is not: an upstream owes `auth_time`
/// to `max_age` only (OpenID Core 2), and one that cannot ask anew owes an error (3.1.2.1), so one that says nothing of
/// the time is believed; a time that it does say counts.
fn auth_time(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let wishes = &examined.leg.wishes;
    let stated = time(examined.payload, "auth_time");
    let stale = |seen: String, expected: String| {
        Err(ConnectorError::token(ReasonCode::OidcAuthTimeStale, "auth_time", seen, expected))
    };
    if let Some(max_age) = wishes.max_age {
        let oldest = examined.now - TimeDelta::seconds(i64::from(max_age)) - examined.skew;
        return match stated {
            None => stale("none".into(), "present, because max_age was sent".into()),
            Some(at) if at < oldest => stale(at.to_string(), format!("not before {oldest}")),
            Some(_) => Ok(()),
        };
    }
    match stated {
        Some(at) if wishes.fresh_sign_in && at < examined.leg.started_at - examined.skew => {
            stale(at.to_string(), format!("not before {}", examined.leg.started_at))
        }
        _ => Ok(()),
    }
}

/// P-7: one of the contexts that the connector demands is stated. An application's own wish stays a wish
/// (OpenID Core 3.1.2.1).
fn acr(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    let wanted = &examined.settings.acr_values;
    if wanted.is_empty() {
        return Ok(());
    }
    let stated = examined.payload.get("acr").and_then(Value::as_str).unwrap_or("none");
    if wanted.iter().any(|one| one == stated) {
        return Ok(());
    }
    Err(ConnectorError::token(ReasonCode::OidcAcrNotMet, "acr", stated, wanted.join(" or ")))
}

/// Claims that the admin pinned, for example Google's `hd`.
fn required_claims(examined: &Examined<'_>) -> Result<(), ConnectorError> {
    for (name, expected) in &examined.settings.required_claims {
        let seen = crate::claims::text_at(examined.payload, name);
        if seen.as_deref() != Some(expected) {
            return Err(ConnectorError::token(
                ReasonCode::OidcRequiredClaimMismatch,
                "required claim",
                format!("{name} = {}", seen.as_deref().unwrap_or("none")),
                format!("{name} = {expected}"),
            ));
        }
    }
    Ok(())
}

/// P-5: `at_hash`, where it stands, belongs to the access token (OpenID Core 3.1.3.6).
fn at_hash(token: &VerifiedToken, tokens: &Tokens) -> Result<(), ConnectorError> {
    let (Some(stated), Some(access_token)) = (token.payload.get("at_hash"), &tokens.access_token)
    else {
        return Ok(());
    };
    let algorithm = match token.algorithm.as_str() {
        "RS384" | "PS384" | "ES384" => &digest::SHA384,
        "RS512" | "PS512" | "EdDSA" => &digest::SHA512,
        _ => &digest::SHA256,
    };
    let hash = digest::digest(algorithm, access_token.expose_secret().as_bytes());
    let half = hash.as_ref().get(..algorithm.output_len() / 2).unwrap_or_default();
    if stated.as_str() == Some(URL_SAFE_NO_PAD.encode(half).as_str()) {
        return Ok(());
    }
    Err(ConnectorError::token(
        ReasonCode::OidcAtHashMismatch,
        "at_hash",
        "another value",
        "the hash of the access token that came with it",
    ))
}
