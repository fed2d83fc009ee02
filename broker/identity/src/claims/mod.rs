//! One vocabulary for what upstreams say.
//!
//! Owns: reading values out of raw claims and [`normalise`], which gives every protocol's statement the
//! same names. Does not own: whether to believe them (`connectors`) or what follows (`mapping`).

mod groups;
mod paths;
pub(crate) mod saml;

pub(crate) use groups::{group_list_at, groups_at, is_stated, names_in};
pub(crate) use paths::{string_list_at, text_at, value_at};

use std::borrow::Cow;

use serde_json::{Map, Value};
use symbolon_contract::Claims;

use crate::connectors::oidc::ClaimNames;
use crate::connectors::{Assertion, ConnectorSettings};

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
    let groups = groups_at(claims, &names.groups);
    let complete = !groups.cut && !is_overage(claims, &names.groups);
    let mut claims = Claims {
        email: text_at(claims, &names.email),
        email_verified: assertion.email_proved,
        name: text_at(claims, &names.name),
        preferred_username: match settings {
            ConnectorSettings::Saml(settings) => saml::username(settings, claims),
            _ => text_at(claims, "preferred_username"),
        },
        groups: groups.names,
        groups_complete: complete,
        raw: claims.clone(),
    };
    if let ConnectorSettings::Saml(settings) = settings {
        saml::add_common_names(settings, &mut claims);
    }
    claims
}

/// Entra says "too many groups" by leaving them out (E-27), also where it is connected as any OpenID provider. Whose
/// groups are read from elsewhere misses nothing.
pub(crate) fn is_overage(claims: &Map<String, Value>, groups: &str) -> bool {
    let named = claims.get("_claim_names").is_some_and(|names| names.get("groups").is_some());
    groups == "groups" && (named || claims.contains_key("hasgroups"))
}
