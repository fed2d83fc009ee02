//! The upstream's `sub` beside the key that Entra people are known by (E-20).

use symbolon_storage::TenantRows;

use super::LoginError;
use crate::connectors::{Assertion, ConnectorRecord};

/// For one client id the upstream's `sub` of a person never changes. Another client id begins anew.
pub(super) fn check(
    rows: &mut TenantRows<'_>,
    connector: &ConnectorRecord,
    assertion: &Assertion,
) -> Result<(), LoginError> {
    let Some(seen) = stated(connector, assertion) else {
        return Ok(());
    };
    let link = rows.identity_links().find(&connector.id, &assertion.issuer, &assertion.subject)?;
    let known = link.and_then(|link| link.upstream_sub);
    let client = |sub: &str| sub.split_once(' ').map(|(client, _)| client.to_owned());
    match known {
        Some(known) if client(&known) == client(&seen) && known != seen => {
            Err(LoginError::UpstreamSubjectChanged)
        }
        _ => Ok(()),
    }
}

/// The upstream's `sub` with the client id that it is pairwise for.
pub(super) fn stated(connector: &ConnectorRecord, assertion: &Assertion) -> Option<String> {
    let client_id = connector.configuration.upstream.client_id()?;
    assertion.upstream_subject.as_ref().map(|sub| format!("{client_id} {sub}"))
}
