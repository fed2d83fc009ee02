//! What can be proved of an Entra connector without a person (entra.md 10), and what cannot.

use chrono::{DateTime, TimeDelta, Utc};
use http::header::DATE;
use symbolon_contract::ReasonCode;

use super::graph::GraphError;
use super::settings::EntraAuthentication;
use super::{EntraConnector, machinery};
use crate::connectors::assertion::UpstreamWishes;
use crate::connectors::oidc::{OidcSettings, ProviderDocument, authorization_request};
use crate::connectors::report::{CheckOutcome, ConnectionCheck};
use crate::connectors::{ConnectionReport, ConnectorError, UpstreamLeg, UpstreamRedirect};
use crate::outgoing::{OutgoingError, OutgoingRequest};

/// Larger differences of clocks make Microsoft refuse assertions, and us refuse tokens.
const TOLERATED_SKEW: TimeDelta = TimeDelta::seconds(60);

pub(super) async fn run(connector: &EntraConnector<'_>) -> ConnectionReport {
    let mut checks = Vec::new();
    match machinery::of_directory(
        connector.settings,
        connector.cloud,
        connector.settings.tenant_id.as_str(),
    ) {
        Ok(own) => run_checks(connector, &own, &mut checks).await,
        Err(error) => checks.push(ConnectionCheck::failed("directory", error.reason(), &error)),
    }
    let green = checks.iter().all(|check| check.outcome != CheckOutcome::Failed);
    ConnectionReport {
        summary: green.then(|| "✓ Successfully connected to Entra ID".to_owned()),
        checks,
        unproved: vec![
            "the redirect URI: only a sign-in in a browser can prove it; run a test sign-in",
            "optional claims, groups and assigned people: a test sign-in shows them",
        ],
    }
}

async fn run_checks(
    connector: &EntraConnector<'_>,
    own: &OidcSettings,
    checks: &mut Vec<ConnectionCheck>,
) {
    // Read anew: a test that answers from memory proves nothing.
    connector.provider(own).forget_document().await;
    connector.forget_graph_token(&connector.settings.tenant_id).await;
    let document = match connector.document(own).await {
        Ok(document) => document,
        Err(error) => {
            return checks.push(ConnectionCheck::failed("directory", error.reason(), &error));
        }
    };
    checks.push(directory(connector, &document));
    checks.push(keys(connector, own, &document).await);
    checks.push(clock(connector, own).await);
    checks.push(expiry(connector));
    checks.push(redirect_uri(connector).await);
    match connector.graph_token(&connector.settings.tenant_id).await {
        Ok(token) => {
            checks.push(ConnectionCheck::passed("credential", "Microsoft gave a token for it"));
            checks.extend(graph(connector, &token).await);
        }
        Err(error) => {
            checks.push(ConnectionCheck::failed("credential", error.reason(), &error));
        }
    }
}

/// W-1: the directory exists, in this cloud.
fn directory(connector: &EntraConnector<'_>, document: &ProviderDocument) -> ConnectionCheck {
    let domain = connector.settings.tenant_domain.as_deref();
    let named = domain.map(|domain| format!(" ({domain})")).unwrap_or_default();
    let cloud = &connector.cloud.name;
    let issuer = &document.issuer;
    let detail =
        format!("{}{named} in the cloud {cloud}; issuer {issuer}", connector.settings.tenant_id);
    ConnectionCheck::passed("directory", &detail)
}

/// E-04: keys are there, and each is this directory's own or the template's.
async fn keys(
    connector: &EntraConnector<'_>,
    own: &OidcSettings,
    document: &ProviderDocument,
) -> ConnectionCheck {
    match connector.provider(own).published_keys(document).await {
        Ok(keys) => {
            let foreign = |issuer: &str| {
                let id = connector.settings.tenant_id.as_str();
                issuer.replace("{tenantid}", id) != document.issuer
            };
            let (all, foreign) = (keys.count(), keys.issuers().filter(|one| foreign(one)).count());
            let detail = match foreign {
                0 => format!("{all} keys, all of this issuer"),
                some => format!("{all} keys; {some} of other issuers, which will not be used"),
            };
            ConnectionCheck::passed("keys", &detail)
        }
        Err(error) => ConnectionCheck::failed("keys", error.reason(), &error),
    }
}

/// 500133: Microsoft's clock against ours, by the `Date` of its answer.
async fn clock(connector: &EntraConnector<'_>, own: &OidcSettings) -> ConnectionCheck {
    let Some(url) = own.discovery_url.clone() else {
        return ConnectionCheck::warning("clock", ReasonCode::EntraClockSkew, "not compared");
    };
    let answer = connector.upstreams.http.send(OutgoingRequest::get_json(url)).await;
    let date = answer.ok().and_then(|answer| {
        let stated = answer.headers.get(DATE)?.to_str().ok()?.to_owned();
        DateTime::parse_from_rfc2822(&stated).ok().map(|at| at.with_timezone(&Utc))
    });
    let Some(theirs) = date else {
        return ConnectionCheck::warning(
            "clock",
            ReasonCode::EntraClockSkew,
            "not compared: Microsoft's answer stated no time",
        );
    };
    let off = connector.clock.now() - theirs;
    let detail = format!("ours differs from Microsoft's by {} s", off.num_seconds());
    if off.abs() <= TOLERATED_SKEW {
        ConnectionCheck::passed("clock", &detail)
    } else {
        ConnectionCheck::failed("clock", ReasonCode::EntraClockSkew, &detail)
    }
}

