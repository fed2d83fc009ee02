//! One vocabulary for what upstreams say.
//!
//! Owns: reading values out of raw claims and [`normalise`], which gives every protocol's statement the
//! same names. Does not own: whether to believe them (`connectors`) or what follows (`mapping`).

mod paths;
pub(crate) mod saml;

pub(crate) use paths::{group_list_at, string_list_at, text_at};

use std::borrow::Cow;

use serde_json::{Map, Value};
use symbolon_contract::Claims;

use crate::connectors::oidc::ClaimNames;
use crate::connectors::{Assertion, ConnectorSettings};

/// More groups than Microsoft Graph ever gives (E-28). What a plugin is handed is bounded in `mapping` (P-10).
const MAX_GROUPS: usize = 12_000;

/// Where a kind of upstream puts what. Entra's claims have the standard names.
fn names<'a>(settings: &'a ConnectorSettings, claims: &Map<String, Value>) -> Cow<'a, ClaimNames> {
    match settings {
        ConnectorSettings::Saml(settings) => Cow::Owned(saml::names(settings, claims)),
        ConnectorSettings::Oidc(oidc) => Cow::Borrowed(&oidc.claims),
        ConnectorSettings::Entra(_) => Cow::Owned(ClaimNames::default()),
    }
}

/// Gives an assertion's raw claims the common names, where the connector's settings say they are.
#[must_use]
pub fn normalise(assertion: &Assertion, settings: &ConnectorSettings) -> Claims {
    let claims = &assertion.claims;
    let names = names(settings, claims);
    let mut groups = group_list_at(claims, &names.groups);
    // Entra says "too many groups" by leaving them out (E-27); a cut list is no whole list either.
    let overage = claims.contains_key("hasgroups")
        || claims.get("_claim_names").is_some_and(|names| names.get("groups").is_some());
    let complete = !overage && groups.len() <= MAX_GROUPS;
    groups.truncate(MAX_GROUPS);
    let mut claims = Claims {
        email: text_at(claims, &names.email),
        email_verified: assertion.email_proved,
        name: text_at(claims, &names.name),
        preferred_username: match settings {
            ConnectorSettings::Saml(settings) => saml::username(settings, claims),
            _ => text_at(claims, "preferred_username"),
        },
        groups,
        groups_complete: complete,
        raw: claims.clone(),
    };
    if let ConnectorSettings::Saml(settings) = settings {
        saml::add_common_names(settings, &mut claims);
    }
    claims
}
