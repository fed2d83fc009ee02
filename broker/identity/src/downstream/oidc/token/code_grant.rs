//! A code is redeemed (RFC 6749 4.1.3, RFC 7636 4.6): once, by whom it was made for, for who may be in.

use aws_lc_rs::{constant_time, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde_json::json;
use symbolon_contract::{ConnectorId, ReasonCode, TraceId};
use symbolon_storage::{AccessToken, Connection, ConsumeOutcome, SingleUseKind, StorageError};

use super::gate::{self, GateError};
use super::{OauthError, TokenAnswer};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::downstream::oidc::authorize::Parameters;
use crate::downstream::oidc::claims::Person;
use crate::downstream::oidc::code::{self, CodeGrant};
use crate::downstream::oidc::{OpenidProvider, id_token, release, subject};
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// A request to redeem, parsed.
struct Redemption {
    code_hash: String,
    redirect_uri: Option<String>,
    verifier: Option<String>,
    token_hash: String,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

pub(super) async fn redeem(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    (parameters, trace): (&Parameters, &TraceId),
) -> Result<TokenAnswer, OauthError> {
    let code = parameters
        .get("code")
        .ok_or_else(|| OauthError::new(ReasonCode::TokenInvalidRequest, "code is missing"))?;
    let algorithm = application.settings.id_token_algorithm;
    // Before the code is spent: a broken key must not cost the person the sign-in.
    let provider = OpenidProvider::of(broker, tenant, application);
    let signer = broker
        .keys
        .signer(&provider.keys, algorithm)
        .await
        .map_err(|error| OauthError::new(ReasonCode::ServerInternal, error.to_string()))?;
    let now = broker.clock.now();
    let access_token = broker.new_secret();
    let redemption = Redemption {
        code_hash: sha256_hex(code.as_bytes()),
        redirect_uri: parameters.get("redirect_uri").map(str::to_owned),
        verifier: parameters.get("code_verifier").map(str::to_owned),
        token_hash: sha256_hex(access_token.expose_secret().as_bytes()),
        now,
        expires_at: now + broker.settings.token_lifetime,
    };
    let (owned_tenant, owned_application) = (tenant.clone(), application.clone());
    let spent = broker
        .database
        // A refusal is a result here: what it revokes must be kept, so the transaction commits.
        .write(move |conn| spend(conn, &owned_tenant, &owned_application, &redemption))
        .await
        .map_err(|error| OauthError::new(crate::storage_reason(&error), error.to_string()))??;
    let Redeemed { grant, person, connector } = spent;
    let (connector, scopes) = (&connector, grant.scopes.as_slice());
    let wished = grant.claims.as_ref();
    let asked = release::Asked { application, connector, person: &person, scopes, wished };
    let refused = ReasonCode::TokenReleaseRefused;
    let released = release::claims(broker, tenant, &asked, (trace, refused)).await?;
    let lifetime = broker.settings.token_lifetime;
    let subject = subject::of(broker, tenant, application, &grant.user).await?;
    let spoken = id_token::Spoken { provider: &provider, subject: &subject, life: (now, lifetime) };
    let mut claims = id_token::claims(&spoken, application, &grant, released.id_token);
    let access_token = access_token.expose_secret().to_owned();
    claims.insert("at_hash".into(), json!(algorithm.half_hash(&access_token)));
    let id_token = signer
        .sign("JWT", &claims)
        .map_err(|error| OauthError::new(ReasonCode::ServerInternal, error.to_string()))?;
    Ok(TokenAnswer {
        access_token,
        token_type: "Bearer",
        expires_in: lifetime.num_seconds(),
        id_token,
        scope: grant.scopes.join(" "),
    })
}

/// What a code stood for.
struct Redeemed {
    grant: CodeGrant,
    person: Person,
    connector: ConnectorId,
}

type Spent = Result<Redeemed, OauthError>;

fn spend(
    conn: &mut Connection,
    tenant: &TenantRecord,
    application: &Application,
    redemption: &Redemption,
) -> Result<Spent, StorageError> {
    let refuse = |reason, detail: &str| Ok(Err(OauthError::new(reason, detail)));
    let mut rows = conn.tenant(&tenant.id);
    let mut codes = rows.single_use(SingleUseKind::AuthorizationCode);
    let Some(row) = codes.peek(&redemption.code_hash)? else {
        return refuse(ReasonCode::TokenCodeUnknown, "no such code was issued by this tenant");
    };
    let grant = code::read(row.payload)?;
    // Somebody else's code is not spent: the one it was made for may still come (D5).
    if grant.application != application.id {
        return refuse(
            ReasonCode::TokenCodeOtherApplication,
            "the code was made for another application",
        );
    }
    match codes.consume(&redemption.code_hash, redemption.now)? {
        ConsumeOutcome::Taken(_) => {}
        ConsumeOutcome::Expired => {
            return refuse(ReasonCode::TokenCodeExpired, "the code has expired");
        }
        ConsumeOutcome::Unknown => {
            return refuse(ReasonCode::TokenCodeUnknown, "no such code was issued by this tenant");
        }
        ConsumeOutcome::AlreadyConsumed(_) => {
            // RFC 6749 4.1.2: what was made of the code dies with the second use.
            rows.access_tokens().revoke_by_code(&redemption.code_hash, redemption.now)?;
            return refuse(
                ReasonCode::TokenCodeReused,
                "the code was redeemed before; the tokens made of it are revoked",
            );
        }
    }
    if let Err(error) = check(&grant, redemption) {
        return Ok(Err(error));
    }
    match admitted(conn, tenant, &grant, redemption) {
        Ok((person, connector)) => Ok(Ok(Redeemed { grant, person, connector })),
        Err(GateError::Storage(error)) => Err(error),
        Err(other) => refuse(ReasonCode::TokenGrantNoLongerValid, &other.to_string()),
    }
}

fn check(grant: &CodeGrant, redemption: &Redemption) -> Result<(), OauthError> {
    if redemption.redirect_uri.as_deref() != Some(&grant.redirect_uri) {
        return Err(OauthError::new(
            ReasonCode::TokenRedirectUriMismatch,
            "redirect_uri is not the one of the authorization request",
        ));
    }
    let fits = match (&grant.code_challenge, &redemption.verifier) {
        (Some(challenge), Some(verifier)) => pkce_fits(challenge, verifier),
        // RFC 9700 4.8.2: a verifier without a challenge is a downgrade.
        (None, None) => true,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(OauthError::new(
            ReasonCode::TokenPkceMismatch,
            "code_verifier does not fit the code_challenge of the authorization request",
        ))
    }
}

fn pkce_fits(challenge: &str, verifier: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let well_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    let made = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    well_formed
        && constant_time::verify_slices_are_equal(challenge.as_bytes(), made.as_bytes()).is_ok()
}

fn admitted(
    conn: &mut Connection,
    tenant: &TenantRecord,
    grant: &CodeGrant,
    redemption: &Redemption,
) -> Result<(Person, ConnectorId), GateError> {
    let passed = gate::pass(conn, tenant, &grant.application, &grant.session, redemption.now)?;
    let mut rows = conn.tenant(&tenant.id);
    rows.access_tokens().insert(&AccessToken {
        token_hash: redemption.token_hash.clone(),
        application_id: grant.application.clone(),
        user_id: passed.admission.user().clone(),
        session_id: Some(grant.session.clone()),
        scope: grant.scopes.join(" "),
        code_hash: Some(redemption.code_hash.clone()),
        created_at: redemption.now,
        expires_at: redemption.expires_at,
        revoked_at: None,
        family_id: None,
        resources: None,
        dpop_jkt: None,
        claims: grant.claims.as_ref().map(|wished| json!(wished)),
    })?;
    let connector = passed.admission.connector().clone();
    Ok((Person::read(&mut rows, passed.user)?, connector))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7636_the_verifier_of_appendix_b_fits_and_others_do_not() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(pkce_fits(challenge, verifier));
        assert!(!pkce_fits(challenge, &verifier.replace('d', "e")));
        assert!(!pkce_fits("short", "short"));
    }
}
