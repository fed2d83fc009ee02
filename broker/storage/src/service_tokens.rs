//! Opaque access tokens of applications that speak for themselves (RFC 6749, 4.4), by their hash. They lie apart
//! from those about people, so that none is ever taken for a person's (RFC 9700, 4.15).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::ApplicationId;

use crate::error::StorageResult;
use crate::schema::service_tokens;
use crate::tenant::accessor;
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_new;

row! {
    /// An access token of an application itself.
    ServiceToken in service_tokens [token_hash] {
        /// Hash of the token.
        token_hash: String,
        /// Whose it is.
        application_id: ApplicationId,
        /// What it is good for, as in RFC 6749, 3.3.
        scope: String,
        /// Where it is good (RFC 8707).
        resources: Vec<String>,
        /// The key that it is bound to (RFC 9449, 6.1).
        dpop_jkt: Option<String>,
        /// When it was issued.
        created_at: DateTime<Utc>,
        /// When it ends.
        expires_at: DateTime<Utc>,
        /// When it was taken back.
        revoked_at: Option<DateTime<Utc>>,
    }
}

accessor! {
    /// The tokens of the applications of one tenant themselves.
    ServiceTokens
}

impl ServiceTokens<'_> {
    /// Keeps a new token.
    pub fn insert(&mut self, token: &ServiceToken) -> StorageResult<()> {
        insert_new!(self.conn, service_tokens, &token.raw(self.tenant))
    }

    /// One token, also when it is revoked or expired.
    pub fn find(&mut self, hash: &str) -> StorageResult<Option<ServiceToken>> {
        let query = service_tokens::table.find((self.tenant, hash));
        ServiceToken::read_option(query.select(ServiceToken::COLUMNS).first(self.conn).optional()?)
    }

    /// Takes one back. False when it was taken back before, or is unknown.
    pub fn revoke(&mut self, hash: &str, at: DateTime<Utc>) -> StorageResult<bool> {
        let target = service_tokens::table
            .find((self.tenant, hash))
            .filter(service_tokens::revoked_at.is_null());
        let update = diesel::update(target).set(service_tokens::revoked_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)? == 1)
    }

    /// Takes back all of an application, and says how many those were.
    pub fn revoke_by_application(
        &mut self,
        application: &ApplicationId,
        at: DateTime<Utc>,
    ) -> StorageResult<usize> {
        let target = service_tokens::table
            .filter(service_tokens::tenant_id.eq(self.tenant))
            .filter(service_tokens::application_id.eq(application.as_str()))
            .filter(service_tokens::revoked_at.is_null());
        let update = diesel::update(target).set(service_tokens::revoked_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)?)
    }
}
