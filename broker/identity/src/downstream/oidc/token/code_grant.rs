//! A code is redeemed (RFC 6749 4.1.3, RFC 7636 4.6): once, by whom it was made for, for who may be in.

use aws_lc_rs::{constant_time, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use symbolon_contract::ReasonCode;
use symbolon_storage::{Connection, ConsumeOutcome, SingleUseKind, StorageResult, TenantRows};

use super::issue::{self, Asking, Kept, Outcome};
use super::{OauthError, TokenAnswer, reuse};
use crate::audit::AuditContext;
use crate::broker::Broker;
use crate::downstream::Application;
use crate::downstream::oidc::Presented;
use crate::downstream::oidc::code::{self, CodeGrant};
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// A request to redeem, parsed.
struct Redemption {
    code_hash: String,
    redirect_uri: Option<String>,
    verifier: Option<String>,
    context: AuditContext,
}

pub(super) async fn redeem(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    presented: &Presented<'_>,
) -> Result<TokenAnswer, OauthError> {
    let parameters = presented.parameters;
    let redemption = Redemption {
        code_hash: sha256_hex(presented.required("code")?.as_bytes()),
        redirect_uri: parameters.get("redirect_uri").map(str::to_owned),
        verifier: parameters.get("code_verifier").map(str::to_owned),
        context: reuse::context(broker, application, presented.trace),
    };
    let spend = move |conn: &mut Connection, asking: &Asking| spend(conn, asking, &redemption);
    issue::by_spending(broker, (tenant, application), presented, spend).await
}

fn spend(conn: &mut Connection, asking: &Asking, redemption: &Redemption) -> Outcome<Kept> {
    let refuse = |reason, detail: &str| Ok(Err(OauthError::new(reason, detail)));
    let Asking { tenant, application, draft } = asking;
    let now = draft.now;
    let hash = redemption.code_hash.as_str();
    let mut rows = conn.tenant(&tenant.id);
    let mut codes = rows.single_use(SingleUseKind::AuthorizationCode);
    let Some(row) = codes.peek(hash)? else {
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
    match codes.consume(hash, now)? {
        ConsumeOutcome::Taken(_) => {}
        ConsumeOutcome::Expired => {
            return refuse(ReasonCode::TokenCodeExpired, "the code has expired");
        }
        ConsumeOutcome::Unknown => {
            return refuse(ReasonCode::TokenCodeUnknown, "no such code was issued by this tenant");
        }
        ConsumeOutcome::AlreadyConsumed(_) => {
            if revoke(&mut rows, hash, now)? {
                let of = ((&grant.application, &grant.user), ReasonCode::TokenCodeReused);
                reuse::record(conn, tenant, &redemption.context, of)?;
            }
            return refuse(
                ReasonCode::TokenCodeReused,
                "the code was redeemed before; the tokens made of it are revoked",
            );
        }
    }
    if let Err(error) = check(application, &grant, redemption) {
        return Ok(Err(error));
    }
    draft.keep(conn, tenant, application, (grant, Some(hash)))
}

/// What was made of a code dies with its second use (RFC 6749 4.1.2). False when nothing was left to take back.
fn revoke(rows: &mut TenantRows<'_>, code_hash: &str, now: DateTime<Utc>) -> StorageResult<bool> {
    let families =
        rows.token_families().revoke_by_code(code_hash, now, "the code was used again")?;
    for family in &families {
        rows.access_tokens().revoke_by_family(family, now)?;
    }
    let tokens = rows.access_tokens().revoke_by_code(code_hash, now)?;
    Ok(tokens > 0 || !families.is_empty())
}

fn check(
    application: &Application,
    grant: &CodeGrant,
    redemption: &Redemption,
) -> Result<(), OauthError> {
    if redemption.redirect_uri.as_deref() != Some(&grant.redirect_uri) {
        return Err(OauthError::new(
            ReasonCode::TokenRedirectUriMismatch,
            "redirect_uri is not the one of the authorization request",
        ));
    }
    let fits = match (&grant.code_challenge, &redemption.verifier) {
        (Some(challenge), Some(verifier)) => pkce_fits(challenge, verifier),
        // RFC 9700 4.8.2: a verifier without a challenge is a downgrade. FAPI 2.0 always has one (FA-07).
        (None, None) => !application.settings.is_fapi2(),
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
