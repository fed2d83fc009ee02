//! Users of a tenant.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::{ConnectorId, UserId};

use crate::error::StorageResult;
use crate::schema::{identity_links, users};
use crate::tenant::{accessor, exactly_one};
use crate::types::{Row as _, row, storable, text_enum, utc};
use crate::upsert::insert_new;

text_enum! {
    /// Whether a user may sign in.
    UserStatus {
        /// May.
        Active = "active",
        /// May not, for now.
        Inactive = "inactive",
        /// Has left.
        Deactivated = "deactivated",
    }
}

row! {
    /// A user of one tenant.
    User in users [id] {
        /// Becomes the `sub` that applications see.
        id: UserId,
        /// Whether they may sign in.
        status: UserStatus,
        /// The e-mail to show.
        email: Option<String>,
        /// The e-mail to search for. Not unique: it is never an identity key.
        email_normalised: Option<String>,
        /// Whether an upstream that is trusted for it verified the e-mail.
        email_verified: bool,
        /// The name to show.
        display_name: Option<String>,
        /// What the person types at the upstream, for display.
        username: Option<String>,
        /// Further attributes that the mapping set.
        metadata: Value,
        /// When the user was made.
        created_at: DateTime<Utc>,
        /// When the user was last changed.
        updated_at: DateTime<Utc>,
        /// When the user last signed in.
        last_sign_in_at: Option<DateTime<Utc>>,
        /// Counts the changes.
        version: i32,
    }
}

accessor! {
    /// The users of one tenant.
    Users
}

impl Users<'_> {
    /// Keeps a new user.
    pub fn insert(&mut self, user: &User) -> StorageResult<()> {
        insert_new!(self.conn, users, &user.raw(self.tenant))
    }

    /// One user.
    pub fn find(&mut self, id: &UserId) -> StorageResult<Option<User>> {
        let query = users::table.find((self.tenant, id.as_str()));
        User::read_option(query.select(User::COLUMNS).first(self.conn).optional()?)
    }

    /// Everybody with this normalised e-mail.
    pub fn find_by_email(&mut self, normalised: &str) -> StorageResult<Vec<User>> {
        let query = users::table
            .filter(users::tenant_id.eq(self.tenant))
            .filter(users::email_normalised.eq(storable(normalised)))
            .order(users::id);
        User::read_all(query.select(User::COLUMNS).load(self.conn)?)
    }

    /// Users in the order of their ids, from after the given one.
    pub fn list(&mut self, after: Option<&UserId>, limit: i64) -> StorageResult<Vec<User>> {
        let query = users::table
            .filter(users::tenant_id.eq(self.tenant))
            .filter(users::id.gt(after.map_or("", UserId::as_str)))
            .order(users::id)
            .limit(limit);
        User::read_all(query.select(User::COLUMNS).load(self.conn)?)
    }

    /// How many users there are, whatever their status.
    pub fn count(&mut self) -> StorageResult<i64> {
        let all = users::table.filter(users::tenant_id.eq(self.tenant));
        Ok(all.count().get_result(self.conn)?)
    }

    /// How many active users no subject of this connector is linked to: they cannot come in by it yet.
    pub fn count_without_link_to(&mut self, connector: &ConnectorId) -> StorageResult<i64> {
        let link = identity_links::table
            .filter(identity_links::tenant_id.eq(self.tenant))
            .filter(identity_links::connector_id.eq(connector.as_str()))
            .filter(identity_links::user_id.eq(users::id));
        let unlinked = users::table
            .filter(users::tenant_id.eq(self.tenant))
            .filter(users::status.eq(UserStatus::Active.as_str()))
            .filter(not(exists(link)));
        Ok(unlinked.count().get_result(self.conn)?)
    }

    /// Overwrites a user that still has the expected version, and counts the version on.
    pub fn update(&mut self, user: &User, expected_version: i32) -> StorageResult<()> {
        let mut raw = user.raw(self.tenant);
        raw.version = expected_version.saturating_add(1);
        let target = users::table
            .find((self.tenant, user.id.as_str()))
            .filter(users::version.eq(expected_version));
        exactly_one(diesel::update(target).set(&raw).execute(self.conn)?)
    }

    /// Sets the status, whatever the version. False when there is no such user.
    pub fn set_status(
        &mut self,
        id: &UserId,
        status: UserStatus,
        at: DateTime<Utc>,
    ) -> StorageResult<bool> {
        let rows = diesel::update(users::table.find((self.tenant, id.as_str())))
            .set((
                users::status.eq(status.as_str()),
                users::updated_at.eq(utc(&at)),
                users::version.eq(users::version + 1),
            ))
            .execute(self.conn)?;
        Ok(rows == 1)
    }
}
