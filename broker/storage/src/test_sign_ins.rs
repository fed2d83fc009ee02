//! Test sign-ins of admins: begun by one page, finished by the callback, read by the first page.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::ConnectorId;

use crate::error::StorageResult;
use crate::schema::test_sign_ins;
use crate::tenant::accessor;
use crate::types::{Row as _, row};
use crate::upsert::insert_new;

row! {
    /// A test sign-in.
    TestSignIn in test_sign_ins [id] {
        /// Its id.
        id: String,
        /// The connector that is tested.
        connector_id: ConnectorId,
        /// What came of it, sealed, because it holds claims of a person. `None` until then.
        result: Option<String>,
        /// When it began.
        created_at: DateTime<Utc>,
        /// When it is forgotten.
        expires_at: DateTime<Utc>,
    }
}

accessor! {
    /// The test sign-ins of one tenant.
    TestSignIns
}

impl TestSignIns<'_> {
    /// Keeps a new test sign-in.
    pub fn insert(&mut self, test: &TestSignIn) -> StorageResult<()> {
        insert_new!(self.conn, test_sign_ins, &test.raw(self.tenant))
    }

    /// One test sign-in, also when it is expired.
    pub fn find(&mut self, id: &str) -> StorageResult<Option<TestSignIn>> {
        let query = test_sign_ins::table.find((self.tenant, id));
        let raw = query.select(TestSignIn::COLUMNS).first(self.conn).optional()?;
        TestSignIn::read_option(raw)
    }

    /// Keeps the sealed result. False when there is one already, or no such test sign-in.
    pub fn finish(&mut self, id: &str, result: &str) -> StorageResult<bool> {
        let target =
            test_sign_ins::table.find((self.tenant, id)).filter(test_sign_ins::result.is_null());
        let update = diesel::update(target).set(test_sign_ins::result.eq(Some(result)));
        Ok(update.execute(self.conn)? == 1)
    }
}
