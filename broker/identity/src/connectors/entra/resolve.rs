//! What an admin typed as "Tenant ID" becomes the id of a directory (E-09, N26).

use serde_json::Value;
use symbolon_contract::ReasonCode;
use url::Url;

use super::clouds::{Cloud, Clouds};
use super::directory::DirectoryId;
use super::machinery::discovery_url;
use super::problem::explained;
use crate::connectors::ConnectorError;
use crate::connectors::error::shorten;
use crate::connectors::oidc::{Upstreams, status_problem};
use crate::outgoing::OutgoingRequest;

/// A directory, and what was typed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedDirectory {
    /// Its id.
    pub id: DirectoryId,
    /// The verified domain that was typed, if it was one.
    pub domain: Option<String>,
    /// The cloud: the one that was asked for, or that of a pasted address.
    pub cloud: String,
}

/// Resolves a GUID, a verified domain, or a pasted authority address. A GUID needs no request.
///
/// # Errors
/// When the cloud is unknown, the text is none of the three, or Microsoft knows no such directory.
pub async fn resolve_directory(
    upstreams: &Upstreams,
    clouds: &Clouds,
    (typed, cloud): (&str, &str),
) -> Result<ResolvedDirectory, ConnectorError> {
    let (typed, cloud) = pasted(clouds, typed.trim(), cloud);
    let row = clouds.find(&cloud).ok_or_else(|| {
        ConnectorError::Misconfigured(format!(
            "no such cloud; known are {}",
            clouds.names().join(", ")
        ))
    })?;
    if let Some(id) = DirectoryId::parse(&typed) {
        return Ok(ResolvedDirectory { id, domain: None, cloud });
    }
    if !is_domain(&typed) {
        return Err(ConnectorError::Misconfigured(
            "Tenant ID: give the Directory (tenant) ID, a GUID, or a verified domain of the directory; \
             common, organizations and consumers are no directories"
                .into(),
        ));
    }
    let domain = typed.to_ascii_lowercase();
    let id = ask(upstreams, row, &domain).await?;
    Ok(ResolvedDirectory { id, domain: Some(domain), cloud })
}

/// `https://login.microsoftonline.com/{directory}/v2.0` and the like name both cloud and directory.
fn pasted(clouds: &Clouds, typed: &str, cloud: &str) -> (String, String) {
    let as_given = || (typed.to_owned(), cloud.to_owned());
    let Ok(url) = Url::parse(typed) else {
        return as_given();
    };
    let host = url.host_str().and_then(|host| clouds.of_host(host));
    let directory = url.path_segments().and_then(|mut segments| segments.next());
    match (host, directory) {
        (Some(found), Some(directory)) => (directory.to_owned(), found.name.clone()),
        _ => as_given(),
    }
}

fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text.len() <= 253
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

async fn ask(
    upstreams: &Upstreams,
    cloud: &Cloud,
    domain: &str,
) -> Result<DirectoryId, ConnectorError> {
    let request = OutgoingRequest::get_json(discovery_url(cloud, domain)?);
    let response = upstreams.http.send(request).await.map_err(|source| ConnectorError::Fetch {
        what: "discovery document",
        reason: ReasonCode::OidcDiscoveryFailed,
        source,
    })?;
    if response.status != 200 {
        return Err(explained(status_problem(&response)));
    }
    let document: Value = response.json().unwrap_or_default();
    let issuer = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
    let prefix = cloud.authority.as_str();
    let id = issuer.strip_prefix(prefix).and_then(|rest| rest.strip_suffix("/v2.0"));
    id.and_then(DirectoryId::parse).ok_or_else(|| ConnectorError::Document {
        what: "discovery document",
        reason: ReasonCode::OidcDiscoveryInvalid,
        problem: format!("its issuer {} is none of the cloud {}", shorten(issuer), cloud.name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entra_e09_a_pasted_address_names_cloud_and_directory() {
        let clouds = Clouds::default();
        let read = |typed: &str| pasted(&clouds, typed, "global");
        let china = read("https://login.chinacloudapi.cn/contoso.cn/oauth2/v2.0/authorize");
        assert_eq!(china, ("contoso.cn".into(), "china".into()));
        let foreign = "https://login.evil.example/contoso.com";
        assert_eq!(read(foreign), (foreign.into(), "global".into()));
        assert_eq!(read("contoso.com"), ("contoso.com".into(), "global".into()));
    }

    #[test]
    fn entra_e09_shared_paths_are_no_domains() {
        assert!(is_domain("Contoso.onmicrosoft.com") && is_domain("a-b.example"));
        for wrong in ["common", "organizations", "consumers", "", "a..b", "a.b/c", "a b.c", "a.b?x"]
        {
            assert!(!is_domain(wrong), "{wrong}");
        }
    }
}
