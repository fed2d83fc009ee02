//! Discovery of our own (OpenID Discovery 4): lenient to read, strict to accept (entra.md 7.2).

use serde_json::Value;
use symbolon_contract::ReasonCode;
use url::Url;

use super::settings::OidcSettings;
use crate::connectors::ConnectorError;
use crate::connectors::error::shorten;
use crate::outgoing::{OutgoingHttp, OutgoingRequest, OutgoingResponse};

/// What we need to know of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderDocument {
    /// The issuer.
    pub issuer: String,
    /// Where people go.
    pub authorization_endpoint: Url,
    /// Where codes are redeemed.
    pub token_endpoint: Url,
    /// Where the keys are.
    pub jwks_uri: Url,
    /// Where further claims are, if anywhere.
    pub userinfo_endpoint: Option<Url>,
    /// Where people sign out (OpenID RP-Initiated Logout 2.1), if anywhere.
    pub end_session_endpoint: Option<Url>,
    /// Whether the provider promises `iss` in its answers (RFC 9207 3).
    pub states_issuer_in_response: bool,
    /// `msgraph_host`, which Entra states (E-07): only ever compared, never used as an address.
    pub graph_host: Option<String>,
}

/// Reads the document, or does without where the admin gave every endpoint.
pub(super) async fn discover(
    http: &OutgoingHttp,
    settings: &OidcSettings,
) -> Result<ProviderDocument, ConnectorError> {
    if let Some(document) = by_hand(settings) {
        return Ok(document);
    }
    let url = discovery_url(settings)?;
    let response = http.send(OutgoingRequest::get_json(url)).await.map_err(|source| {
        ConnectorError::Fetch {
            what: "discovery document",
            reason: ReasonCode::OidcDiscoveryFailed,
            source,
        }
    })?;
    if response.status != 200 {
        return Err(status_problem(&response));
    }
    accept(settings, &response.body)
}

/// Another status than 200, with the sentence that Microsoft and others put beside it.
pub(crate) fn status_problem(response: &OutgoingResponse) -> ConnectorError {
    let body: Value = response.json().unwrap_or_default();
    let said = body.get("error_description").and_then(Value::as_str).unwrap_or_default();
    let said = said.lines().next().map(shorten).filter(|text| !text.is_empty());
    let said = said.map(|text| format!(": {text}")).unwrap_or_default();
    ConnectorError::Document {
        what: "discovery document",
        reason: ReasonCode::OidcDiscoveryFailed,
        problem: format!("the answer has status {}, expected 200{said}", response.status),
    }
}

fn by_hand(settings: &OidcSettings) -> Option<ProviderDocument> {
    let given = &settings.endpoints;
    Some(ProviderDocument {
        issuer: settings.issuer.clone(),
        authorization_endpoint: given.authorization.clone()?,
        token_endpoint: given.token.clone()?,
        jwks_uri: given.jwks.clone()?,
        userinfo_endpoint: given.userinfo.clone(),
        end_session_endpoint: None,
        graph_host: None,
        states_issuer_in_response: false,
    })
}

/// The well-known path goes behind the issuer's path (OpenID Discovery 4.1).
fn discovery_url(settings: &OidcSettings) -> Result<Url, ConnectorError> {
    if let Some(url) = &settings.discovery_url {
        return Ok(url.clone());
    }
    let base = settings.issuer.trim_end_matches('/');
    Url::parse(&format!("{base}/.well-known/openid-configuration"))
        .map_err(|error| ConnectorError::Misconfigured(format!("issuer: {error}")))
}

/// Applies the rules to a fetched document.
pub(super) fn accept(
    settings: &OidcSettings,
    body: &[u8],
) -> Result<ProviderDocument, ConnectorError> {
    let json: Value =
        serde_json::from_slice(body).map_err(|_| invalid("it is not JSON".to_owned()))?;
    let issuer = json.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if issuer != settings.issuer {
        return Err(invalid(format!(
            "it names issuer {}, expected {}",
            shorten(issuer),
            settings.issuer
        )));
    }
    let given = &settings.endpoints;
    let endpoint = |name: &str, by_hand: &Option<Url>| match by_hand {
        Some(url) => Ok(Some(url.clone())),
        None => endpoint(settings, &json, name),
    };
    let required = |name: &str, by_hand: &Option<Url>| {
        endpoint(name, by_hand)?.ok_or_else(|| invalid(format!("it has no {name}")))
    };
    Ok(ProviderDocument {
        issuer: issuer.to_owned(),
        authorization_endpoint: required("authorization_endpoint", &given.authorization)?,
        token_endpoint: required("token_endpoint", &given.token)?,
        jwks_uri: required("jwks_uri", &given.jwks)?,
        userinfo_endpoint: endpoint("userinfo_endpoint", &given.userinfo)?,
        // Nothing is sent there by us, and people without it only stay signed in at the provider.
        end_session_endpoint: endpoint("end_session_endpoint", &None).unwrap_or_default(),
        graph_host: json.get("msgraph_host").and_then(Value::as_str).map(str::to_owned),
        states_issuer_in_response: json
            .get("authorization_response_iss_parameter_supported")
            .is_some_and(|flag| flag.as_bool() == Some(true)),
    })
}

