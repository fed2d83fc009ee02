//! Devices that wait for a person to let them in (RFC 8628).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::ApplicationId;

use crate::error::StorageResult;
use crate::schema::device_authorizations;
use crate::tenant::accessor;
use crate::types::{Row as _, row, text_enum, utc};
use crate::upsert::insert_new;

text_enum! {
    /// How far a device is.
    DeviceState {
        /// Nobody has decided.
        Pending = "pending",
        /// A person said yes.
        Approved = "approved",
        /// A person said no.
        Denied = "denied",
        /// The device has its tokens.
        Redeemed = "redeemed",
    }
}

row! {
    /// A device that waits.
    DeviceAuthorization in device_authorizations [device_hash] {
        /// Hash of the device code.
        device_hash: String,
        /// Hash of what the person types, unique in the tenant.
        user_code_hash: String,
        /// The application on the device.
        application_id: ApplicationId,
        /// What it asks for, as in RFC 6749, 3.3.
        scope: String,
        /// Where its access token shall be good (RFC 8707).
        resources: Vec<String>,
        /// How far it is.
        state: DeviceState,
        /// The address that the device asked from, for the person to recognise.
        asked_from: Option<String>,
        /// What the person granted. Typed by the domain.
        authorization_grant: Option<Value>,
        /// How long it must wait between two questions.
        interval_seconds: i32,
        /// When it last asked.
        last_polled_at: Option<DateTime<Utc>>,
        /// When it began.
        created_at: DateTime<Utc>,
        /// When it is too late.
        expires_at: DateTime<Utc>,
    }
}

accessor! {
    /// The waiting devices of one tenant.
    DeviceAuthorizations
}

impl DeviceAuthorizations<'_> {
    /// Keeps a new one; `Conflict` when the code for the person is taken.
    pub fn insert(&mut self, device: &DeviceAuthorization) -> StorageResult<()> {
        insert_new!(self.conn, device_authorizations, &device.raw(self.tenant))
    }

    /// By the device's code, also when it is over.
    pub fn find(&mut self, device_hash: &str) -> StorageResult<Option<DeviceAuthorization>> {
        let query = device_authorizations::table.find((self.tenant, device_hash));
        let raw = query.select(DeviceAuthorization::COLUMNS).first(self.conn).optional()?;
        DeviceAuthorization::read_option(raw)
    }

    /// By the person's code, also when it is over.
    pub fn by_user_code(&mut self, hash: &str) -> StorageResult<Option<DeviceAuthorization>> {
        let query = device_authorizations::table
            .filter(device_authorizations::tenant_id.eq(self.tenant))
            .filter(device_authorizations::user_code_hash.eq(hash));
        let raw = query.select(DeviceAuthorization::COLUMNS).first(self.conn).optional()?;
        DeviceAuthorization::read_option(raw)
    }

    /// Notes that the device asked, and how long it must wait from now on.
    pub fn note_poll(
        &mut self,
        device_hash: &str,
        at: DateTime<Utc>,
        interval_seconds: i32,
    ) -> StorageResult<()> {
        diesel::update(device_authorizations::table.find((self.tenant, device_hash)))
            .set((
                device_authorizations::last_polled_at.eq(Some(utc(&at))),
                device_authorizations::interval_seconds.eq(interval_seconds),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    /// Moves one on, if it is in the state that the caller saw and not over. Of many callers one is told true.
    pub fn advance(
        &mut self,
        device_hash: &str,
        (from, to): (DeviceState, DeviceState),
        grant: Option<&Value>,
        now: DateTime<Utc>,
    ) -> StorageResult<bool> {
        let target = device_authorizations::table
            .find((self.tenant, device_hash))
            .filter(device_authorizations::state.eq(from.as_str()))
            .filter(device_authorizations::expires_at.gt(utc(&now)));
        let rows = diesel::update(target)
            .set((
                device_authorizations::state.eq(to.as_str()),
                device_authorizations::authorization_grant.eq(grant.map(ToString::to_string)),
            ))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// Forgets the waiting devices of an application, and says how many that were.
    pub fn forget_application(&mut self, application: &ApplicationId) -> StorageResult<usize> {
        let target = device_authorizations::table
            .filter(device_authorizations::tenant_id.eq(self.tenant))
            .filter(device_authorizations::application_id.eq(application.as_str()));
        Ok(diesel::delete(target).execute(self.conn)?)
    }
}
