//! How an application proves itself: a secret, a certificate, or another issuer's word (E-50 to E-52).

use actix_web::HttpRequest;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::aadsts::Refusal;
use super::application::{AppRegistration, IssuerKeys};
use super::authorize::unknown_application;
use super::world::{Fields, Tenant, World};
use crate::basic::basic;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The one audience of federated credentials.
const EXCHANGE: &str = "api://AzureADTokenExchange";
/// What Microsoft allows a clock to be off.
const SKEW: i64 = 300;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
}

/// A signed statement with what it says of itself.
struct Assertion<'a> {
    compact: &'a str,
    header: Header,
    claims: Claims,
}

/// Finds the application and checks its proof.
pub(super) async fn authenticate(
    world: &World,
    request: &HttpRequest,
    form: &Fields,
    address: &str,
    tenant: &Tenant,
) -> Result<AppRegistration, Refusal> {
    let basic = basic(request);
    let id = match (&basic, form.get("client_id")) {
        (Some((id, _)), _) | (None, Some(id)) => id.clone(),
        (None, None) => {
            let text = "The request body must contain the following parameter: 'client_id'.";
            return Err(Refusal::saying(900144, text.to_owned()));
        }
    };
    let application = world
        .with(|state| state.application(&id).cloned())
        .ok_or_else(|| unknown_application(&id, tenant))?;
    if !application.is_enabled {
        return Err(Refusal::new(7000112));
    }
    let method = match (basic, form.get("client_secret"), form.get("client_assertion")) {
        (None, None, None) if application.is_public => "none",
        (None, None, None) => return Err(Refusal::new(7000218)),
        _ if application.is_public => return Err(Refusal::new(700025)),
        (Some((_, secret)), ..) => {
            secret_is_good(world, &application, &secret).map(|()| "client_secret_basic")?
        }
        (None, Some(secret), _) => {
            secret_is_good(world, &application, secret).map(|()| "client_secret_post")?
        }
        (None, None, Some(compact)) => {
            by_assertion(world, &application, form, (compact, address)).await?
        }
    };
    world.with(|state| state.last_authentication = Some(method));
    Ok(application)
}

fn secret_is_good(
    world: &World,
    application: &AppRegistration,
    shown: &str,
) -> Result<(), Refusal> {
    let app = &application.client_id;
    let known = application.secrets.iter().find(|secret| secret.value == shown);
    match known {
        Some(secret) if secret.expires_at.is_some_and(|end| end <= world.now()) => {
            Err(Refusal::saying(
                7000222,
                format!(
                    "The provided client secret keys for app '{app}' are expired. Visit the Azure portal \
to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate \
credentials for added security: https://aka.ms/certCreds."
                ),
            ))
        }
        Some(_) => Ok(()),
        None => Err(Refusal::saying(
            7000215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the \
client secret value, not the client secret ID, for a secret added to app '{app}'."
            ),
        )),
    }
}

async fn by_assertion(
    world: &World,
    application: &AppRegistration,
    form: &Fields,
    (compact, address): (&str, &str),
) -> Result<&'static str, Refusal> {
    if form.get("client_assertion_type").map(String::as_str) != Some(ASSERTION_TYPE) {
        return Err(Refusal::saying(90023, "client_assertion_type is not jwt-bearer.".to_owned()));
    }
    let malformed = |_| {
        Refusal::saying(90023, "client_assertion is no JWT with iss, sub, aud and exp.".to_owned())
    };
    let header = jsonwebtoken::decode_header(compact).map_err(malformed)?;
    let claims: Claims =
        jsonwebtoken::dangerous::insecure_decode(compact).map_err(malformed)?.claims;
    let assertion = Assertion { compact, header, claims };
    if assertion.claims.iss.eq_ignore_ascii_case(&application.client_id) {
        by_certificate(world, application, &assertion, address)?;
        return Ok("certificate");
    }
    by_federation(world, application, &assertion).await?;
    Ok("federated")
}

