//! Which upstream subject is which user: `(connector, issuer, subject)`, never an e-mail.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{exists, max};
use diesel::prelude::*;
use symbolon_contract::{ConnectorId, UserId};

use crate::error::StorageResult;
use crate::schema::identity_links;
use crate::tenant::accessor;
use crate::types::{Column as _, Row as _, row, storable, utc};
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
        /// The `sub` last seen, where it is not the subject (Entra's is pairwise for each client id).
        upstream_sub: Option<String>,
        /// The groups last seen, as the upstream names them.
        groups: Option<Vec<String>>,
        /// When the groups were seen.
        groups_at: Option<DateTime<Utc>>,
    }
}

/// What a sign-in tells about a link. What is `None` is left as it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeenUpstream<'a> {
    /// The `sub`.
    pub upstream_sub: Option<&'a str>,
    /// The complete list of groups, and when it was read.
    pub groups: Option<(&'a [String], DateTime<Utc>)>,
    /// When a mapping plugin answered for the person.
    pub mapped_at: Option<DateTime<Utc>>,
}

/// The columns that a sign-in changes; those that are `None` are left out.
#[derive(AsChangeset)]
#[diesel(table_name = identity_links)]
struct SeenColumns<'a> {
    upstream_sub: Option<&'a str>,
    groups: Option<String>,
    groups_at: Option<NaiveDateTime>,
    mapped_at: Option<NaiveDateTime>,
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
        let key = (self.tenant, connector.as_str(), storable(issuer), storable(subject));
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
        let key = (self.tenant, connector.as_str(), storable(issuer), storable(subject));
        let rows = diesel::update(identity_links::table.find(key))
            .set(identity_links::last_sign_in_at.eq(Some(utc(&at))))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// Keeps what a sign-in told. False when there is no such link.
    pub fn remember(
        &mut self,
        connector: &ConnectorId,
        issuer: &str,
        subject: &str,
        seen: &SeenUpstream<'_>,
    ) -> StorageResult<bool> {
        let link = identity_links::table.find((self.tenant, connector.as_str(), issuer, subject));
        if *seen == SeenUpstream::default() {
            return Ok(diesel::select(exists(link)).get_result::<bool>(self.conn)?);
        }
        let columns = SeenColumns {
            upstream_sub: seen.upstream_sub,
            groups: seen.groups.map(|(groups, _)| groups.to_vec().to_raw()),
            groups_at: seen.groups.map(|(_, at)| utc(&at)),
            mapped_at: seen.mapped_at.as_ref().map(utc),
        };
        Ok(diesel::update(link).set(columns).execute(self.conn)? == 1)
    }

    /// When a mapping plugin last answered for this person.
    pub fn mapped_at(
        &mut self,
        connector: &ConnectorId,
        issuer: &str,
        subject: &str,
    ) -> StorageResult<Option<DateTime<Utc>>> {
        let key = (self.tenant, connector.as_str(), storable(issuer), storable(subject));
        let query = identity_links::table.find(key).select(identity_links::mapped_at);
        let found: Option<Option<NaiveDateTime>> = query.first(self.conn).optional()?;
        Ok(found.flatten().map(|time| time.and_utc()))
    }

    /// How many subjects of a connector are linked.
    pub fn count(&mut self, connector: &ConnectorId) -> StorageResult<i64> {
        let links = identity_links::table
            .filter(identity_links::tenant_id.eq(self.tenant))
            .filter(identity_links::connector_id.eq(connector.as_str()));
        Ok(links.count().get_result(self.conn)?)
    }

    /// When somebody last signed in by a connector.
    pub fn last_sign_in(
        &mut self,
        connector: &ConnectorId,
    ) -> StorageResult<Option<DateTime<Utc>>> {
        let last: Option<NaiveDateTime> = identity_links::table
            .filter(identity_links::tenant_id.eq(self.tenant))
            .filter(identity_links::connector_id.eq(connector.as_str()))
            .select(max(identity_links::last_sign_in_at))
            .first(self.conn)?;
        Ok(last.map(|time| time.and_utc()))
    }
}
