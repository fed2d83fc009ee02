//! What an application learns about a person: what its scopes release, changed by its own mapping (MP3).

use serde_json::{Map, Value, json};
use symbolon_contract::{Claims, ConnectorId, ReasonCode, TraceId};
use symbolon_storage::MappingTarget;

use super::OauthError;
use super::claims::{Person, released};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::mapping::{self, MappingError, MappingInput, write_released};
use crate::tenants::{TenantRecord, issuer};

/// For whom, through which connector, for which scopes.
pub(super) struct Asked<'a> {
    pub(super) application: &'a Application,
    pub(super) connector: &'a ConnectorId,
    pub(super) person: &'a Person,
    pub(super) scopes: &'a [String],
}

/// What an application learns, by the place where it is told; without `sub`.
#[derive(Debug, Default)]
pub(super) struct Released {
    /// In the ID token.
    pub(super) id_token: Map<String, Value>,
    /// At UserInfo.
    pub(super) userinfo: Map<String, Value>,
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
    let userinfo = all(broker, tenant, asked, (trace, refused)).await?;
    let in_id_token = asked.application.settings.claims_in_id_token;
    let id_token = if in_id_token { userinfo.clone() } else { Map::new() };
    Ok(Released { id_token, userinfo })
}

async fn all(
    broker: &Broker,
    tenant: &TenantRecord,
    asked: &Asked<'_>,
    (trace, refused): (&TraceId, ReasonCode),
) -> Result<Map<String, Value>, OauthError> {
    let mut claims = released(asked.person, asked.scopes);
    let target = MappingTarget::application(&asked.application.id);
    let input = input(broker, tenant, asked);
    let also = &asked.application.settings.roles;
    let mapped = mapping::release(broker, &tenant.id, (&target, also), &input, trace).await;
    let Some(mapping) = mapped.map_err(|error| withheld(error, refused))? else {
        return Ok(claims);
    };
    if asked.scopes.iter().any(|scope| scope == "roles") {
        let mut roles: Vec<&str> = mapping.grants.iter().map(|one| one.role.as_str()).collect();
        roles.sort_unstable();
        claims.insert("roles".into(), json!(roles));
    }
    write_released(&mapping.fields, &mut claims);
    Ok(claims)
}

/// What the mapping is told: everything that is known of the person, whatever the scopes.
fn input(broker: &Broker, tenant: &TenantRecord, asked: &Asked<'_>) -> MappingInput {
    let user = &asked.person.user;
    let everything = ["profile", "email", "roles"].map(str::to_owned);
    let mut raw = released(asked.person, &everything);
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
