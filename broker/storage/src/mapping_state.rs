//! How the mapping of a target is: which version is active, which one runs beside it, how it fares. One row a
//! target; every change holds that row, so that changes on several nodes queue up.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::error::StorageResult;
use crate::mapping::{MappingRows, MappingTargetKind};
use crate::schema::mapping_states;
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_or_ignore;

/// So many different people tell a broken mapping from one odd claim set.
const FAILED_SUBJECTS: usize = 2;

row! {
    /// How the mapping of a target is.
    MappingState in mapping_states [target_kind, target_id] {
        /// What is mapped.
        target_kind: MappingTargetKind,
        /// The connector or the application.
        target_id: String,
        /// The version that sign-ins use.
        active_version: Option<i32>,
        /// The one before, to which one can roll back.
        previous_version: Option<i32>,
        /// The version that runs beside the active one, without effect.
        shadow_version: Option<i32>,
        /// Until when it does.
        shadow_until: Option<DateTime<Utc>>,
        /// How often it ran.
        shadow_runs: i32,
        /// How often it decided otherwise.
        shadow_differences: i32,
        /// What to do when the plugin fails. Typed by the domain.
        policy: Value,
        /// Failures of the active version in a row.
        failures: i32,
        /// Whose sign-ins failed: at most two different hashes.
        failed_subjects: Vec<String>,
        /// Since when the plugin is no longer called.
        quarantined_at: Option<DateTime<Utc>>,
    }
}

impl MappingState {
    /// Another version is active from now on, or the same one gets another chance.
    fn switch_to(&mut self, version: i32) {
        if self.active_version != Some(version) {
            self.previous_version = self.active_version.replace(version);
        }
        if self.shadow_version == Some(version) {
            self.shadow(None);
        }
        self.forgive();
    }

    fn shadow(&mut self, shadow: Option<(i32, DateTime<Utc>)>) {
        self.shadow_version = shadow.map(|(version, _)| version);
        self.shadow_until = shadow.map(|(_, until)| until);
        self.shadow_runs = 0;
        self.shadow_differences = 0;
    }

    fn forgive(&mut self) {
        self.failures = 0;
        self.failed_subjects.clear();
        self.quarantined_at = None;
    }
}

