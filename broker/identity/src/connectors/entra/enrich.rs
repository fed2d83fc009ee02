//! What the token leaves out and Graph knows: groups that did not fit, and profile fields.
//!
//! Groups fail closed: a sign-in without the groups that decide about roles does not take place (E-29).
//! Profile fields do not: they are left as they are, and the sign-in says so.

use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use symbolon_contract::{ConnectorId, ReasonCode, TenantId};
use symbolon_storage::Database;

use super::directory::DirectoryId;
use super::graph::{Graph, GraphError, Whose};
use super::settings::{GroupSettings, Overage};
use super::{EntraConnector, identity};
use crate::claims::text_at;
use crate::connectors::ConnectorError;
use crate::connectors::assertion::{AssertionWarning, RememberedGroups};
use crate::connectors::oidc::Tokens;

/// Whom a verified token is about.
pub(super) struct About<'a> {
    pub(super) directory: &'a DirectoryId,
    pub(super) tokens: &'a Tokens,
}

pub(super) struct Enriched {
    pub(super) claims: Map<String, Value>,
    pub(super) warnings: Vec<AssertionWarning>,
    pub(super) groups_to_remember: Option<RememberedGroups>,
    pub(super) groups_are_old: bool,
}

pub(super) async fn enrich(
    connector: &EntraConnector<'_>,
    about: &About<'_>,
    claims: Map<String, Value>,
) -> Result<Enriched, ConnectorError> {
    let mut enriched =
        Enriched { claims, warnings: Vec::new(), groups_to_remember: None, groups_are_old: false };
    add_profile(connector, about, &mut enriched).await;
    require_mail(connector, &enriched.claims)?;
    add_groups(connector, about, &mut enriched).await?;
    Ok(enriched)
}

async fn add_profile(connector: &EntraConnector<'_>, about: &About<'_>, enriched: &mut Enriched) {
    let fields = &connector.settings.graph_profile;
    if fields.is_empty() {
        return;
    }
    let object_id = text_at(&enriched.claims, "oid").unwrap_or_default();
    let answer = match &about.tokens.access_token {
        Some(bearer) => connector.graph(bearer).profile(fields, &object_id).await,
        None => Err(GraphError::Forbidden { status: 0, code: "no access token came".into() }),
    };
    match answer {
        Ok(profile) => enriched.claims.extend(profile),
        Err(error) => enriched.warnings.push(AssertionWarning {
            reason: error.reason(),
            detail: format!("profile fields were left as they are: {error}"),
        }),
    }
}

/// N56: "User not found in directory" with the cause that the documents name first.
fn require_mail(
    connector: &EntraConnector<'_>,
    claims: &Map<String, Value>,
) -> Result<(), ConnectorError> {
    let present = ["mail", "email"].iter().any(|name| text_at(claims, name).is_some());
    if present || !connector.settings.require_mail {
        return Ok(());
    }
    let seen = text_at(claims, "preferred_username");
    let seen = format!("no email claim for {}", seen.as_deref().unwrap_or("this person"));
    Err(ConnectorError::token(ReasonCode::EntraMailMissing, "email", seen, "a Mail field in Entra"))
}

/// E-27: the two forms of "too many". The address that `_claim_sources` names is never looked at.
fn is_overage(claims: &Map<String, Value>) -> bool {
    let named = claims.get("_claim_names").is_some_and(|names| names.get("groups").is_some());
    let flagged = claims.get("hasgroups").is_some_and(|flag| flag != &Value::Bool(false));
    (named || flagged) && !claims.contains_key("groups")
}

