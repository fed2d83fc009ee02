//! Where each claim is told: UserInfo by scope (OD-7), and what the registration or the request adds.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::claims::scope_of;
use super::super::claims_request::ClaimWish;
use super::{Asked, Known, Released};
use crate::downstream::{ClaimPlace, ReleasedClaim};
use crate::mapping::claim_name;

/// Puts every claim where it is told.
pub(super) fn place(known: &Known, asked: &Asked<'_>) -> Released {
    let by_scope: Map<String, Value> = known
        .claims
        .iter()
        .filter(|(name, _)| {
            known.by_mapping.contains(name.as_str())
                || scope_of(name).is_some_and(|scope| asked.granted(scope))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let settings = &asked.application.settings;
    let mut released = Released {
        id_token: if settings.claims_in_id_token { by_scope.clone() } else { Map::new() },
        userinfo: by_scope,
        access_token: Map::new(),
    };
    for row in rows(asked) {
        for place in &row.places {
            let claims = match place {
                ClaimPlace::IdToken => &mut released.id_token,
                ClaimPlace::Userinfo => &mut released.userinfo,
                ClaimPlace::AccessToken => &mut released.access_token,
            };
            put_row(row, known, claims);
        }
    }
    if let Some(wished) = asked.wished {
        put_wishes(&wished.userinfo, (known, asked), &mut released.userinfo);
        put_wishes(&wished.id_token, (known, asked), &mut released.id_token);
    }
    released
}

/// The rows of the registration whose scope was granted.
fn rows<'a>(asked: &'a Asked<'_>) -> impl Iterator<Item = &'a ReleasedClaim> {
    let rows = asked.application.settings.release.iter();
    rows.filter(|row| row.scope.as_deref().is_none_or(|scope| asked.granted(scope)))
}

fn put_row(row: &ReleasedClaim, known: &Known, claims: &mut Map<String, Value>) {
    let ours = claim_name(&row.claim);
    let name = row.name.as_deref().unwrap_or(ours);
    let Some(value) = known.claims.get(ours) else {
        return;
    };
    claims.insert(name.to_owned(), value.clone());
    if name == "email" && ours != "email" {
        // What was proved is the user's own address, not this one.
        claims.insert("email_verified".to_owned(), json!(false));
    }
}

/// Single claims (OpenID Core 5.5): those of the registration, and those that a scope could have brought. A wish is
/// no order: a claim that is not known is left out, also an essential one, and its value is ours, whichever value
/// was asked for. People of a third-party application agreed to scopes, so there the granted ones bound it.
fn put_wishes(
    wishes: &BTreeMap<String, ClaimWish>,
    (known, asked): (&Known, &Asked<'_>),
    claims: &mut Map<String, Value>,
) {
    let third_party = asked.application.settings.third_party;
    for name in wishes.keys() {
        let by_row = rows(asked).find(|row| {
            row.name.as_deref().unwrap_or(claim_name(&row.claim)) == name || row.claim == *name
        });
        let by_scope = known.by_mapping.contains(name)
            || scope_of(name).is_some_and(|scope| !third_party || asked.granted(scope));
        match (by_row, known.claims.get(name)) {
            (Some(row), _) => put_row(row, known, claims),
            (None, Some(value)) if by_scope => {
                claims.insert(name.clone(), value.clone());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
