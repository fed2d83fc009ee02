//! Signature, issuer, audience, expiry and nonce by `openidconnect`; the payload as it was signed.

use std::str::FromStr;
use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet};
use openidconnect::{
    ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError,
};
use serde_json::{Map, Value};
use symbolon_contract::ReasonCode;

use super::OidcConnector;
use super::discovery::ProviderDocument;
use super::key_cache::KeySource;
use super::token_request::Tokens;
use crate::connectors::{ConnectorError, UpstreamLeg};

/// Larger payloads are refused before anything looks into them (P-10).
const MAX_PAYLOAD: usize = 64 * 1024;

/// A payload whose signature and basic claims hold.
#[derive(Debug)]
pub(super) struct VerifiedToken {
    pub(super) payload: Map<String, Value>,
    /// `alg` of the header, which decides the hash of `at_hash`.
    pub(super) algorithm: String,
}

impl OidcConnector<'_> {
    /// Verifies with the keys at hand and, when the `kid` is unknown, once more with new ones (RP-02).
    pub(super) async fn verify_with_fresh_keys(
        &self,
        document: &ProviderDocument,
        tokens: &Tokens,
        leg: &UpstreamLeg,
    ) -> Result<VerifiedToken, ConnectorError> {
        let source = KeySource {
            http: &self.upstreams.http,
            jwks_uri: &document.jwks_uri,
            clock: self.clock,
        };
        let cache = self.keys().await;
        let keys = cache.current(&source).await?;
        match self.verify(&keys, document, tokens, leg) {
            Err(refused) if refused.reason() == ReasonCode::OidcUnknownKey => {
                match cache.newer_than(&keys, &source).await? {
                    Some(newer) => self.verify(&newer, document, tokens, leg),
                    None => Err(refused),
                }
            }
            outcome => outcome,
        }
    }

    fn verify(
        &self,
        keys: &Arc<CoreJsonWebKeySet>,
        document: &ProviderDocument,
        tokens: &Tokens,
        leg: &UpstreamLeg,
    ) -> Result<VerifiedToken, ConnectorError> {
        let compact = tokens.id_token();
        if compact.len() > MAX_PAYLOAD * 2 {
            return Err(ConnectorError::token(
                ReasonCode::OidcClaimsTooLarge,
                "size of the ID token",
                format!("{} bytes", compact.len()),
                format!("at most {}", MAX_PAYLOAD * 2),
            ));
        }
        let algorithm = header_algorithm(compact)?;
        let parsed = CoreIdToken::from_str(compact).map_err(|_| malformed("its claims"))?;
        let verifier = self.verifier(keys, document)?;
        let nonce = Nonce::new(leg.nonce.clone());
        parsed.claims(&verifier, &nonce).map_err(|error| self.refusal(&error, document))?;
        Ok(VerifiedToken { payload: payload(compact)?, algorithm })
    }

    fn verifier(
        &self,
        keys: &Arc<CoreJsonWebKeySet>,
        document: &ProviderDocument,
    ) -> Result<CoreIdTokenVerifier<'static>, ConnectorError> {
        let issuer = IssuerUrl::new(document.issuer.clone())
            .map_err(|error| ConnectorError::Misconfigured(format!("issuer: {error}")))?;
        let client = ClientId::new(self.settings.client_id.clone());
        let skew = TimeDelta::seconds(i64::from(self.settings.clock_skew_seconds.min(300)));
        let lenient_now = self.clock.now() - skew;
        // Further audiences are fine as long as `azp` names us, which `post_verify` checks (P-3).
        Ok(CoreIdTokenVerifier::new_public_client(client, issuer, CoreJsonWebKeySet::clone(keys))
            .set_allowed_algs(self.settings.algorithms.iter().map(|one| one.as_core()))
            .set_time_fn(move || lenient_now)
            .set_other_audience_verifier_fn(|_| true))
    }

    fn refusal(
        &self,
        error: &ClaimsVerificationError,
        document: &ProviderDocument,
    ) -> ConnectorError {
        use ClaimsVerificationError as Claims;
        match error {
            Claims::Expired(seen) => ConnectorError::token(
                ReasonCode::OidcTokenExpired,
                "exp",
                seen,
                format!("after {}", self.clock.now()),
            ),
            Claims::InvalidAudience(seen) => ConnectorError::token(
                ReasonCode::OidcAudienceMismatch,
                "aud",
                seen,
                &self.settings.client_id,
            ),
            Claims::InvalidIssuer(seen) => {
                ConnectorError::token(ReasonCode::OidcIssuerMismatch, "iss", seen, &document.issuer)
            }
            Claims::InvalidNonce(_) => ConnectorError::token(
                ReasonCode::OidcNonceMismatch,
                "nonce",
                "another value or none",
                "the nonce of this sign-in",
            ),
            Claims::SignatureVerification(error) => self.signature_refusal(error),
            other => ConnectorError::token(
                ReasonCode::OidcTokenMalformed,
                "form of the ID token",
                other,
                "a signed JWT",
            ),
        }
    }

    fn signature_refusal(&self, error: &SignatureVerificationError) -> ConnectorError {
        use SignatureVerificationError as Signature;
        let algorithms = format!("one of {:?}", self.settings.algorithms);
        match error {
            Signature::NoMatchingKey | Signature::AmbiguousKeyId(_) => ConnectorError::token(
                ReasonCode::OidcUnknownKey,
                "kid",
                error,
                "exactly one key of the provider's key set",
            ),
            Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_) | Signature::NoSignature => {
                ConnectorError::token(ReasonCode::OidcAlgorithmRefused, "alg", error, algorithms)
            }
            other => ConnectorError::token(
                ReasonCode::OidcBadSignature,
                "signature",
                other,
                "a signature by a key of the provider",
            ),
        }
    }
}

fn malformed(part: &str) -> ConnectorError {
    ConnectorError::token(
        ReasonCode::OidcTokenMalformed,
        "form of the ID token",
        format!("{part} cannot be read"),
        "a signed JWT with claims of the standard types",
    )
}

fn segment(compact: &str, index: usize) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(compact.split('.').nth(index)?).ok()
}

fn header_algorithm(compact: &str) -> Result<String, ConnectorError> {
    let header: Option<Value> =
        segment(compact, 0).and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let algorithm = header.as_ref().and_then(|header| header.get("alg")).and_then(Value::as_str);
    let algorithm = algorithm.ok_or_else(|| malformed("its header"))?;
    // The crate reports `none` as a parse error; it deserves its own name.
    if algorithm.eq_ignore_ascii_case("none") {
        return Err(ConnectorError::token(
            ReasonCode::OidcAlgorithmRefused,
            "alg",
            algorithm,
            "a signature",
        ));
    }
    Ok(algorithm.to_owned())
}

/// The raw payload (K-4): what was signed, not what a typed struct keeps of it.
fn payload(compact: &str) -> Result<Map<String, Value>, ConnectorError> {
    let bytes = segment(compact, 1).ok_or_else(|| malformed("its payload"))?;
    if bytes.len() > MAX_PAYLOAD {
        return Err(ConnectorError::token(
            ReasonCode::OidcClaimsTooLarge,
            "size of the claims",
            format!("{} bytes", bytes.len()),
            format!("at most {MAX_PAYLOAD}"),
        ));
    }
    serde_json::from_slice(&bytes).map_err(|_| malformed("its payload"))
}
