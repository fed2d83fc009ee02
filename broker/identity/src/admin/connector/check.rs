//! Everything that can be wrong with a connector's settings and secrets, all at once.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::broker::Broker;
use crate::connectors::entra::{EntraAuthentication, secret_problem};
use crate::connectors::oidc::{ClientAuthentication, OidcSettings};
use crate::connectors::saml::SamlSettings;
use crate::connectors::{ConnectorConfiguration, ConnectorRecord, ConnectorSettings};

/// The settings.
pub(super) fn settings(broker: &Broker, configuration: &ConnectorConfiguration) -> Vec<String> {
    let mut problems = match &configuration.upstream {
        ConnectorSettings::Oidc(settings) => oidc(broker, settings),
        ConnectorSettings::Entra(settings) => settings.problems(&broker.settings.clouds),
        ConnectorSettings::Saml(settings) => saml(broker, settings),
    };
    if let Some(url) = &configuration.landing_url
        && !matches!(url.scheme(), "https" | "http")
    {
        problems.push("landing_url: an http(s) address".into());
    }
    problems
}

fn oidc(broker: &Broker, settings: &OidcSettings) -> Vec<String> {
    let mut problems = settings.problems();
    let given = &settings.endpoints;
    let urls =
        [&settings.discovery_url, &given.authorization, &given.token, &given.jwks, &given.userinfo];
    let issuer = Url::parse(&settings.issuer).ok();
    for url in urls.into_iter().flatten().chain(issuer.as_ref()) {
        // What people are sent to, we do not fetch; but an address that we would never fetch is a mistake too.
        if let Err(error) = broker.upstreams.check_url(url) {
            problems.push(format!("{url}: {error}"));
        }
    }
    problems
}

fn saml(broker: &Broker, settings: &SamlSettings) -> Vec<String> {
    let mut problems = settings.problems();
    if let Some(source) = &settings.metadata
        && let Err(error) = broker.upstreams.check_url(&source.url)
    {
        problems.push(format!("upstream.metadata.url: {error}"));
    }
    if let Some(graph) = &settings.graph
        && broker.settings.clouds.find(&graph.cloud).is_none()
    {
        problems.push(format!("upstream.graph.cloud: no such cloud: {}", graph.cloud));
    }
    problems
}

/// What no new version of the settings may change.
pub(super) fn unchangeable(
    before: &ConnectorRecord,
    after: &ConnectorConfiguration,
) -> Vec<String> {
    let mut problems = Vec::new();
    if before.configuration.upstream.kind() != after.upstream.kind() {
        problems.push("upstream.kind: a connector keeps its kind; make another one".into());
    }
    if before.configuration.callback_path != after.callback_path {
        problems
            .push("callback_path: only the operator sets it, by `symbolon connector alias`".into());
    }
    problems
}

/// A secret is there where one is needed, and is not an id pasted in its place (N21, N22).
pub(super) fn new_secret(
    configuration: &ConnectorConfiguration,
    secret: Option<&SecretString>,
) -> Vec<String> {
    let needs_secret = match &configuration.upstream {
        ConnectorSettings::Oidc(settings) => {
            !matches!(settings.client_authentication, ClientAuthentication::PrivateKeyJwt { .. })
        }
        ConnectorSettings::Entra(settings) => {
            settings.client_authentication == EntraAuthentication::Secret
        }
        ConnectorSettings::Saml(settings) => settings.graph.is_some(),
    };
    match secret {
        None if needs_secret => vec!["client secret: missing".into()],
        None => Vec::new(),
        Some(secret) => secret_problems(&configuration.upstream, secret),
    }
}

/// What is wrong with a pasted secret.
pub(super) fn secret_problems(upstream: &ConnectorSettings, secret: &SecretString) -> Vec<String> {
    let text = secret.expose_secret();
    let problem = match upstream {
        ConnectorSettings::Entra(_) => secret_problem(text),
        ConnectorSettings::Oidc(_) | ConnectorSettings::Saml(_)
            if text.trim() != text || text.is_empty() =>
        {
            Some("client secret: empty, or blanks or line breaks around it")
        }
        ConnectorSettings::Oidc(_) | ConnectorSettings::Saml(_) => None,
    };
    problem.map(str::to_owned).into_iter().collect()
}
