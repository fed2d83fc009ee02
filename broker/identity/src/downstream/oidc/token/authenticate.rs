//! Which application asks, and how it proves that (RFC 6749 2.3, RFC 7523): one rule for every endpoint.

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use symbolon_contract::{ApplicationId, ReasonCode};
use symbolon_storage::{NewSingleUse, SingleUseKind};
use url::form_urlencoded;

use super::super::jose::assertion;
use super::super::jose::keys::with_keys;
use super::super::jose::statement::StatementProblem;
use super::super::possession::once;
use super::super::{OauthError, Presented};
use super::TokenRefusal;
use crate::broker::Broker;
use crate::downstream::{Application, ApplicationAuthentication};
use crate::tenants::TenantRecord;

/// An application that asks, after it proved itself.
#[derive(Debug, Clone)]
pub(crate) struct Authenticated {
    /// Which one.
    pub(crate) application: Application,
    /// How it proved that.
    pub(crate) method: Method,
}

/// How an application proved itself (OpenID Core 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Not at all: it can keep no secret.
    Public,
    /// By its secret in the header.
    SecretBasic,
    /// By its secret in the body.
    SecretPost,
    /// By a statement that it signed.
    PrivateKeyJwt,
}

impl Method {
    fn as_str(self) -> &'static str {
        match self {
            Self::Public => "none",
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// The one proof that a request may carry (D10).
#[derive(Debug)]
struct Proof {
    client_id: String,
    method: Method,
    /// The secret or the statement; empty without a proof.
    credential: SecretString,
}

impl Proof {
    fn new(client_id: &str, method: Method, credential: &str) -> Self {
        Self { client_id: client_id.to_owned(), method, credential: credential.into() }
    }

    fn read(presented: &Presented<'_>) -> Result<Self, OauthError> {
        let parameters = presented.parameters;
        let said = parameters.get("client_id");
        let secret = parameters.get("client_secret");
        let assertion = parameters.get("client_assertion");
        let proof = match (presented.authorization.map(basic).transpose()?, secret, assertion) {
            (Some((id, secret)), None, None) => {
                Self { client_id: id, method: Method::SecretBasic, credential: secret }
            }
            (None, None, Some(token)) => {
                let id = asserted(token, parameters.get("client_assertion_type"))?;
                Self::new(&id, Method::PrivateKeyJwt, token)
            }
            (None, Some(secret), None) => {
                Self::new(said.ok_or_else(nobody)?, Method::SecretPost, secret)
            }
            (None, None, None) => Self::new(said.ok_or_else(nobody)?, Method::Public, ""),
            _ => {
                return Err(OauthError::new(
                    ReasonCode::TokenTwoAuthentications,
                    "the request proves itself in more than one way",
                ));
            }
        };
        match said {
            Some(other) if other != proof.client_id => Err(OauthError::new(
                ReasonCode::TokenTwoAuthentications,
                "client_id is not that of the Authorization header or of the assertion",
            )),
            _ => Ok(proof),
        }
    }
}

fn nobody() -> OauthError {
    OauthError::new(
        ReasonCode::TokenClientAuthenticationMissing,
        "the request does not say which application asks",
    )
}

fn failed(detail: impl Into<String>) -> OauthError {
    OauthError::new(ReasonCode::TokenClientAuthenticationFailed, detail)
}

/// HTTP Basic with form-encoded parts (RFC 6749 2.3.1).
fn basic(header: &str) -> Result<(String, SecretString), OauthError> {
    let refuse = || failed("the Authorization header is not HTTP Basic with an id and a secret");
    let (scheme, encoded) = header.split_once(' ').ok_or_else(refuse)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refuse());
    }
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| refuse())?;
    let text = String::from_utf8(bytes).map_err(|_| refuse())?;
    let (id, secret) = text.split_once(':').ok_or_else(refuse)?;
    Ok((decode(id), decode(secret).into()))
}

