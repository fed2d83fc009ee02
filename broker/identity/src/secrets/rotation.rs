//! Bringing every data key under the active master key, so that an old master key can be thrown away.

use symbolon_contract::TenantId;
use symbolon_storage::DataKey;

use super::error::SecretsError;
use super::store::SecretStore;

/// Data keys that are read and written at a time: a page is one short transaction.
const PAGE: usize = 100;

/// What a rotation did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RotationReport {
    /// The master key that everything is wrapped by now.
    pub active: String,
    /// Data keys that were wrapped by it already.
    pub current: usize,
    /// Data keys that were wrapped anew (on a dry run: that would be).
    pub rewrapped: usize,
    /// Data keys that could not be unwrapped. While there are any, no master key may be thrown away.
    pub unreadable: Vec<UnreadableKey>,
}

/// A data key that no configured master key opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub data_key: String,
    /// Why it stays closed.
    pub error: SecretsError,
}

struct Rewrapped {
    tenant: TenantId,
    data_key: String,
    wrapped: String,
}

impl SecretStore {
    /// Wraps every data key of every tenant with the active master key. On a dry run nothing is written,
    /// but every key is tried. May be repeated and interrupted at any point.
    ///
    /// # Errors
    /// The database. Keys that cannot be unwrapped are reported, not errors.
    pub async fn rotate_master(&self, dry_run: bool) -> Result<RotationReport, SecretsError> {
        let active = self.0.keyring.active().to_owned();
        let mut report = RotationReport { active, ..RotationReport::default() };
        let mut after: Option<(TenantId, String)> = None;
        loop {
            let page = self.page(after).await?;
            after = page.last().map(|(tenant, key)| (tenant.clone(), key.id.clone()));
            let is_last = page.len() < PAGE;
            let changes = self.rewrap_page(page, &mut report)?;
            report.rewrapped += changes.len();
            if !dry_run && !changes.is_empty() {
                self.write_page(changes).await?;
            }
            if is_last {
                return Ok(report);
            }
        }
    }

    async fn page(
        &self,
        after: Option<(TenantId, String)>,
    ) -> Result<Vec<(TenantId, DataKey)>, SecretsError> {
        let page = self.0.database.read(move |conn| {
            let after = after.as_ref().map(|(tenant, id)| (tenant, id.as_str()));
            conn.operator().list_data_keys(after, PAGE as i64)
        });
        Ok(page.await?)
    }

    fn rewrap_page(
        &self,
        page: Vec<(TenantId, DataKey)>,
        report: &mut RotationReport,
    ) -> Result<Vec<Rewrapped>, SecretsError> {
        let keyring = &self.0.keyring;
        let mut changes = Vec::new();
        for (tenant, row) in page {
            if row.master_key_id == keyring.active() {
                report.current += 1;
                continue;
            }
            match keyring.unwrap(&tenant, &row.id, &row.wrapped) {
                Ok(bytes) => {
                    let wrapped =
                        keyring.wrap(&tenant, &row.id, &bytes, self.0.entropy.as_ref())?;
                    changes.push(Rewrapped { tenant, data_key: row.id, wrapped });
                }
                Err(error) => {
                    report.unreadable.push(UnreadableKey { tenant, data_key: row.id, error });
                }
            }
        }
        Ok(changes)
    }

    async fn write_page(&self, changes: Vec<Rewrapped>) -> Result<(), SecretsError> {
        let active = self.0.keyring.active().to_owned();
        let written = self.0.database.write(move |conn| {
            for Rewrapped { tenant, data_key, wrapped } in &changes {
                // A key that went meanwhile needs no wrapping.
                conn.operator().rewrap(tenant, data_key, wrapped, &active)?;
            }
            Ok(())
        });
        Ok(written.await?)
    }
}
