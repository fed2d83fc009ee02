//! What an application asks when it signs a person out (OpenID Connect RP-Initiated Logout 1.0, 2 and 3).
//!
//! Owns: which parameters are believed. Only a hint that we signed says whose session is meant, and only an exactly
//! registered address is gone to afterwards. Does not own: the session, or what the person is asked.

use serde_json::{Map, Value};
use symbolon_contract::{ApplicationId, ReasonCode, SessionId};
use url::form_urlencoded::byte_serialize;

use super::authorize::Parameters;
use super::{OauthError, OpenidProvider};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// As long as that of an authorization request may be.
const LONGEST_STATE: usize = 2048;
const READ: [&str; 6] = [
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "logout_hint",
    "ui_locales",
];

/// A request to sign a person out, as far as it is believed.
#[derive(Debug, Clone, Default)]
pub struct EndSessionRequest {
    /// Who asks.
    pub application: Option<Application>,
    /// Where the person goes afterwards: a registered address, and the `state`.
    pub landing: Option<String>,
    /// The session that an ID token of ours names.
    pub session: Option<SessionId>,
}

/// Reads a request. `logout_hint` and `ui_locales` are taken and decide nothing.
///
/// # Errors
/// [`OauthError`]: a parameter twice, a hint that is not ours, an application that is none or not the hint's, an
/// address that it did not register. None of them may be answered by a redirect.
pub(crate) async fn read(
    broker: &Broker,
    tenant: &TenantRecord,
    parameters: &Parameters,
) -> Result<EndSessionRequest, OauthError> {
    if let Some(name) = READ.into_iter().find(|name| parameters.count(name) > 1) {
        let detail = format!("{name} stands more than once");
        return Err(OauthError::new(ReasonCode::AuthorizeDuplicateParameter, detail));
    }
    let hint = match parameters.get("id_token_hint") {
        None => Map::new(),
        Some(token) => hint(broker, tenant, token).await?,
    };
    let application = application(broker, tenant, (parameters, &audience(&hint))).await?;
    let landing = match &application {
        // Nobody vouches for an address without an application (D17).
        None => None,
        Some(application) => landing(application, parameters)?,
    };
    let session = hint.get("sid").and_then(Value::as_str);
    let session = session.and_then(|sid| SessionId::parse(sid).ok());
    Ok(EndSessionRequest { application, landing, session })
}

/// The claims of an ID token that the issuer asked here signed for this tenant. Its age does not matter (2).
async fn hint(
    broker: &Broker,
    tenant: &TenantRecord,
    token: &str,
) -> Result<Map<String, Value>, OauthError> {
    let provider = OpenidProvider::at(broker, tenant);
    let claims = broker.keys.verify_id_token(&provider.keys, &provider.issuer, token).await;
    let claims = claims.map_err(|error| {
        let reason = match error.reason() {
            ReasonCode::AuthorizeIdTokenHintInvalid => ReasonCode::LogoutIdTokenHintInvalid,
            ours => ours,
        };
        OauthError::new(reason, error.to_string())
    })?;
    // The platform signs for all of them, and says for which.
    let named = claims.get("tenant").and_then(Value::as_str);
    if provider.names_tenant.as_ref().is_some_and(|tenant| named != Some(tenant.as_str())) {
        let detail = "the id_token_hint is for another tenant";
        return Err(OauthError::new(ReasonCode::LogoutIdTokenHintInvalid, detail));
    }
    Ok(claims)
}