fn decode(part: &str) -> String {
    // A part as the only value of a form; `=` and `&` in it would be encoded by a correct sender.
    let escaped = part.replace('=', "%3D").replace('&', "%26");
    form_urlencoded::parse(format!("v={escaped}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Whose statement it says it is: `client_id` may be left away beside it (RFC 7521 4.2).
fn asserted(token: &str, kind: Option<&str>) -> Result<String, OauthError> {
    let invalid = |detail| OauthError::new(ReasonCode::TokenClientAssertionInvalid, detail);
    if kind != Some(assertion::TYPE) {
        return Err(invalid("client_assertion_type is not that of a JWT (RFC 7523 2.2)"));
    }
    assertion::claimed_application(token)
        .ok_or_else(|| invalid("the client assertion is no JWT with a sub"))
}

/// Finds the application and checks its proof. Public applications prove nothing here; PKCE stands in
/// (RFC 9700 2.1.1).
///
/// # Errors
/// [`OauthError`] with `token.client_…`, `token.two_authentications`, or those of the database.
pub(crate) async fn application(
    broker: &Broker,
    tenant: &TenantRecord,
    presented: &Presented<'_>,
) -> Result<Authenticated, OauthError> {
    let proof = Proof::read(presented)?;
    let unknown = || {
        OauthError::new(ReasonCode::TokenClientUnknown, "no application of this tenant has this id")
    };
    let id = ApplicationId::parse(proof.client_id.clone()).map_err(|_| unknown())?;
    let found = Application::find(&broker.database, &tenant.id, &id).await?;
    let application = found
        // The platform's applications are unknown at a tenant's own endpoints, and the other way round.
        .filter(|found| found.speaks_to(tenant))
        .ok_or_else(unknown)?;
    registered(&application, proof.method)?;
    let credential = proof.credential.expose_secret();
    match (proof.method, &application.secret) {
        (Method::PrivateKeyJwt, _) => {
            statement(broker, tenant, &application, (presented, credential)).await?;
        }
        (Method::SecretBasic | Method::SecretPost, Some(hash)) if !hash.matches(credential) => {
            return Err(failed("the application's secret is wrong"));
        }
        _ => {}
    }
    if application.active {
        Ok(Authenticated { application, method: proof.method })
    } else {
        Err(OauthError::new(ReasonCode::ApplicationDisabled, "the application is disabled"))
    }
}

/// The application of a request in which no parameter stands twice; the start of every endpoint.
///
/// # Errors
/// Those of [`application`], for nobody.
pub(crate) async fn asking(
    broker: &Broker,
    tenant: &TenantRecord,
    presented: &Presented<'_>,
) -> Result<Authenticated, TokenRefusal> {
    let nobody = |error| TokenRefusal { error, application: None };
    presented.without_duplicates().map_err(nobody)?;
    application(broker, tenant, presented).await.map_err(nobody)
}

/// The method is the registered one: who could choose would choose the weakest (RFC 9700 2.5).
fn registered(application: &Application, method: Method) -> Result<(), OauthError> {
    let settings = &application.settings;
    let allowed: &[Method] = match settings.authentication {
        ApplicationAuthentication::PrivateKeyJwt => &[Method::PrivateKeyJwt],
        // FAPI 2.0 Security Profile 5.3.2.1: no secrets.
        _ if settings.is_fapi2() => &[],
        _ if application.secret.is_none() => &[Method::Public],
        ApplicationAuthentication::Secret => &[Method::SecretBasic, Method::SecretPost],
        ApplicationAuthentication::SecretBasic => &[Method::SecretBasic],
        ApplicationAuthentication::SecretPost => &[Method::SecretPost],
    };
    if allowed.contains(&method) {
        return Ok(());
    }
    let names: Vec<&str> = allowed.iter().map(|one| one.as_str()).collect();
    let (seen, expected) = (method.as_str(), names.join(" or "));
    Err(failed(format!("the application proves itself by {seen}, it is registered for {expected}")))
}

/// A signed statement, good once (RFC 7523 3).
async fn statement(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    (presented, token): (&Presented<'_>, &str),
) -> Result<(), OauthError> {
    let issuer = &presented.provider.issuer;
    let (token_endpoint, called) = (format!("{issuer}/token"), [presented.url()]);
    let rules = assertion::Rules {
        profile: application.settings.profile,
        issuer,
        token_endpoint: &token_endpoint,
        other_endpoints: &called,
    };
    let now = broker.clock.now();
    let checked = with_keys(broker, &application.settings, |keys| {
        assertion::check(token, &application.id, keys, &rules, now)
    });
    let accepted = checked.await.map_err(|problem: StatementProblem| {
        let reason = problem.reason(ReasonCode::TokenClientAssertionInvalid);
        OauthError::new(reason, problem.in_words("client assertion"))
    })?;
    let value = NewSingleUse {
        value_hash: accepted.jti_hash,
        payload: serde_json::json!({}),
        created_at: now,
        expires_at: accepted.until,
    };
    if once(broker, tenant, SingleUseKind::ClientAssertionId, value).await? {
        return Ok(());
    }
    let detail = "a client assertion with this jti was used before";
    Err(OauthError::new(ReasonCode::TokenClientAssertionReplayed, detail))
}

#[cfg(test)]
mod tests;
