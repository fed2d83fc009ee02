//! The generic OpenID machinery, set up for one directory: settings that an admin never sees.

use std::collections::BTreeMap;

use url::Url;

use super::clouds::Cloud;
use super::settings::{AcceptedDirectories, EntraSettings};
use crate::connectors::ConnectorError;
use crate::connectors::oidc::{OidcSettings, UpstreamAlgorithm, UserinfoUse};

/// Stands for "any work or school directory" in Microsoft's paths.
const ORGANIZATIONS: &str = "organizations";
/// Stands for "any account at all" in Microsoft's paths.
const COMMON: &str = "common";
/// What stands for the directory in the issuer of shared documents (E-02).
const TEMPLATE: &str = "{tenantid}";

/// Where people of this connector sign in, and where their codes are redeemed: the same place, or
/// Microsoft refuses with AADSTS700005.
pub(super) fn home(
    settings: &EntraSettings,
    cloud: &Cloud,
) -> Result<OidcSettings, ConnectorError> {
    match settings.accepted_directories {
        AcceptedDirectories::One => of_directory(settings, cloud, settings.tenant_id.as_str()),
        _ => {
            let path = if settings.allow_personal_accounts { COMMON } else { ORGANIZATIONS };
            machinery(settings, cloud, (path, TEMPLATE))
        }
    }
}

/// The directory whose keys sign: always named by its id, never by a shared path (K-2).
pub(super) fn of_directory(
    settings: &EntraSettings,
    cloud: &Cloud,
    directory: &str,
) -> Result<OidcSettings, ConnectorError> {
    machinery(settings, cloud, (directory, directory))
}

fn machinery(
    settings: &EntraSettings,
    cloud: &Cloud,
    (path, issuing): (&str, &str),
) -> Result<OidcSettings, ConnectorError> {
    let mut discovery = discovery_url(cloud, path)?;
    if settings.append_appid {
        discovery.query_pairs_mut().append_pair("appid", &settings.client_id);
    }
    let mut scopes = vec!["openid".to_owned(), "profile".to_owned(), "email".to_owned()];
    // Least privilege: the person is asked for User.Read only where Graph is asked about them (N23).
    if settings.asks_graph_for_the_person()
        && let Some(scope) = graph_scope(cloud, "User.Read")
    {
        scopes.push(scope);
    }
    let extra_parameters: BTreeMap<String, String> =
        settings.domain_hint.iter().map(|hint| ("domain_hint".to_owned(), hint.clone())).collect();
    let graph_host = cloud.graph.as_ref().and_then(Url::host_str).map(str::to_owned);
    Ok(OidcSettings {
        discovery_url: Some(discovery),
        endpoint_hosts: graph_host.into_iter().chain(cloud.graph_aliases.clone()).collect(),
        scopes,
        response_mode: settings.response_mode,
        prompt: settings.prompt.clone(),
        extra_parameters,
        userinfo: UserinfoUse::Off,
        // The only algorithm that Entra signs with (E-03).
        algorithms: vec![UpstreamAlgorithm::RS256],
        clock_skew_seconds: settings.clock_skew_seconds,
        ..OidcSettings::new(cloud.issuer(issuing), settings.client_id.clone())
    })
}

/// The document of a directory: by id, domain or shared path (E-01).
pub(super) fn discovery_url(cloud: &Cloud, path: &str) -> Result<Url, ConnectorError> {
    cloud
        .authority
        .join(&format!("{path}/v2.0/.well-known/openid-configuration"))
        .map_err(|error| ConnectorError::Misconfigured(format!("the directory's address: {error}")))
}

/// A delegated Graph permission, named with the cloud's own Graph (E-07).
fn graph_scope(cloud: &Cloud, permission: &str) -> Option<String> {
    let graph = cloud.graph.as_ref()?;
    Some(format!("{graph}{permission}"))
}

impl EntraSettings {
    /// Whether the person's own token shall read their profile or groups.
    pub(super) fn asks_graph_for_the_person(&self) -> bool {
        !self.graph_profile.is_empty() || self.groups.with_persons_token
    }
}
