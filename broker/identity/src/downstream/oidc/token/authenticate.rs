//! Which application asks, and how it proves that (RFC 6749 2.3).

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use symbolon_contract::{ApplicationId, ReasonCode};
use url::form_urlencoded;

use super::super::OauthError;
use super::super::authorize::Parameters;
use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// What a request says about who asks.
#[derive(Debug)]
pub struct ApplicationProof {
    client_id: String,
    secret: Option<SecretString>,
}

impl ApplicationProof {
    /// Reads the one proof that a request may carry (D10).
    ///
    /// # Errors
    /// [`OauthError`] when there is none, two, or one that cannot be read.
    pub fn read(parameters: &Parameters, authorization: Option<&str>) -> Result<Self, OauthError> {
        let in_body = parameters.get("client_id");
        let body_secret = parameters.get("client_secret");
        if parameters.get("client_assertion").is_some() {
            return Err(OauthError::new(
                ReasonCode::TokenClientAuthenticationFailed,
                "client assertions are not supported",
            ));
        }
        match authorization.map(basic).transpose()? {
            Some(_) if body_secret.is_some() => Err(OauthError::new(
                ReasonCode::TokenTwoAuthentications,
                "a secret stands in the Authorization header and in the body",
            )),
            Some((client_id, _)) if in_body.is_some_and(|other| other != client_id) => {
                Err(OauthError::new(
                    ReasonCode::TokenTwoAuthentications,
                    "client_id differs between the Authorization header and the body",
                ))
            }
            Some((client_id, secret)) => Ok(Self { client_id, secret: Some(secret) }),
            None => match in_body {
                Some(id) => Ok(Self {
                    client_id: id.to_owned(),
                    secret: body_secret.map(|secret| SecretString::from(secret.to_owned())),
                }),
                None => Err(OauthError::new(
                    ReasonCode::TokenClientAuthenticationMissing,
                    "the request does not say which application asks",
                )),
            },
        }
    }
}

/// HTTP Basic with form-encoded parts (RFC 6749 2.3.1).
fn basic(header: &str) -> Result<(String, SecretString), OauthError> {
    let refuse = || {
        OauthError::new(
            ReasonCode::TokenClientAuthenticationFailed,
            "the Authorization header is not HTTP Basic with an id and a secret",
        )
    };
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

/// Finds the application and checks its secret. Public applications have none and prove nothing here;
/// PKCE stands in (RFC 9700 2.1.1).
pub(super) async fn application(
    broker: &Broker,
    tenant: &TenantRecord,
    proof: &ApplicationProof,
) -> Result<Application, OauthError> {
    let unknown = || {
        OauthError::new(ReasonCode::TokenClientUnknown, "no application of this tenant has this id")
    };
    let id = ApplicationId::parse(proof.client_id.clone()).map_err(|_| unknown())?;
    let found = Application::find(&broker.database, &tenant.id, &id)
        .await
        .map_err(|error| OauthError::new(crate::storage_reason(&error), error.to_string()))?;
    let application = found.ok_or_else(unknown)?;
    let refuse =
        |detail: &str| Err(OauthError::new(ReasonCode::TokenClientAuthenticationFailed, detail));
    match (&application.secret, &proof.secret) {
        (Some(hash), Some(secret)) if hash.matches(secret.expose_secret()) => {}
        (Some(_), Some(_)) => return refuse("the application's secret is wrong"),
        (Some(_), None) => return refuse("the application must send its secret"),
        (None, Some(_)) => return refuse("the application is public and sends a secret"),
        (None, None) => {}
    }
    if application.active {
        Ok(application)
    } else {
        Err(OauthError::new(ReasonCode::ApplicationDisabled, "the application is disabled"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn body(pairs: &[(&str, &str)]) -> Parameters {
        Parameters::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn reason(parameters: &Parameters, authorization: Option<&str>) -> ReasonCode {
        ApplicationProof::read(parameters, authorization).unwrap_err().reason
    }

    #[test]
    fn rfc6749_basic_parts_are_form_decoded() {
        let proof = ApplicationProof::read(&body(&[]), Some(&header("a%3Ab:s%25+x=&"))).unwrap();
        assert_eq!(proof.client_id, "a:b");
        assert_eq!(proof.secret.unwrap().expose_secret(), "s% x=&");
    }

    #[test]
    fn neg_d10_one_proof_and_only_one() {
        let basic = header("wiki:secret");
        let twice = body(&[("client_secret", "x")]);
        assert_eq!(reason(&twice, Some(&basic)), ReasonCode::TokenTwoAuthentications);
        let other = body(&[("client_id", "other")]);
        assert_eq!(reason(&other, Some(&basic)), ReasonCode::TokenTwoAuthentications);
        assert_eq!(reason(&body(&[]), None), ReasonCode::TokenClientAuthenticationMissing);
        for bad in ["Bearer x", "Basic", "Basic !!!", &header("no colon")] {
            assert_eq!(reason(&body(&[]), Some(bad)), ReasonCode::TokenClientAuthenticationFailed);
        }
        let assertion = body(&[("client_id", "wiki"), ("client_assertion", "x.y.z")]);
        assert_eq!(reason(&assertion, None), ReasonCode::TokenClientAuthenticationFailed);
        assert!(ApplicationProof::read(&body(&[("client_id", "wiki")]), Some(&basic)).is_ok());
    }
}