/// Signed by a registered certificate: PS256 with `x5t#S256`, or RS256 with `x5t`.
fn by_certificate(
    world: &World,
    application: &AppRegistration,
    assertion: &Assertion<'_>,
    address: &str,
) -> Result<(), Refusal> {
    let Assertion { header, claims, .. } = assertion;
    let named = application.certificates.iter().find(|certificate| {
        header.x5t_s256.as_ref().is_some_and(|thumbprint| *thumbprint == certificate.sha256)
            || header.x5t.as_ref().is_some_and(|thumbprint| *thumbprint == certificate.sha1)
    });
    let certificate = named.ok_or_else(|| Refusal::new(700027))?;
    let algorithm = header.alg;
    let key = DecodingKey::from_rsa_der(&certificate.public_key);
    let allowed = matches!(algorithm, Algorithm::RS256 | Algorithm::PS256);
    if !allowed || !is_signed(assertion, &key) {
        let text = "Client assertion failed signature validation. The key was found, but the signature is wrong.";
        return Err(Refusal::saying(700027, text.to_owned()));
    }
    if !claims.sub.eq_ignore_ascii_case(&application.client_id) {
        return Err(Refusal::saying(
            700023,
            "Client assertion subject is not the client.".to_owned(),
        ));
    }
    let audience = claims.aud.as_str().unwrap_or_default();
    let issuer = address.replace("/oauth2/v2.0/token", "/v2.0");
    if audience != address && audience != issuer {
        return Err(Refusal::new(700023));
    }
    in_time(world, claims)
}

fn in_time(world: &World, claims: &Claims) -> Result<(), Refusal> {
    let now = world.now();
    if claims.exp + SKEW <= now || claims.nbf.is_some_and(|start| start - SKEW > now) {
        return Err(Refusal::saying(
            500133,
            format!(
                "Assertion is not within its valid time range. Please ensure that the client's clock is \
right. Current time: {}, expiry time of assertion {}.",
                super::clock::graph_time(now),
                super::clock::graph_time(claims.exp),
            ),
        ));
    }
    Ok(())
}

/// Signed by an issuer that the application trusts for one subject.
async fn by_federation(
    world: &World,
    application: &AppRegistration,
    assertion: &Assertion<'_>,
) -> Result<(), Refusal> {
    let Claims { iss, sub, aud, .. } = &assertion.claims;
    let no_match = || {
        Refusal::saying(
            70021,
            format!(
                "No matching federated identity record found for presented assertion. Assertion Issuer: \
'{iss}'. Assertion Subject: '{sub}'. Assertion Audience: '{}'.",
                aud.as_str().unwrap_or_default()
            ),
        )
    };
    if aud.as_str() != Some(EXCHANGE) {
        return Err(no_match());
    }
    let known =
        application.federated.iter().find(|known| known.issuer == *iss && known.subject == *sub);
    let keys = match &known.ok_or_else(no_match)?.keys {
        IssuerKeys::Given(keys) => Some(keys.clone()),
        IssuerKeys::Discovered(address) => discovered(address, iss).await,
    };
    let keys: JwkSet =
        keys.and_then(|keys| serde_json::from_value(keys).ok()).ok_or_else(|| {
            Refusal::saying(50166, "Request to External OIDC endpoint failed.".to_owned())
        })?;
    let kid = assertion.header.kid.as_ref();
    let signed = assertion.header.alg == Algorithm::RS256
        && keys
            .keys
            .iter()
            .filter(|key| kid.is_none() || key.common.key_id.as_ref() == kid)
            .filter_map(|key| DecodingKey::from_jwk(key).ok())
            .any(|key| is_signed(assertion, &key));
    if !signed {
        return Err(Refusal::saying(
            700027,
            "The assertion's signature is wrong, or not RS256.".to_owned(),
        )
        .with_error("invalid_client"));
    }
    in_time(world, &assertion.claims)
}

/// The issuer's keys by its discovery document, which must name the issuer itself.
async fn discovered(address: &str, issuer: &str) -> Option<Value> {
    let sender = crate::http::sender().ok()?;
    let document = format!("{address}/.well-known/openid-configuration");
    let document: Value = get(&sender, &document).await?;
    if document.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return None;
    }
    get(&sender, document.get("jwks_uri")?.as_str()?).await
}

async fn get(sender: &reqwest::Client, url: &str) -> Option<Value> {
    let answer = sender.get(url).send().await.ok()?;
    serde_json::from_str(&answer.text().await.ok()?).ok()
}

/// Times and audience are checked apart, against the mock's own clock.
fn is_signed(assertion: &Assertion<'_>, key: &DecodingKey) -> bool {
    let mut validation = Validation::new(assertion.header.alg);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<Value>(assertion.compact, key, &validation).is_ok()
}