/// E-54: how long the credential lasts, as far as anybody told us.
fn expiry(connector: &EntraConnector<'_>) -> ConnectionCheck {
    let name = "credential_expiry";
    if connector.settings.client_authentication == EntraAuthentication::Federated {
        return ConnectionCheck::passed(name, "a federated credential does not expire");
    }
    let Some(ends_at) = connector.credential_ends_at else {
        return ConnectionCheck::warning(
            name,
            ReasonCode::EntraSecretExpired,
            "unknown: tell the date that Entra shows beside the secret",
        );
    };
    let left = (ends_at - connector.clock.now()).num_days();
    let detail = format!("ends on {}, in {left} days", ends_at.date_naive());
    match left {
        ..0 => ConnectionCheck::failed(name, ReasonCode::EntraSecretExpired, &detail),
        0..=30 => ConnectionCheck::warning(name, ReasonCode::EntraSecretExpired, &detail),
        _ => ConnectionCheck::passed(name, &detail),
    }
}

/// N55: a sign-in without a person. Microsoft's page says AADSTS50011 when the address is not registered,
/// and sends the browser back when it is; what it says to others proves nothing.
async fn redirect_uri(connector: &EntraConnector<'_>) -> ConnectionCheck {
    let name = "redirect_uri";
    let address = connector.redirect_uri.as_str();
    let unproved = |why: &str| {
        let detail = format!("{address}: not proved, {why}");
        ConnectionCheck::warning(name, ReasonCode::EntraRedirectUriMismatch, &detail)
    };
    let Ok(url) = silent_sign_in(connector).await else {
        return unproved("because there is no address to ask");
    };
    match connector.upstreams.http.send(OutgoingRequest::get_json(url)).await {
        // The browser would be sent somewhere: Microsoft does that with registered addresses only.
        Err(OutgoingError::RedirectRefused { .. } | OutgoingError::BlockedAddress { .. }) => {
            ConnectionCheck::passed(name, &format!("{address}: Microsoft would send people there"))
        }
        Err(error) => unproved(&format!("because Microsoft's page was not reached ({error})")),
        Ok(page) => {
            let text = String::from_utf8_lossy(&page.body);
            match super::problem::number_in(&text).and_then(ReasonCode::from_aadsts) {
                Some(reason) if reason != ReasonCode::EntraInteractionRequired => {
                    let number = super::problem::number_in(&text).unwrap_or_default();
                    let detail = format!("{address}: Microsoft's page says AADSTS{number}");
                    ConnectionCheck::failed(name, reason, &detail)
                }
                _ => unproved("because Microsoft's page did not say"),
            }
        }
    }
}

async fn silent_sign_in(connector: &EntraConnector<'_>) -> Result<url::Url, ConnectorError> {
    let home = machinery::home(connector.settings, connector.cloud)?;
    let document = connector.document(&home).await?;
    let leg = UpstreamLeg {
        state: "connection-test".into(),
        nonce: "connection-test".into(),
        code_verifier: "connection-test".into(),
        redirect_uri: connector.redirect_uri.clone(),
        started_at: connector.clock.now(),
        wishes: UpstreamWishes::default(),
    };
    let without_prompt = OidcSettings { prompt: Some("none".into()), ..home };
    let UpstreamRedirect::Redirect { url } =
        authorization_request(&without_prompt, &document, &leg)?
    else {
        return Err(ConnectorError::Misconfigured("no address to send people to".into()));
    };
    url::Url::parse(&url).map_err(|error| ConnectorError::Misconfigured(error.to_string()))
}

/// W-3: what the application may read by itself. Needed for lookups and for sync, not for sign-ins.
async fn graph(
    connector: &EntraConnector<'_>,
    token: &secrecy::SecretString,
) -> Vec<ConnectionCheck> {
    let graph = connector.graph(token);
    let judge = |name, permission: &str, outcome: Result<(), GraphError>| match outcome {
        Ok(()) => ConnectionCheck::passed(name, &format!("{permission} is granted")),
        Err(error @ GraphError::Forbidden { .. }) => ConnectionCheck::warning(
            name,
            error.reason(),
            &format!(
                "application permission {permission} is not granted; sign-ins do not need it, looking up \
                 groups and directory sync do"
            ),
        ),
        Err(error) => ConnectionCheck::failed(name, error.reason(), &error),
    };
    let mut checks = vec![
        judge("graph_users", "User.Read.All", graph.can_read_users().await),
        judge("graph_groups", "Group.Read.All", graph.can_read_groups().await),
    ];
    if let Ok(Some(name)) = graph.organization().await {
        let name = crate::connectors::error::shorten(&name);
        checks.push(ConnectionCheck::passed("directory_name", &name));
    }
    checks
}