/// An endpoint of the document. Its host must be the issuer's or one that the admin named: a document
/// never chooses where we send a secret.
fn endpoint(
    settings: &OidcSettings,
    json: &Value,
    name: &str,
) -> Result<Option<Url>, ConnectorError> {
    let text = json.get(name).and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    let url = Url::parse(text).map_err(|error| invalid(format!("{name} is no URL: {error}")))?;
    let issuer = Url::parse(&settings.issuer)
        .map_err(|error| ConnectorError::Misconfigured(format!("issuer: {error}")))?;
    let host = url.host_str().unwrap_or_default();
    let same_place = url.host_str() == issuer.host_str() && url.scheme() == issuer.scheme();
    let named = url.scheme() == "https" && settings.endpoint_hosts.iter().any(|one| one == host);
    if same_place || named {
        return Ok(Some(url));
    }
    Err(invalid(format!(
        "{name} is at {}://{}, which is neither the issuer's host nor one of upstream.endpoint_hosts",
        url.scheme(),
        shorten(host)
    )))
}

fn invalid(problem: String) -> ConnectorError {
    ConnectorError::Document {
        what: "discovery document",
        reason: ReasonCode::OidcDiscoveryInvalid,
        problem,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings() -> OidcSettings {
        OidcSettings::new("https://idp.example/realm", "symbolon")
    }

    fn good() -> Value {
        json!({
            "issuer": "https://idp.example/realm",
            "authorization_endpoint": "https://idp.example/authorize",
            "token_endpoint": "https://idp.example/token",
            "jwks_uri": "https://idp.example/jwks",
            "userinfo_endpoint": "",
            "claims_supported": "odd, but none of our business",
        })
    }

    fn read(settings: &OidcSettings, json: &Value) -> Result<ProviderDocument, ConnectorError> {
        accept(settings, json.to_string().as_bytes())
    }

    #[test]
    fn v25_an_empty_userinfo_endpoint_is_none() {
        let document = read(&settings(), &good()).unwrap();
        assert_eq!(document.userinfo_endpoint, None);
        assert!(!document.states_issuer_in_response);
    }

    #[test]
    fn neg_c4_another_issuer_is_refused() {
        for issuer in
            ["https://idp.example/realm/", "https://IDP.example/realm", "", "https://evil"]
        {
            let mut json = good();
            json["issuer"] = json!(issuer);
            let refused = read(&settings(), &json).unwrap_err();
            assert_eq!(refused.reason(), ReasonCode::OidcDiscoveryInvalid, "{issuer}");
        }
    }

    #[test]
    fn v27_an_endpoint_elsewhere_is_refused_until_the_admin_names_its_host() {
        let mut json = good();
        json["jwks_uri"] = json!("https://keys.example/jwks");
        assert!(read(&settings(), &json).is_err());
        let mut named = settings();
        named.endpoint_hosts = vec!["keys.example".into()];
        assert!(read(&named, &json).is_ok());
        json["jwks_uri"] = json!("http://keys.example/jwks");
        assert!(read(&named, &json).is_err(), "plain http to another host");
        json["jwks_uri"] = json!("file:///etc/passwd");
        assert!(read(&named, &json).is_err());
    }

    #[test]
    fn endpoints_given_by_hand_win_and_can_replace_discovery() {
        let mut by_hand = settings();
        by_hand.endpoints.token = Some(Url::parse("https://other.example/token").unwrap());
        let document = read(&by_hand, &good()).unwrap();
        assert_eq!(document.token_endpoint.as_str(), "https://other.example/token");
        assert!(super::by_hand(&by_hand).is_none(), "two endpoints are still to be discovered");
    }

    #[test]
    fn the_well_known_path_follows_the_issuers_path() {
        let url = discovery_url(&settings()).unwrap();
        assert_eq!(url.as_str(), "https://idp.example/realm/.well-known/openid-configuration");
    }
}
