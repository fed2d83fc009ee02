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

use super::discovery::ProviderDocument;
use super::key_cache::{KeySet, KeySource};
use super::token_request::Tokens;
use super::{Provider, post_verify};
use crate::connectors::{ConnectorError, UpstreamLeg};

/// Larger payloads are refused before anything looks into them (P-10).
const MAX_PAYLOAD: usize = 64 * 1024;

/// A payload whose signature and claims hold.
#[derive(Debug)]
pub(crate) struct VerifiedToken {
    pub(crate) payload: Map<String, Value>,
    /// `alg` of the header, which decides the hash of `at_hash`.
    pub(super) algorithm: String,
    /// The issuer that the key set states for the key, which Entra does (E-04).
    pub(crate) key_issuer: Option<String>,
}

impl Provider<'_> {
    /// Verifies the ID token: signature and basic claims by the crate, P-1 to P-10 by [`post_verify`].
    pub(crate) async fn verify(
        &self,
        document: &ProviderDocument,
        tokens: &Tokens,
        leg: &UpstreamLeg,
    ) -> Result<VerifiedToken, ConnectorError> {
        let verified = self.verify_with_fresh_keys(document, tokens, leg).await?;
        post_verify::check(&verified, tokens, self.settings, leg, self.clock.now())?;
        Ok(verified)
    }

    /// With the keys at hand and, when the `kid` is unknown, once more with new ones (RP-02).
    async fn verify_with_fresh_keys(
        &self,
        document: &ProviderDocument,
        tokens: &Tokens,
        leg: &UpstreamLeg,
    ) -> Result<VerifiedToken, ConnectorError> {
        let source = self.key_source(document);
        let cache = self.keys().await;
        let keys = cache.current(&source).await?;
        match self.verify_with(&keys, document, tokens, leg) {
            Err(refused) if refused.reason() == ReasonCode::OidcUnknownKey => {
                match cache.newer_than(&keys, &source).await? {
                    Some(newer) => self.verify_with(&newer, document, tokens, leg),
                    None => Err(refused),
                }
            }
            outcome => outcome,
        }
    }

    /// The keys that the provider publishes.
    pub(crate) async fn published_keys(
        &self,
        document: &ProviderDocument,
    ) -> Result<Arc<KeySet>, ConnectorError> {
        self.keys().await.current(&self.key_source(document)).await
    }

    pub(super) fn key_source<'s>(&'s self, document: &'s ProviderDocument) -> KeySource<'s> {
        KeySource { http: &self.upstreams.http, jwks_uri: &document.jwks_uri, clock: self.clock }
    }

    fn verify_with(
        &self,
        keys: &Arc<KeySet>,
        document: &ProviderDocument,
        tokens: &Tokens,
        leg: &UpstreamLeg,
    ) -> Result<VerifiedToken, ConnectorError> {
        let compact = tokens.id_token();
        check_size(compact)?;
        let header = header(compact)?;
        let parsed = CoreIdToken::from_str(compact).map_err(|_| malformed("its claims"))?;
        let verifier = self.verifier(&keys.keys, document)?;
        let nonce = Nonce::new(leg.nonce.clone());
        parsed.claims(&verifier, &nonce).map_err(|error| self.refusal(&error, document))?;
        let key_issuer = keys.issuer_of(header.key_id.as_deref()).map(str::to_owned);
        Ok(VerifiedToken { payload: payload(compact)?, algorithm: header.algorithm, key_issuer })
    }

    fn verifier(
        &self,
        keys: &CoreJsonWebKeySet,
        document: &ProviderDocument,
    ) -> Result<CoreIdTokenVerifier<'static>, ConnectorError> {
        let issuer = IssuerUrl::new(document.issuer.clone())
            .map_err(|error| ConnectorError::Misconfigured(format!("issuer: {error}")))?;
        let client = ClientId::new(self.settings.client_id.clone());
        let skew = TimeDelta::seconds(i64::from(self.settings.clock_skew_seconds.min(300)));
        let lenient_now = self.clock.now() - skew;
        // Further audiences are fine as long as `azp` names us, which `post_verify` checks (P-3).
        Ok(CoreIdTokenVerifier::new_public_client(client, issuer, keys.clone())
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

fn check_size(compact: &str) -> Result<(), ConnectorError> {
    if compact.len() <= MAX_PAYLOAD * 2 {
        return Ok(());
    }
    Err(ConnectorError::token(
        ReasonCode::OidcClaimsTooLarge,
        "size of the ID token",
        format!("{} bytes", compact.len()),
        format!("at most {}", MAX_PAYLOAD * 2),
    ))
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

struct Header {
    algorithm: String,
    key_id: Option<String>,
}

fn header(compact: &str) -> Result<Header, ConnectorError> {
    let header: Option<Value> =
        segment(compact, 0).and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let text = |name: &str| header.as_ref()?.get(name)?.as_str();
    let algorithm = text("alg").ok_or_else(|| malformed("its header"))?;
    // The crate reports `none` as a parse error; it deserves its own name.
    if algorithm.eq_ignore_ascii_case("none") {
        return Err(ConnectorError::token(
            ReasonCode::OidcAlgorithmRefused,
            "alg",
            algorithm,
            "a signature",
        ));
    }
    Ok(Header { algorithm: algorithm.to_owned(), key_id: text("kid").map(str::to_owned) })
}

/// The payload before anything is proved: good only for finding out whose keys to ask for (K-2).
pub(crate) fn unverified_payload(tokens: &Tokens) -> Result<Map<String, Value>, ConnectorError> {
    let compact = tokens.id_token();
    check_size(compact)?;
    payload(compact)
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

#[cfg(test)]
impl VerifiedToken {
    /// As if it had been verified, for the rules behind that.
    pub(crate) fn for_tests(payload: Map<String, Value>, key_issuer: Option<String>) -> Self {
        Self { payload, algorithm: "RS256".to_owned(), key_issuer }
    }
}