async fn add_groups(
    connector: &EntraConnector<'_>,
    about: &About<'_>,
    enriched: &mut Enriched,
) -> Result<(), ConnectorError> {
    let settings = &connector.settings.groups;
    if !is_overage(&enriched.claims) || settings.overage == Overage::Leave {
        return Ok(());
    }
    let object_id = text_at(&enriched.claims, "oid").unwrap_or_default();
    let now = connector.clock.now();
    let ids = match resolve(connector, about, (&object_id, settings)).await {
        Ok(ids) => {
            enriched.groups_to_remember = Some(RememberedGroups { ids: ids.clone(), at: now });
            ids
        }
        Err(error) => {
            let subject = identity::subject(about.directory, &object_id);
            let issuer = connector.cloud.issuer(about.directory.as_str());
            let known = last_known(connector, settings, (&issuer, &subject)).await?;
            let known = known.ok_or_else(|| unresolved(&error))?;
            enriched.warnings.push(AssertionWarning {
                reason: error.reason(),
                detail: format!("the groups of {} count, because: {error}", known.at),
            });
            enriched.groups_are_old = true;
            known.ids
        }
    };
    for name in ["_claim_names", "_claim_sources", "hasgroups"] {
        enriched.claims.remove(name);
    }
    enriched.claims.insert("groups".into(), json!(ids));
    Ok(())
}

/// With the person's own token first, which needs no consent of an admin, else with the application's.
async fn resolve(
    connector: &EntraConnector<'_>,
    about: &About<'_>,
    (object_id, settings): (&str, &GroupSettings),
) -> Result<Vec<String>, GraphError> {
    let security_only = settings.security_groups_only;
    if let Some(bearer) = &about.tokens.access_token {
        match connector.graph(bearer).groups_of(Whose::Me, security_only).await {
            Err(GraphError::Forbidden { .. }) => {}
            outcome => return outcome,
        }
    }
    let bearer = connector.graph_token(about.directory).await?;
    connector.graph(&bearer).groups_of(Whose::Person(object_id), security_only).await
}

fn unresolved(error: &GraphError) -> ConnectorError {
    ConnectorError::Document {
        what: "groups of the person",
        reason: ReasonCode::EntraGroupsUnresolved,
        problem: format!("too many for the token, and {error} ({})", error.reason()),
    }
}

async fn last_known(
    connector: &EntraConnector<'_>,
    settings: &GroupSettings,
    (issuer, subject): (&str, &str),
) -> Result<Option<RememberedGroups>, ConnectorError> {
    let Overage::LastKnown { max_age_minutes } = settings.overage else {
        return Ok(None);
    };
    let known = connector.known_groups.find(connector.id, issuer, subject).await?;
    let oldest = connector.clock.now() - TimeDelta::minutes(i64::from(max_age_minutes));
    Ok(known.filter(|known| known.at >= oldest))
}

impl EntraConnector<'_> {
    /// The groups of a person of the directory, asked for with the application's own token.
    pub(crate) async fn groups_by_graph(
        &self,
        directory: &DirectoryId,
        object_id: &str,
    ) -> Result<Vec<String>, ConnectorError> {
        let ask = async {
            let bearer = self.graph_token(directory).await?;
            let security_only = self.settings.groups.security_groups_only;
            self.graph(&bearer).groups_of(Whose::Person(object_id), security_only).await
        };
        ask.await.map_err(|error| unresolved(&error))
    }

    pub(super) fn graph<'s>(&'s self, bearer: &'s SecretString) -> Graph<'s> {
        Graph { cloud: self.cloud, http: &self.upstreams.http, bearer }
    }
}

/// The groups that earlier sign-ins found, kept beside the identity link.
#[derive(Debug, Clone)]
pub(crate) struct KnownGroups {
    pub(crate) database: Database,
    pub(crate) tenant: TenantId,
}

impl KnownGroups {
    async fn find(
        &self,
        connector: &ConnectorId,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<RememberedGroups>, ConnectorError> {
        let (tenant, connector) = (self.tenant.clone(), connector.clone());
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        let link = self
            .database
            .read(move |conn| {
                conn.tenant(&tenant).identity_links().find(&connector, &issuer, &subject)
            })
            .await
            .map_err(ConnectorError::Storage)?;
        Ok(link.and_then(|link| Some(RememberedGroups { ids: link.groups?, at: link.groups_at? })))
    }
}
