//! What an application learns about a person, and where (OD-7, OD-8, R-12).
//!
//! Owns: the way from what is known to what is told: the application's own mapping (MP3), then the places that its
//! scopes, its registration and the request name ([`places`]), then the types of the standard ([`types`]). Does not
//! own: what is known ([`super::claims`]), or the claims of the protocol itself, `sub` first of all.

mod places;
mod types;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use symbolon_contract::{Claims, ConnectorId, ReasonCode, TraceId};
use symbolon_storage::{MappingTarget, StorageResult};

use super::OauthError;
use super::claims::{Person, known};
use super::claims_request::ClaimsRequest;
use crate::broker::Broker;
use crate::downstream::Application;
use crate::mapping::{self, MappingError, MappingInput, claim_name, write_released};
use crate::tenants::{TenantRecord, issuer};

/// For whom, through which connector, for which scopes and single claims.
pub(super) struct Asked<'a> {
    pub(super) application: &'a Application,
    pub(super) connector: &'a ConnectorId,
    pub(super) person: &'a Person,
    pub(super) scopes: &'a [String],
    /// The `claims` parameter of the request (OpenID Core 5.5).
    pub(super) wished: Option<&'a ClaimsRequest>,
}

impl Asked<'_> {
    fn granted(&self, scope: &str) -> bool {
        self.scopes.iter().any(|one| one == scope)
    }
}

/// What an application learns, by the place where it is told; without the claims of the protocol.
#[derive(Debug, Default)]
pub(super) struct Released {
    /// In the ID token.
    pub(super) id_token: Map<String, Value>,
    /// At UserInfo.
    pub(super) userinfo: Map<String, Value>,
    /// In a signed access token.
    pub(super) access_token: Map<String, Value>,
}

/// What could be told of the person.
struct Known {
    /// By the names of claims.
    claims: Map<String, Value>,
    /// Those that the application's own mapping releases, whatever the scopes.
    by_mapping: BTreeSet<String>,
}

/// What to release; `refused` is the endpoint's word for a mapping that says no or fails.
///
/// # Errors
/// [`OauthError`] with `refused`, and those of the database.
pub(super) async fn claims(
    broker: &Broker,
    tenant: &TenantRecord,
    asked: &Asked<'_>,
    (trace, refused): (&TraceId, ReasonCode),
) -> Result<Released, OauthError> {
    let known = all(broker, tenant, asked, (trace, refused)).await?;
    let mut released = places::place(&known, asked);
    for (place, claims) in [
        ("id_token", &mut released.id_token),
        ("userinfo", &mut released.userinfo),
        ("access_token", &mut released.access_token),
    ] {
        let left_out = types::settle(claims);
        let application = &asked.application.id;
        if !left_out.is_empty() {
            tracing::warn!(%trace, %application, place, ?left_out, "claims of a wrong name or type are left out");
        }
        if place != "userinfo"
            && let Some((claim, count)) = types::longest_list(claims)
            && count > MOST_IN_A_TOKEN
        {
            tracing::warn!(%trace, %application, place, claim, count, "a token carries a long list: headers may overflow");
        }
    }
    Ok(released)
}

/// More groups than this make a token that proxies and browsers refuse (Entra's own limit for SAML is 150).
const MOST_IN_A_TOKEN: usize = 150;

async fn all(
    broker: &Broker,
    tenant: &TenantRecord,
    asked: &Asked<'_>,
    (trace, refused): (&TraceId, ReasonCode),
) -> Result<Known, OauthError> {
    let mut claims = known(asked.person);
    let input = input(broker, tenant, asked, claims.clone());
    if tells_groups(asked) {
        let groups = groups(broker, tenant, asked)
            .await
            .map_err(|error| OauthError::new(crate::storage_reason(&error), error.to_string()))?;
        claims.insert("groups".into(), json!(groups));
    }
    let target = MappingTarget::application(&asked.application.id);
    let also = &asked.application.settings.roles;
    let mapped = mapping::release(broker, &tenant.id, (&target, also), &input, trace).await;
    let mut by_mapping = BTreeSet::new();
    if let Some(mapping) = mapped.map_err(|error| withheld(error, refused))? {
        let mut roles: Vec<&str> = mapping.grants.iter().map(|one| one.role.as_str()).collect();
        roles.sort_unstable();
        claims.insert("roles".into(), json!(roles));
        write_released(&mapping.fields, &mut claims);
        by_mapping.extend(mapping.fields.into_iter().map(|field| field.name));
        if by_mapping.contains("email") {
            by_mapping.insert("email_verified".into());
        }
    }
    Ok(Known { claims, by_mapping })
}

fn tells_groups(asked: &Asked<'_>) -> bool {
    asked.application.settings.release.iter().any(|row| claim_name(&row.claim) == "groups")
}

/// The groups that the connector saw last, as the upstream names them.
async fn groups(
    broker: &Broker,
    tenant: &TenantRecord,
    asked: &Asked<'_>,
) -> StorageResult<Vec<String>> {
    let (tenant, user) = (tenant.id.clone(), asked.person.user.id.clone());
    let links =
        broker.database.read(move |conn| conn.tenant(&tenant).identity_links().of_user(&user));
    let mut links: Vec<_> = links.await?;
    links.retain(|link| link.connector_id == *asked.connector);
    links.sort_by_key(|link| link.groups_at);
    Ok(links.into_iter().next_back().and_then(|link| link.groups).unwrap_or_default())
}

/// What the mapping is told: everything that is known of the person, whatever the scopes.
fn input(
    broker: &Broker,
    tenant: &TenantRecord,
    asked: &Asked<'_>,
    mut raw: Map<String, Value>,
) -> MappingInput {
    let user = &asked.person.user;
    raw.insert("sub".into(), json!(user.id));
    raw.insert("groups".into(), json!(asked.person.roles));
    MappingInput {
        connector: asked.connector.clone(),
        kind: "application".into(),
        issuer: issuer(&broker.settings.public_url, &tenant.slug),
        subject: user.id.to_string(),
        claims: Claims {
            email: user.email.clone(),
            email_verified: user.email_verified,
            name: user.display_name.clone(),
            preferred_username: user.username.clone(),
            groups: asked.person.roles.clone(),
            groups_complete: true,
            raw,
        },
        guest: false,
        extra: vec![
            ("application".into(), asked.application.id.to_string()),
            ("tenant".into(), tenant.slug.to_string()),
            ("scope".into(), asked.scopes.join(" ")),
        ],
        now: broker.clock.now(),
    }
}

/// In the form of an endpoint, with the mapping's own reason in the detail.
fn withheld(error: MappingError, refused: ReasonCode) -> OauthError {
    match error {
        MappingError::Storage(error) => {
            OauthError::new(crate::storage_reason(&error), error.to_string())
        }
        other => OauthError::new(refused, format!("{}: {other}", other.reason())),
    }
}
