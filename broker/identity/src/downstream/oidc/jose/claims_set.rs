//! Members of a JWT's header and claims set (RFC 7519 2 to 4), read without believing any.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use thiserror::Error;

/// How far an application's clock may run ahead of ours: FAPI 2.0 wants 10 seconds accepted and more than
/// 60 refused (FA-03, FA-10, FA-14).
pub(super) const AHEAD: TimeDelta = TimeDelta::seconds(60);

/// A member that is not what the specification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum MemberProblem {
    /// It is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// It has another type, or is empty or too long.
    #[error("{0} is not of the right form")]
    Form(&'static str),
    /// A moment is over.
    #[error("{0} is over")]
    Over(&'static str),
    /// A moment lies in the future.
    #[error("{0} lies too far in the future")]
    Future(&'static str),
}

/// A JSON object in which no name stands twice: what one reader takes from the first, another takes from
/// the last (RFC 7515 4, RFC 7519 4).
pub(super) struct UniqueMembers(pub(super) Map<String, Value>);

impl<'de> Deserialize<'de> for UniqueMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = UniqueMembers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<UniqueMembers, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            if members.insert(name, value).is_some() {
                return Err(serde::de::Error::custom("a name stands twice"));
            }
        }
        Ok(UniqueMembers(members))
    }
}

/// A text that must be there.
pub(super) fn text<'m>(
    members: &'m Map<String, Value>,
    name: &'static str,
) -> Result<&'m str, MemberProblem> {
    match members.get(name) {
        None => Err(MemberProblem::Missing(name)),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(MemberProblem::Form(name)),
    }
}

/// A `jti` that can be kept against replay (RFC 7519 4.1.7).
pub(super) fn token_id(claims: &Map<String, Value>) -> Result<&str, MemberProblem> {
    let id = text(claims, "jti")?;
    if (1..=256).contains(&id.len()) { Ok(id) } else { Err(MemberProblem::Form("jti")) }
}

/// A moment (`NumericDate`, RFC 7519 2), where there is one.
pub(super) fn moment(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<DateTime<Utc>>, MemberProblem> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let wrong = MemberProblem::Form(name);
    let milliseconds = match (value.as_i64(), value.as_f64()) {
        (Some(seconds), _) => seconds.checked_mul(1000).ok_or(wrong)?,
        // A cast saturates, and chrono refuses what it then is.
        (None, Some(seconds)) => (seconds * 1000.0) as i64,
        (None, None) => return Err(wrong),
    };
    // Beyond the year 9999 arithmetic on moments could leave chrono's range.
    let moment = DateTime::from_timestamp_millis(milliseconds).ok_or(wrong)?;
    let sane = DateTime::UNIX_EPOCH..DateTime::UNIX_EPOCH + TimeDelta::days(366 * 8000);
    if sane.contains(&moment) { Ok(Some(moment)) } else { Err(wrong) }
}

/// `exp`, `nbf` and `iat` of a token, each where it is there: not over, and not too far ahead.
pub(super) struct Times {
    pub(super) expires: Option<DateTime<Utc>>,
    pub(super) not_before: Option<DateTime<Utc>>,
    pub(super) issued: Option<DateTime<Utc>>,
}

impl Times {
    /// Reads the three and refuses a token that is over or not good yet.
    pub(super) fn read(
        claims: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<Self, MemberProblem> {
        let expires = moment(claims, "exp")?;
        let not_before = moment(claims, "nbf")?;
        let issued = moment(claims, "iat")?;
        if expires.is_some_and(|expires| expires <= now) {
            return Err(MemberProblem::Over("exp"));
        }
        for (moment, name) in [(not_before, "nbf"), (issued, "iat")] {
            if moment.is_some_and(|moment| moment > now + AHEAD) {
                return Err(MemberProblem::Future(name));
            }
        }
        Ok(Self { expires, not_before, issued })
    }
}

/// Whether `aud` names one of these, as text or in an array (RFC 7519 4.1.3).
pub(super) fn names_audience(claims: &Map<String, Value>, accepted: &[&str]) -> bool {
    let named = |value: &Value| value.as_str().is_some_and(|one| accepted.contains(&one));
    match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(named),
        Some(one) => named(one),
        None => false,
    }
}

/// Whether `typ` is this media type; the prefix may be left out and case does not count (RFC 7515 4.1.9).
pub(super) fn is_type(typ: &str, wanted: &str) -> bool {
    let lower = typ.to_ascii_lowercase();
    lower.strip_prefix("application/").unwrap_or(&lower) == wanted
}
