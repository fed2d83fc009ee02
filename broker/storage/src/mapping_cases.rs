//! Saved cases of a mapping: a sign-in and what must come of it. Sealed, because they may hold claims of a person.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::any_connection::AnyConnection;
use crate::error::StorageResult;
use crate::mapping::{MappingTarget, MappingTargetKind};
use crate::schema::mapping_cases;
use crate::tenant::TenantRows;
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_or_ignore;

row! {
    /// A saved case.
    MappingCase in mapping_cases [target_kind, target_id, name] {
        /// What is mapped.
        target_kind: MappingTargetKind,
        /// The connector or the application.
        target_id: String,
        /// What it is about.
        name: String,
        /// The case, sealed.
        sealed: String,
        /// Who saved it last.
        author: String,
        /// When it was first saved.
        created_at: DateTime<Utc>,
        /// When it was last saved.
        updated_at: DateTime<Utc>,
    }
}

/// The saved cases of one target of one tenant.
pub struct MappingCases<'a> {
    conn: &'a mut AnyConnection,
    tenant: &'a str,
    target: &'a MappingTarget,
}

impl TenantRows<'_> {
    /// The saved cases of one target.
    pub fn mapping_cases<'b>(&'b mut self, target: &'b MappingTarget) -> MappingCases<'b> {
        MappingCases { conn: self.conn, tenant: self.tenant, target }
    }
}

impl MappingCases<'_> {
    /// Keeps a case, or overwrites the one of that name. True when it is new.
    pub fn put(
        &mut self,
        name: &str,
        sealed: &str,
        author: &str,
        at: DateTime<Utc>,
    ) -> StorageResult<bool> {
        let case = MappingCase {
            target_kind: self.target.kind,
            target_id: self.target.id.clone(),
            name: name.to_owned(),
            sealed: sealed.to_owned(),
            author: author.to_owned(),
            created_at: at,
            updated_at: at,
        };
        if insert_or_ignore!(self.conn, mapping_cases, &case.raw(self.tenant))? {
            return Ok(true);
        }
        diesel::update(mapping_cases::table.find(self.key(name)))
            .set((
                mapping_cases::sealed.eq(sealed),
                mapping_cases::author.eq(author),
                mapping_cases::updated_at.eq(utc(&at)),
            ))
            .execute(self.conn)?;
        Ok(false)
    }

    /// One case.
    pub fn find(&mut self, name: &str) -> StorageResult<Option<MappingCase>> {
        let query = mapping_cases::table.find(self.key(name)).select(MappingCase::COLUMNS);
        MappingCase::read_option(query.first(self.conn).optional()?)
    }

    /// All cases, the oldest first.
    pub fn list(&mut self) -> StorageResult<Vec<MappingCase>> {
        let query = mapping_cases::table
            .filter(mapping_cases::tenant_id.eq(self.tenant))
            .filter(mapping_cases::target_kind.eq(self.target.kind.as_str()))
            .filter(mapping_cases::target_id.eq(&self.target.id))
            .order((mapping_cases::created_at, mapping_cases::name));
        MappingCase::read_all(query.select(MappingCase::COLUMNS).load(self.conn)?)
    }

    /// How many there are.
    pub fn count(&mut self) -> StorageResult<i64> {
        let cases = mapping_cases::table
            .filter(mapping_cases::tenant_id.eq(self.tenant))
            .filter(mapping_cases::target_kind.eq(self.target.kind.as_str()))
            .filter(mapping_cases::target_id.eq(&self.target.id));
        Ok(cases.count().get_result(self.conn)?)
    }

    /// Forgets a case. False when there was none.
    pub fn delete(&mut self, name: &str) -> StorageResult<bool> {
        let target = mapping_cases::table.find(self.key(name));
        Ok(diesel::delete(target).execute(self.conn)? == 1)
    }
}

impl<'a> MappingCases<'a> {
    fn key<'b>(&self, name: &'b str) -> (&'b str, &'b str, &'b str, &'b str)
    where
        'a: 'b,
    {
        (self.tenant, self.target.kind.as_str(), &self.target.id, name)
    }
}
