//! What can be proved of an OpenID upstream without a person.

use super::OidcConnector;
use crate::connectors::{ConnectionCheck, ConnectionReport, ConnectorError};

pub(super) async fn run(connector: &OidcConnector<'_>) -> ConnectionReport {
    let provider = &connector.provider;
    // Read anew: a test that answers from memory proves nothing.
    provider.forget_document().await;
    let document = provider.document().await;
    let issuer = document.as_ref().map(|found| format!("issuer {}", found.issuer));
    let mut checks = vec![check("discovery", issuer)];
    if let Ok(document) = &document {
        let keys = provider.published_keys(document).await;
        checks.push(check("keys", keys.as_ref().map(|keys| format!("{} keys", keys.count()))));
    }
    let green = checks.iter().all(|check| check.reason.is_none());
    ConnectionReport {
        summary: green.then(|| "✓ Successfully connected to the OpenID provider".to_owned()),
        checks,
        unproved: vec![
            "the credential: a provider tells only when a code is redeemed",
            "the redirect URI: only a sign-in in a browser can prove it",
        ],
    }
}

fn check(name: &'static str, outcome: Result<String, &ConnectorError>) -> ConnectionCheck {
    match outcome {
        Ok(detail) => ConnectionCheck::passed(name, &detail),
        Err(error) => ConnectionCheck::failed(name, error.reason(), error),
    }
}
