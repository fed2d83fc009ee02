//! One vocabulary for what upstreams say.
//!
//! Owns: reading values out of raw claims and [`normalise`], which gives every protocol's statement the
//! same names. Does not own: whether to believe them (`connectors`) or what follows (`mapping`).

mod paths;

pub(crate) use paths::{group_list_at, string_list_at, text_at};

use symbolon_contract::Claims;

use crate::connectors::{Assertion, ConnectorSettings};

/// More groups than this are never handed on as if they were all (P-10).
const MAX_GROUPS: usize = 1000;

/// Gives an assertion's raw claims the common names, where the connector's settings say they are.
#[must_use]
pub fn normalise(assertion: &Assertion, settings: &ConnectorSettings) -> Claims {
    let ConnectorSettings::Oidc(oidc) = settings;
    let claims = &assertion.claims;
    let mut groups = group_list_at(claims, &oidc.claims.groups);
    // Entra says "too many groups" by leaving them out (E-27); a cut list is no whole list either.
    let overage = claims.contains_key("hasgroups")
        || claims.get("_claim_names").is_some_and(|names| names.get("groups").is_some());
    let complete = !overage && groups.len() <= MAX_GROUPS;
    groups.truncate(MAX_GROUPS);
    Claims {
        email: text_at(claims, &oidc.claims.email),
        email_verified: assertion.email_proved,
        name: text_at(claims, &oidc.claims.name),
        preferred_username: text_at(claims, "preferred_username"),
        groups,
        groups_complete: complete,
        raw: claims.clone(),
    }
}