fn audience(hint: &Map<String, Value>) -> Vec<&str> {
    match hint.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Who asks: as `client_id` says, which must fit the hint, or as the hint alone says.
async fn application(
    broker: &Broker,
    tenant: &TenantRecord,
    (parameters, audience): (&Parameters, &[&str]),
) -> Result<Option<Application>, OauthError> {
    let named = parameters.get("client_id");
    let hinted = audience.first().copied();
    if let Some(named) = named
        && hinted.is_some()
        && !audience.contains(&named)
    {
        let detail = "client_id is not the application that the id_token_hint was made for";
        return Err(OauthError::new(ReasonCode::LogoutApplicationMismatch, detail));
    }
    let Some(id) = named.or(hinted) else { return Ok(None) };
    let found = match ApplicationId::parse(id) {
        Err(_) => None,
        Ok(id) => {
            let found = Application::find(&broker.database, &tenant.id, &id).await;
            found
                .map_err(|error| OauthError::new(crate::storage_reason(&error), error.to_string()))?
                .filter(|application| application.speaks_to(tenant))
        }
    };
    match found {
        Some(application) if application.active => Ok(Some(application)),
        Some(_) => {
            let detail = "the application is disabled";
            Err(OauthError::new(ReasonCode::ApplicationDisabled, detail))
        }
        None if named.is_some() => {
            let detail = "client_id names no application of this tenant";
            Err(OauthError::new(ReasonCode::ApplicationUnknown, detail))
        }
        // It was deleted since; the session that it had may end all the same.
        None => Ok(None),
    }
}

/// The registered address, byte for byte, and the `state` (3).
fn landing(
    application: &Application,
    parameters: &Parameters,
) -> Result<Option<String>, OauthError> {
    let Some(sent) = parameters.get("post_logout_redirect_uri") else { return Ok(None) };
    let registered = &application.settings.post_logout_redirect_uris;
    let Some(uri) = registered.iter().find(|one| one.as_str() == sent) else {
        let sent: String = sent.chars().filter(|c| !c.is_control()).take(300).collect();
        let detail = format!("post_logout_redirect_uri {sent} is not registered");
        return Err(OauthError::new(ReasonCode::LogoutRedirectUriMismatch, detail));
    };
    let Some(state) = parameters.get("state") else { return Ok(Some(uri.to_string())) };
    if state.len() > LONGEST_STATE {
        let detail = "state is longer than 2048 bytes";
        return Err(OauthError::new(ReasonCode::AuthorizeStateInvalid, detail));
    }
    let separator = if uri.as_str().contains('?') { '&' } else { '?' };
    let state: String = byte_serialize(state.as_bytes()).collect();
    Ok(Some(format!("{uri}{separator}state={state}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::downstream::{OpenidSettings, RedirectUri};

    fn wiki() -> Application {
        let mut settings = OpenidSettings::new(Vec::new());
        settings.post_logout_redirect_uris =
            ["https://wiki.example/out", "https://wiki.example/out?x=1", "com.example.app:/out"]
                .map(|uri| RedirectUri::parse(uri).unwrap())
                .to_vec();
        Application::new(ApplicationId::parse("wiki").unwrap(), settings)
    }

    fn land(uri: &str, state: &str) -> Result<Option<String>, ReasonCode> {
        let pairs = [("post_logout_redirect_uri", uri), ("state", state)];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        landing(&wiki(), &Parameters::new(pairs)).map_err(|error| error.reason)
    }

    #[test]
    fn lo_02_the_person_lands_at_a_registered_address_with_the_state_alone() {
        let cases = [
            ("https://wiki.example/out", "", "https://wiki.example/out"),
            ("https://wiki.example/out", "a b&c", "https://wiki.example/out?state=a+b%26c"),
            ("https://wiki.example/out?x=1", "s", "https://wiki.example/out?x=1&state=s"),
            ("com.example.app:/out", "s", "com.example.app:/out?state=s"),
        ];
        for (uri, state, expected) in cases {
            assert_eq!(land(uri, state), Ok(Some(expected.to_owned())));
        }
        assert_eq!(land("", "s"), Ok(None));
    }

    #[test]
    fn neg_d17_an_address_that_is_not_registered_to_the_letter_is_refused() {
        for uri in [
            "https://wiki.example/out?foo=bar",
            "https://wiki.example/out/",
            "https://wiki.example/OUT",
            "https://wiki.example/out#x",
            "https://wiki.example/out?x=1&foo=bar",
            "http://wiki.example/out",
            "https://wiki.example",
            "//wiki.example/out",
            "javascript:alert(1)",
        ] {
            assert_eq!(land(uri, "s"), Err(ReasonCode::LogoutRedirectUriMismatch), "{uri}");
        }
        assert!(land("https://wiki.example/out", &"s".repeat(2049)).is_err());
    }
}
