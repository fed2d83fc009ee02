//! What spans tenants: leases and clearing up here, tenants and data keys beside their rows.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;

use crate::any_connection::AnyConnection;
use crate::api_keys::ApiKeys;
use crate::audit::{Audit, OPERATOR_CHAIN};
use crate::error::StorageResult;
use crate::schema::{
    access_tokens, device_authorizations, leases, login_attempts, logout_deliveries,
    service_tokens, sessions, single_use, test_sign_ins, token_families,
};
use crate::types::utc;
use crate::upsert::insert_or_ignore;

/// The rows of all tenants. Authority is an argument: only the operator's use cases and jobs ask for it.
pub struct Operator<'a> {
    pub(crate) conn: &'a mut AnyConnection,
}

/// How many rows were cleared away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Expired single-use values, used or not.
    pub single_use: usize,
    /// Expired sign-ins under way.
    pub login_attempts: usize,
    /// Expired access tokens.
    pub access_tokens: usize,
    /// Expired access tokens of applications themselves.
    pub service_tokens: usize,
    /// Expired families, with their refresh tokens.
    pub token_families: usize,
    /// Devices that nobody let in.
    pub device_authorizations: usize,
    /// Logout messages, delivered or given up.
    pub logout_deliveries: usize,
    /// Expired test sign-ins, finished or not.
    pub test_sign_ins: usize,
    /// Sessions that ended or expired longer ago than they are kept.
    pub sessions: usize,
}

impl Operator<'_> {
    /// The operator's own audit chain.
    pub fn audit(&mut self) -> Audit<'_> {
        Audit { conn: self.conn, tenant: OPERATOR_CHAIN }
    }

    /// The operator's own API keys.
    pub fn api_keys(&mut self) -> ApiKeys<'_> {
        ApiKeys { conn: self.conn, tenant: OPERATOR_CHAIN }
    }

    /// Takes a named lease, or extends it for the same holder. False while another one holds it.
    pub fn take_lease(
        &mut self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> StorageResult<bool> {
        let free = leases::holder.eq(holder).or(leases::expires_at.le(utc(&now)));
        let rows = diesel::update(leases::table.find(name).filter(free))
            .set((leases::holder.eq(holder), leases::expires_at.eq(utc(&until))))
            .execute(self.conn)?;
        if rows == 1 {
            return Ok(true);
        }
        insert_or_ignore!(
            self.conn,
            leases,
            (leases::name.eq(name), leases::holder.eq(holder), leases::expires_at.eq(utc(&until)),)
        )
    }

    /// Gives a lease back. False when the holder does not have it.
    pub fn release_lease(&mut self, name: &str, holder: &str) -> StorageResult<bool> {
        let target = leases::table.find(name).filter(leases::holder.eq(holder));
        Ok(diesel::delete(target).execute(self.conn)? == 1)
    }

    /// Clears away what is over, at most `limit` rows of each kind, so that no transaction is long.
    /// Sessions are kept for a while, because people ask what ended them.
    pub fn sweep_expired(
        &mut self,
        now: DateTime<Utc>,
        keep_sessions: Duration,
        limit: i64,
    ) -> StorageResult<Swept> {
        // The keys are unique within a tenant only. The condition stands in the delete as well: a row of
        // another tenant that happens to share the key goes only if it is over, too.
        macro_rules! sweep {
            ($table:ident, $key:ident, $over:expr) => {{
                let over = $over;
                let keys: Vec<String> = $table::table
                    .filter(over.clone())
                    .select($table::$key)
                    .limit(limit)
                    .load(self.conn)?;
                let target = $table::table.filter(over).filter($table::$key.eq_any(keys));
                diesel::delete(target).execute(self.conn)?
            }};
        }
        let now_utc = utc(&now);
        let kept_since = now.checked_sub_signed(keep_sessions).map_or(now_utc, |time| utc(&time));
        Ok(Swept {
            single_use: sweep!(single_use, value_hash, single_use::expires_at.le(now_utc)),
            login_attempts: sweep!(login_attempts, id, login_attempts::expires_at.le(now_utc)),
            access_tokens: sweep!(access_tokens, token_hash, access_tokens::expires_at.le(now_utc)),
            service_tokens: sweep!(
                service_tokens,
                token_hash,
                service_tokens::expires_at.le(now_utc)
            ),
            token_families: sweep!(token_families, id, token_families::expires_at.le(now_utc)),
            device_authorizations: sweep!(
                device_authorizations,
                device_hash,
                device_authorizations::expires_at.le(now_utc)
            ),
            logout_deliveries: sweep!(
                logout_deliveries,
                id,
                logout_deliveries::expires_at.le(now_utc)
            ),
            test_sign_ins: sweep!(test_sign_ins, id, test_sign_ins::expires_at.le(now_utc)),
            sessions: sweep!(
                sessions,
                id,
                sessions::expires_at.le(kept_since).or(sessions::ended_at.le(kept_since))
            ),
        })
    }
}
