//! What people have agreed that third-party applications may learn.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::{ApplicationId, UserId};

use crate::error::StorageResult;
use crate::schema::consents;
use crate::tenant::accessor;
use crate::types::{Row as _, row};
use crate::upsert::upsert;

row! {
    /// A person's consent to one application.
    Consent in consents [user_id, application_id] {
        /// Who agreed.
        user_id: UserId,
        /// To which application.
        application_id: ApplicationId,
        /// To which scopes, sorted.
        scopes: Vec<String>,
        /// Since when.
        created_at: DateTime<Utc>,
        /// When scopes were last added.
        updated_at: DateTime<Utc>,
    }
}

accessor! {
    /// The consents of one tenant.
    Consents
}

impl Consents<'_> {
    /// What a person agreed to for an application.
    pub fn find(
        &mut self,
        user: &UserId,
        application: &ApplicationId,
    ) -> StorageResult<Option<Consent>> {
        let query = consents::table.find((self.tenant, user.as_str(), application.as_str()));
        Consent::read_option(query.select(Consent::COLUMNS).first(self.conn).optional()?)
    }

    /// Keeps a consent in place of the one before.
    pub fn put(&mut self, consent: &Consent) -> StorageResult<()> {
        let raw = consent.raw(self.tenant);
        upsert!(self.conn, consents(tenant_id, user_id, application_id), &raw)
    }

    /// What a person agreed to for an application, for a decision that is written in the same transaction: nobody
    /// takes it back before that ends.
    pub fn hold(
        &mut self,
        user: &UserId,
        application: &ApplicationId,
    ) -> StorageResult<Option<Consent>> {
        let target = consents::table.find((self.tenant, user.as_str(), application.as_str()));
        let unchanged = consents::updated_at.eq(consents::updated_at);
        if diesel::update(target).set(unchanged).execute(self.conn)? == 0 {
            return Ok(None);
        }
        self.find(user, application)
    }

    /// All consents of a person, by application.
    pub fn of_user(&mut self, user: &UserId) -> StorageResult<Vec<Consent>> {
        let query = consents::table
            .filter(consents::tenant_id.eq(self.tenant))
            .filter(consents::user_id.eq(user.as_str()))
            .order(consents::application_id);
        Consent::read_all(query.select(Consent::COLUMNS).load(self.conn)?)
    }

    /// Takes a consent back. False when there was none.
    pub fn delete(&mut self, user: &UserId, application: &ApplicationId) -> StorageResult<bool> {
        let target = consents::table.find((self.tenant, user.as_str(), application.as_str()));
        Ok(diesel::delete(target).execute(self.conn)? == 1)
    }

    /// Forgets who agreed to an application, and says how many that were.
    pub fn forget_application(&mut self, application: &ApplicationId) -> StorageResult<usize> {
        let target = consents::table
            .filter(consents::tenant_id.eq(self.tenant))
            .filter(consents::application_id.eq(application.as_str()));
        Ok(diesel::delete(target).execute(self.conn)?)
    }
}
