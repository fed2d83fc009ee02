//! Revocation (RFC 7009): an application gives up a token. What is unknown is given up already.

use serde_json::json;
use symbolon_contract::ReasonCode;
use symbolon_storage::{Connection, NewSingleUse, SingleUseKind, StorageError, StorageResult};

use super::known_token::{self, KnownToken};
use super::token::{TokenRefusal, access_token, authenticate};
use super::{OauthError, Presented};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// Takes back what an application shows: a refresh token with everything that came of its authorization, an
/// access token alone (RFC 7009 2.1).
///
/// # Errors
/// [`TokenRefusal`] when the application does not prove itself, or the token is another's.
pub async fn revoke(
    broker: &Broker,
    tenant: &TenantRecord,
    presented: &Presented<'_>,
) -> Result<(), TokenRefusal> {
    let asking = authenticate::asking(broker, tenant, presented).await?;
    let outcome = one(broker, tenant, &asking.application, presented).await;
    outcome.map_err(|error| TokenRefusal::of(error, &asking.application))
}

async fn one(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    presented: &Presented<'_>,
) -> Result<(), OauthError> {
    let provider = presented.provider;
    let token = presented.required("token")?;
    let Some(read) = access_token::read(broker, provider, token).await? else {
        return Ok(());
    };
    let (tenant, asking, issuer) =
        (tenant.clone(), application.id.clone(), provider.issuer.clone());
    let now = broker.clock.now();
    let take_back = move |conn: &mut Connection| {
        let Some(known) = known_token::find(conn, &tenant, (&read, &issuer))? else {
            return Ok(true);
        };
        if *known.owner() != asking {
            return Ok(false);
        }
        take_back(conn, &tenant, known, now)?;
        Ok(true)
    };
    if broker.database.write(take_back).await? {
        return Ok(());
    }
    let detail = "the token was issued to another application";
    Err(OauthError::new(ReasonCode::TokenRevokeOtherApplication, detail))
}

fn take_back(
    conn: &mut Connection,
    tenant: &TenantRecord,
    known: KnownToken,
    now: chrono::DateTime<chrono::Utc>,
) -> StorageResult<()> {
    let mut rows = conn.tenant(&tenant.id);
    match known {
        KnownToken::Access(token) => {
            rows.access_tokens().revoke(&token.token_hash, now)?;
        }
        KnownToken::Refresh(_, family) => {
            rows.token_families().revoke(&family.id, now, "the application gave it up")?;
            rows.access_tokens().revoke_by_family(&family.id, now)?;
        }
        KnownToken::Service { token, signed: false } => {
            rows.service_tokens().revoke(&token.token_hash, now)?;
        }
        KnownToken::Service { token, signed: true } if token.expires_at > now => {
            let put = rows.single_use(SingleUseKind::RevokedServiceToken).put(&NewSingleUse {
                value_hash: token.token_hash,
                payload: json!({}),
                created_at: now,
                expires_at: token.expires_at,
            });
            match put {
                Ok(()) | Err(StorageError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        KnownToken::Service { .. } => {}
    }
    Ok(())
}
