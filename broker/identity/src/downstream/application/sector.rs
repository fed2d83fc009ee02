//! The sector of an application: whose people look alike (OpenID Core 8.1).

use std::collections::BTreeSet;

use thiserror::Error;
use url::Url;

use super::OpenidSettings;
use crate::outgoing::{OutgoingError, OutgoingHttp, OutgoingRequest};

/// Why a `sector_identifier_uri` cannot be registered (OpenID Registration 5).
#[derive(Debug, Error)]
pub enum SectorError {
    /// It could not be fetched.
    #[error("sector_identifier_uri: {0}")]
    Outgoing(#[from] OutgoingError),
    /// It answered otherwise than with a list of addresses.
    #[error("sector_identifier_uri: {0} does not answer with a JSON list of addresses")]
    NotAList(Url),
    /// It does not vouch for a redirect URI.
    #[error("sector_identifier_uri: {0} does not list {1}")]
    NotListed(Url, String),
}

/// The host that stands for the sector; none where several would.
#[must_use]
pub fn of(settings: &OpenidSettings) -> Option<String> {
    if let Some(uri) = &settings.sector_identifier_uri {
        return uri.host_str().map(str::to_owned);
    }
    let hosts: Option<BTreeSet<String>> =
        settings.redirect_uris.iter().map(|uri| host(uri.as_str())).collect();
    let mut hosts = hosts?.into_iter();
    let first = hosts.next();
    first.filter(|_| hosts.next().is_none())
}

fn host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    // A native application's own scheme stands for itself.
    Some(url.host_str().map_or_else(|| url.scheme().to_owned(), str::to_owned))
}

/// Asks the sector whether it knows every redirect URI (DY-10).
///
/// # Errors
/// [`SectorError`].
pub async fn check(http: &OutgoingHttp, settings: &OpenidSettings) -> Result<(), SectorError> {
    let Some(uri) = &settings.sector_identifier_uri else {
        return Ok(());
    };
    let answer = http.send(OutgoingRequest::get_json(uri.clone())).await?;
    let list = serde_json::from_slice::<Vec<String>>(&answer.body).ok();
    let list = list.filter(|_| answer.status.is_success());
    let list = list.ok_or_else(|| SectorError::NotAList(uri.clone()))?;
    let missing =
        settings.redirect_uris.iter().find(|one| !list.iter().any(|has| has == one.as_str()));
    match missing {
        None => Ok(()),
        Some(one) => Err(SectorError::NotListed(uri.clone(), one.to_string())),
    }
}
