//! Which upstream subject is which user: `(connector, issuer, subject)`, never an e-mail.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::{ConnectorId, UserId};

use crate::error::StorageResult;
use crate::schema::identity_links;
use crate::tenant::accessor;
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_new;

row! {
    /// An upstream subject that is a user.
    IdentityLink in identity_links [connector_id, issuer, subject] {
        /// The connector.
        connector_id: ConnectorId,
        /// The verified issuer.
        issuer: String,
        /// The verified subject, unique within its issuer.
        subject: String,
        /// The user.
        user_id: UserId,
        /// When they were linked.
        created_at: DateTime<Utc>,
        /// When the user last came this way.
        last_sign_in_at: Option<DateTime<Utc>>,
    }
}

accessor! {
    /// The identity links of one tenant.
    IdentityLinks
}

impl IdentityLinks<'_> {
    /// Keeps a new link; `Conflict` when the subject is linked already.
    pub fn insert(&mut self, link: &IdentityLink) -> StorageResult<()> {
        insert_new!(self.conn, identity_links, &link.raw(self.tenant))
    }

    /// The link of one subject.
    pub fn find(
        &mut self,
        connector: &ConnectorId,
        issuer: &str,
        subject: &str,
    ) -> StorageResult<Option<IdentityLink>> {
        let key = (self.tenant, connector.as_str(), issuer, subject);
        let query = identity_links::table.find(key).select(IdentityLink::COLUMNS);
        IdentityLink::read_option(query.first(self.conn).optional()?)
    }

    /// All links of a user.
    pub fn of_user(&mut self, user: &UserId) -> StorageResult<Vec<IdentityLink>> {
        let query = identity_links::table
            .filter(identity_links::tenant_id.eq(self.tenant))
            .filter(identity_links::user_id.eq(user.as_str()))
            .order((identity_links::created_at, identity_links::connector_id));
        IdentityLink::read_all(query.select(IdentityLink::COLUMNS).load(self.conn)?)
    }

    /// Notes a sign-in. False when there is no such link.
    pub fn touch(
        &mut self,
        connector: &ConnectorId,
        issuer: &str,
        subject: &str,
        at: DateTime<Utc>,
    ) -> StorageResult<bool> {
        let key = (self.tenant, connector.as_str(), issuer, subject);
        let rows = diesel::update(identity_links::table.find(key))
            .set(identity_links::last_sign_in_at.eq(Some(utc(&at))))
            .execute(self.conn)?;
        Ok(rows == 1)
    }
}