impl MappingRows<'_> {
    /// How the mapping is; `None` before its first version or setting.
    pub fn state(&mut self) -> StorageResult<Option<MappingState>> {
        let query = mapping_states::table.find(self.state_key()).select(MappingState::COLUMNS);
        MappingState::read_option(query.first(self.conn).optional()?)
    }

    /// Makes a version the one that sign-ins use; the one before becomes the previous one. Failures and
    /// quarantine are forgotten, also when the version is active already. False when there is no such version.
    pub fn activate(&mut self, version: i32) -> StorageResult<bool> {
        let Some(mut state) = self.held_with(version)? else { return Ok(false) };
        state.switch_to(version);
        self.keep(&state)
    }

    /// Makes the previous version the active one, and the other way round. Returns the version that is active
    /// now; `None`, and nothing is changed, when there is no previous one.
    pub fn roll_back(&mut self) -> StorageResult<Option<i32>> {
        let Some(mut state) = self.held_if_any()? else { return Ok(None) };
        let Some(previous) = state.previous_version else { return Ok(None) };
        state.switch_to(previous);
        self.keep(&state)?;
        Ok(Some(previous))
    }

    /// Lets a version run beside the active one until a moment, or none any more; counting begins anew. False
    /// when there is no such version.
    pub fn set_shadow(&mut self, shadow: Option<(i32, DateTime<Utc>)>) -> StorageResult<bool> {
        let held = match shadow {
            Some((version, _)) => self.held_with(version)?,
            None => self.held_if_any()?,
        };
        let Some(mut state) = held else { return Ok(shadow.is_none()) };
        state.shadow(shadow);
        self.keep(&state)
    }

    /// Counts a run of the shadow version. False when there is none.
    pub fn count_shadow(&mut self, differed: bool) -> StorageResult<bool> {
        let shadowed = mapping_states::table
            .find(self.state_key())
            .filter(mapping_states::shadow_version.is_not_null());
        let differences = mapping_states::shadow_differences + i32::from(differed);
        let rows = diesel::update(shadowed)
            .set((
                mapping_states::shadow_runs.eq(mapping_states::shadow_runs + 1),
                mapping_states::shadow_differences.eq(differences),
            ))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// Counts a failure of the active version, and whose sign-in it was. Returns how the mapping is now.
    pub fn note_failure(&mut self, subject_hash: &str) -> StorageResult<MappingState> {
        let mut state = self.held()?;
        state.failures = state.failures.saturating_add(1);
        let known = state.failed_subjects.iter().any(|known| known == subject_hash);
        if !known && state.failed_subjects.len() < FAILED_SUBJECTS {
            state.failed_subjects.push(subject_hash.to_owned());
        }
        self.keep(&state)?;
        Ok(state)
    }

    /// The active version answered: the failures were not in a row. A quarantine stays. False when there was
    /// nothing to forget.
    pub fn clear_failures(&mut self) -> StorageResult<bool> {
        let failing =
            mapping_states::table.find(self.state_key()).filter(mapping_states::failures.gt(0));
        let rows = diesel::update(failing)
            .set((mapping_states::failures.eq(0), mapping_states::failed_subjects.eq("[]")))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// The plugin is no longer called. False when that was so already.
    pub fn quarantine(&mut self, at: DateTime<Utc>) -> StorageResult<bool> {
        let free = mapping_states::table
            .find(self.state_key())
            .filter(mapping_states::quarantined_at.is_null());
        let set = mapping_states::quarantined_at.eq(Some(utc(&at)));
        Ok(diesel::update(free).set(set).execute(self.conn)? == 1)
    }

    /// The active version is called again, as if it had never failed. False when there was no quarantine.
    pub fn end_quarantine(&mut self) -> StorageResult<bool> {
        let Some(mut state) = self.held_if_any()? else { return Ok(false) };
        if state.quarantined_at.is_none() {
            return Ok(false);
        }
        state.forgive();
        self.keep(&state)
    }

    /// Keeps what to do when the plugin fails, also before there is a version.
    pub fn set_policy(&mut self, policy: &Value) -> StorageResult<()> {
        let mut state = self.held()?;
        state.policy = policy.clone();
        self.keep(&state).map(drop)
    }

    /// The state, held until the transaction ends, if the target has such a version.
    fn held_with(&mut self, version: i32) -> StorageResult<Option<MappingState>> {
        let state = self.held_if_any()?;
        Ok(if self.has(version)? { state } else { None })
    }

    /// The state, made if there was none, and held until the transaction ends.
    pub(crate) fn held(&mut self) -> StorageResult<MappingState> {
        if let Some(state) = self.held_if_any()? {
            return Ok(state);
        }
        let fresh = MappingState {
            target_kind: self.target.kind,
            target_id: self.target.id.clone(),
            active_version: None,
            previous_version: None,
            shadow_version: None,
            shadow_until: None,
            shadow_runs: 0,
            shadow_differences: 0,
            policy: json!({}),
            failures: 0,
            failed_subjects: Vec::new(),
            quarantined_at: None,
        };
        insert_or_ignore!(self.conn, mapping_states, &fresh.raw(self.tenant))?;
        Ok(self.held_if_any()?.ok_or(diesel::result::Error::NotFound)?)
    }

    /// The update locks the row: a second writer on PostgreSQL waits here and then sees what the first one
    /// committed.
    pub(crate) fn held_if_any(&mut self) -> StorageResult<Option<MappingState>> {
        let raw = diesel::update(mapping_states::table.find(self.state_key()))
            .set(mapping_states::failures.eq(mapping_states::failures))
            .returning(MappingState::COLUMNS)
            .get_result(self.conn)
            .optional()?;
        MappingState::read_option(raw)
    }

    /// Only under the lock of `held`.
    fn keep(&mut self, state: &MappingState) -> StorageResult<bool> {
        let raw = state.raw(self.tenant);
        let target = mapping_states::table.find(self.state_key());
        Ok(diesel::update(target).set(&raw).execute(self.conn)? == 1)
    }
}

impl<'a> MappingRows<'a> {
    fn state_key(&self) -> (&'a str, &'a str, &'a str) {
        (self.tenant, self.target.kind.as_str(), &self.target.id)
    }
}
