//! Keys that sign tokens: public half in the clear, private half sealed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use crate::error::StorageResult;
use crate::schema::signing_keys;
use crate::tenant::accessor;
use crate::types::{Row as _, row, text_enum, utc};
use crate::upsert::insert_new;

text_enum! {
    /// Where a key is in its life: next, active, retired.
    SigningKeyState {
        /// Published, not yet used.
        Next = "next",
        /// Signs.
        Active = "active",
        /// Published for what it signed, signs no more.
        Retired = "retired",
    }
}

row! {
    /// A signing key of one tenant.
    SigningKey in signing_keys [id] {
        /// The `kid`.
        id: String,
        /// The JWS algorithm, for example `ES256`.
        algorithm: String,
        /// Where it is in its life.
        state: SigningKeyState,
        /// What the JWKS shows.
        public_jwk: Value,
        /// The sealed private half.
        sealed_private: String,
        /// When it was made.
        created_at: DateTime<Utc>,
        /// When it began to sign.
        activated_at: Option<DateTime<Utc>>,
        /// When it ceased to sign.
        retired_at: Option<DateTime<Utc>>,
    }
}

accessor! {
    /// The signing keys of one tenant.
    SigningKeys
}

impl SigningKeys<'_> {
    /// Keeps a new key.
    pub fn insert(&mut self, key: &SigningKey) -> StorageResult<()> {
        insert_new!(self.conn, signing_keys, &key.raw(self.tenant))
    }

    /// All keys, the oldest first.
    pub fn list(&mut self) -> StorageResult<Vec<SigningKey>> {
        let query = signing_keys::table
            .filter(signing_keys::tenant_id.eq(self.tenant))
            .order((signing_keys::created_at, signing_keys::id));
        SigningKey::read_all(query.select(SigningKey::COLUMNS).load(self.conn)?)
    }

    /// Moves a key on, if it is in the state that the caller saw, and notes when it was activated or retired.
    pub fn set_state(
        &mut self,
        id: &str,
        from: SigningKeyState,
        to: SigningKeyState,
        at: DateTime<Utc>,
    ) -> StorageResult<bool> {
        let target = signing_keys::table
            .find((self.tenant, id))
            .filter(signing_keys::state.eq(from.as_str()));
        let update = diesel::update(target);
        let state = signing_keys::state.eq(to.as_str());
        let at = Some(utc(&at));
        let rows = match to {
            SigningKeyState::Next => update.set(state).execute(self.conn)?,
            SigningKeyState::Active => {
                update.set((state, signing_keys::activated_at.eq(at))).execute(self.conn)?
            }
            SigningKeyState::Retired => {
                update.set((state, signing_keys::retired_at.eq(at))).execute(self.conn)?
            }
        };
        Ok(rows == 1)
    }

    /// Forgets a key. False when there was none.
    pub fn delete(&mut self, id: &str) -> StorageResult<bool> {
        let target = signing_keys::table.find((self.tenant, id));
        Ok(diesel::delete(target).execute(self.conn)? == 1)
    }
}
