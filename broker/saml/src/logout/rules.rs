//! The rules of received logout messages, one a function (SAML Core 3.2, 3.7; Profiles 4.4.3 and 4.4.4).

use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::Node;

use super::LogoutExpected;
use crate::fault::{Fault, Refusal};
use crate::names;
use crate::xml::{self, Moment, children, plain_attribute};

/// How long a message counts that does not say it itself.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// How long a message counts at most, so that its id need not be remembered for longer.
const LONGEST_LIFETIME: TimeDelta = TimeDelta::days(1);
/// The names of one Entra directory in the two kinds of its messages (EI-03).
const ENTRA_ISSUERS: [&str; 2] = ["https://sts.windows.net/", "https://login.microsoftonline.com/"];

/// The message has an id.
pub(super) fn id(root: Node<'_, '_>) -> Result<String, Refusal> {
    let id = plain_attribute(root, "ID").filter(|id| !id.trim().is_empty());
    id.map(str::to_owned).ok_or_else(|| Refusal::new(Fault::Structure, "no id", "an id"))
}

/// It is of SAML 2.0.
pub(super) fn version(root: Node<'_, '_>) -> Result<(), Refusal> {
    match plain_attribute(root, "Version") {
        Some("2.0") => Ok(()),
        other => Err(Refusal::new(Fault::Structure, other.unwrap_or("no version"), "2.0")),
    }
}

/// A request comes from the configured identity provider.
pub(super) fn request_issuer(
    root: Node<'_, '_>,
    expected: &LogoutExpected<'_>,
) -> Result<String, Refusal> {
    issuer(root, expected, |issuer| issuer == expected.identity_provider)
}

/// A response too, which Entra may sign with the other of its names for the same directory (EI-03).
pub(super) fn response_issuer(
    root: Node<'_, '_>,
    expected: &LogoutExpected<'_>,
) -> Result<String, Refusal> {
    let directory = |name: &str| {
        let rest = ENTRA_ISSUERS.iter().find_map(|prefix| name.strip_prefix(prefix));
        rest.filter(|rest| rest.len() > 1).map(str::to_owned)
    };
    let same_directory = |issuer: &str| {
        directory(issuer).is_some_and(|one| directory(expected.identity_provider) == Some(one))
    };
    issuer(root, expected, |issuer| issuer == expected.identity_provider || same_directory(issuer))
}

fn issuer(
    root: Node<'_, '_>,
    expected: &LogoutExpected<'_>,
    is_right: impl Fn(&str) -> bool,
) -> Result<String, Refusal> {
    let mut issuers = children(root, names::ASSERTION, "Issuer").map(xml::text);
    let found = issuers.next().unwrap_or_default();
    let found = xml::trimmed(&found);
    if issuers.next().is_none() && is_right(found) {
        return Ok(found.to_owned());
    }
    Err(Refusal::new(Fault::IssuerMismatch, found, expected.identity_provider))
}

/// A request says that it is for us: signed messages must (Bindings 3.4.5.2, 3.5.5.2), and another service provider's
/// request must not end sessions here.
pub(super) fn request_destination(
    root: Node<'_, '_>,
    expected: &LogoutExpected<'_>,
) -> Result<(), Refusal> {
    match plain_attribute(root, "Destination") {
        Some(found) if found == expected.destination => Ok(()),
        other => Err(wrong_destination(other, expected)),
    }
}

/// A response may leave it out, as Entra's do in its documents: it is bound to our request by InResponseTo.
pub(super) fn response_destination(
    root: Node<'_, '_>,
    expected: &LogoutExpected<'_>,
) -> Result<(), Refusal> {
    match plain_attribute(root, "Destination") {
        None => Ok(()),
        Some(found) if found == expected.destination => Ok(()),
        other => Err(wrong_destination(other, expected)),
    }
}

fn wrong_destination(found: Option<&str>, expected: &LogoutExpected<'_>) -> Refusal {
    let seen = found.unwrap_or("no destination");
    Refusal::new(Fault::DestinationMismatch, seen, expected.destination)
}

/// How long a message counts.
pub(super) struct Lifetime {
    pub(super) not_on_or_after: Option<DateTime<Utc>>,
    pub(super) remember_until: DateTime<Utc>,
}

/// It is neither from the future nor too old. It counts until its NotOnOrAfter, or for five minutes.
pub(super) fn lifetime(
    root: Node<'_, '_>,
    expected: &LogoutExpected<'_>,
) -> Result<Lifetime, Refusal> {
    let now = expected.now;
    let issued = Moment::of(root, "IssueInstant")
        .time()
        .ok_or_else(|| Refusal::new(Fault::Structure, "no time of issue", "IssueInstant"))?;
    if issued > now + expected.skew {
        return Err(Refusal::new(Fault::NotYetValid, issued, format_args!("not after {now}")));
    }
    let not_on_or_after = match Moment::of(root, "NotOnOrAfter") {
        Moment::Missing => None,
        Moment::At(time) => Some(time),
        Moment::Malformed(text) => {
            return Err(Refusal::new(Fault::Structure, text, "a time in NotOnOrAfter"));
        }
    };
    let end = not_on_or_after.unwrap_or(issued + LIFETIME).min(issued + LONGEST_LIFETIME);
    let remember_until = end + expected.skew;
    if now >= remember_until {
        return Err(Refusal::new(Fault::Expired, end, format_args!("later than {now}")));
    }
    Ok(Lifetime { not_on_or_after, remember_until })
}

/// It answers our request.
pub(super) fn in_response_to(root: Node<'_, '_>, expected: &str) -> Result<(), Refusal> {
    match plain_attribute(root, "InResponseTo") {
        Some(found) if found == expected && !expected.is_empty() => Ok(()),
        other => {
            let seen = other.unwrap_or("no InResponseTo");
            Err(Refusal::new(Fault::InResponseTo, seen, expected))
        }
    }
}
