//! What can be proved of an OpenID upstream without a person.

use symbolon_contract::ReasonCode;

use super::OidcConnector;
use super::key_cache::KeySource;
use crate::connectors::{ConnectionCheck, ConnectionReport, ConnectorError};

pub(super) async fn run(connector: &OidcConnector<'_>) -> ConnectionReport {
    let mut checks = Vec::new();
    let document = connector.document().await;
    checks.push(check(
        "discovery",
        document.as_ref().map(|found| format!("issuer {}", found.issuer)),
    ));
    if let Ok(document) = &document {
        let source = KeySource {
            http: &connector.upstreams.http,
            jwks_uri: &document.jwks_uri,
            clock: connector.clock,
        };
        let keys = connector.keys().await.current(&source).await;
        checks.push(check("keys", keys.as_ref().map(|keys| format!("{} keys", keys.keys().len()))));
    }
    ConnectionReport {
        checks,
        unproved: vec![
            "the credential: a provider tells only when a code is redeemed",
            "the redirect URI: only a sign-in in a browser can prove it",
        ],
    }
}

fn check(name: &'static str, outcome: Result<String, &ConnectorError>) -> ConnectionCheck {
    let (reason, detail): (Option<ReasonCode>, String) = match outcome {
        Ok(detail) => (None, detail),
        Err(error) => (Some(error.reason()), error.to_string()),
    };
    ConnectionCheck { name, reason, detail }
}
