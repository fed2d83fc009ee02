//! People whom an upstream vouched for and who were refused for want of a user: an admin may let them in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::ConnectorId;

use crate::error::StorageResult;
use crate::schema::access_requests;
use crate::tenant::accessor;
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_or_ignore;

row! {
    /// Somebody who tried to sign in and was refused.
    AccessRequest in access_requests [connector_id, issuer, subject] {
        /// The connector.
        connector_id: ConnectorId,
        /// The verified issuer.
        issuer: String,
        /// The verified subject.
        subject: String,
        /// As last seen.
        email: Option<String>,
        /// As last seen.
        display_name: Option<String>,
        /// When they first tried.
        first_seen_at: DateTime<Utc>,
        /// When they last tried.
        last_seen_at: DateTime<Utc>,
        /// How often they tried.
        times: i32,
    }
}

/// Somebody who was refused just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenStranger {
    /// The connector.
    pub connector_id: ConnectorId,
    /// The verified issuer.
    pub issuer: String,
    /// The verified subject.
    pub subject: String,
    /// To recognise them by.
    pub email: Option<String>,
    /// To recognise them by.
    pub display_name: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

accessor! {
    /// The access requests of one tenant.
    AccessRequests
}

impl AccessRequests<'_> {
    /// Notes a refused sign-in: the first makes the row, the others count on.
    pub fn note(&mut self, seen: &SeenStranger) -> StorageResult<()> {
        let row = AccessRequest {
            connector_id: seen.connector_id.clone(),
            issuer: seen.issuer.clone(),
            subject: seen.subject.clone(),
            email: seen.email.clone(),
            display_name: seen.display_name.clone(),
            first_seen_at: seen.at,
            last_seen_at: seen.at,
            times: 1,
        };
        if insert_or_ignore!(self.conn, access_requests, &row.raw(self.tenant))? {
            return Ok(());
        }
        let key =
            (self.tenant, seen.connector_id.as_str(), seen.issuer.as_str(), seen.subject.as_str());
        diesel::update(access_requests::table.find(key))
            .set((
                access_requests::email.eq(seen.email.as_deref()),
                access_requests::display_name.eq(seen.display_name.as_deref()),
                access_requests::last_seen_at.eq(utc(&seen.at)),
                access_requests::times.eq(access_requests::times + 1),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Those who tried last, first.
    pub fn list(&mut self, limit: i64) -> StorageResult<Vec<AccessRequest>> {
        let query = access_requests::table
            .filter(access_requests::tenant_id.eq(self.tenant))
            .order((access_requests::last_seen_at.desc(), access_requests::subject))
            .limit(limit);
        AccessRequest::read_all(query.select(AccessRequest::COLUMNS).load(self.conn)?)
    }

    /// Forgets one. False when there was none.
    pub fn delete(
        &mut self,
        connector: &ConnectorId,
        issuer: &str,
        subject: &str,
    ) -> StorageResult<bool> {
        let key = (self.tenant, connector.as_str(), issuer, subject);
        Ok(diesel::delete(access_requests::table.find(key)).execute(self.conn)? == 1)
    }
}
