//! Refresh tokens by their hash: each names its family and is used once (RFC 9700 4.14.2).

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::error::StorageResult;
use crate::schema::refresh_tokens;
use crate::tenant::accessor;
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_new;

row! {
    /// A refresh token.
    RefreshToken in refresh_tokens [token_hash] {
        /// Hash of the token.
        token_hash: String,
        /// Its family.
        family_id: String,
        /// When it was issued.
        created_at: DateTime<Utc>,
        /// When it was first exchanged for another.
        used_at: Option<DateTime<Utc>>,
    }
}

accessor! {
    /// The refresh tokens of one tenant.
    RefreshTokens
}

impl RefreshTokens<'_> {
    /// Keeps a new refresh token.
    pub fn insert(&mut self, token: &RefreshToken) -> StorageResult<()> {
        insert_new!(self.conn, refresh_tokens, &token.raw(self.tenant))
    }

    /// One refresh token, used or not.
    pub fn find(&mut self, hash: &str) -> StorageResult<Option<RefreshToken>> {
        let query = refresh_tokens::table.find((self.tenant, hash));
        RefreshToken::read_option(query.select(RefreshToken::COLUMNS).first(self.conn).optional()?)
    }

    /// Uses one: of any number of callers at the same time exactly one is told true.
    pub fn spend(&mut self, hash: &str, at: DateTime<Utc>) -> StorageResult<bool> {
        let target = refresh_tokens::table
            .find((self.tenant, hash))
            .filter(refresh_tokens::used_at.is_null());
        let update = diesel::update(target).set(refresh_tokens::used_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)? == 1)
    }

    /// Forgets what is used in a family, except for what was used since a time, and says how many those were.
    pub fn forget_used(&mut self, family: &str, before: DateTime<Utc>) -> StorageResult<usize> {
        let target = refresh_tokens::table
            .filter(refresh_tokens::tenant_id.eq(self.tenant))
            .filter(refresh_tokens::family_id.eq(family))
            .filter(refresh_tokens::used_at.lt(utc(&before)));
        Ok(diesel::delete(target).execute(self.conn)?)
    }
}
