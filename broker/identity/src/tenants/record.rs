//! A tenant, parsed from its row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::{TenantId, TenantSlug};
use symbolon_storage::{PLATFORM_TENANT, StorageError, Tenant, TenantStatus};

use super::RecordingSettings;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRecord {
    /// Its id, part of every key.
    pub id: TenantId,
    /// Its name in URLs.
    pub slug: TenantSlug,
    /// Its name on pages.
    pub display_name: String,
    /// Whether the operator lets it work.
    pub active: bool,
    /// Its own choices.
    pub settings: TenantSettings,
    /// Whether the request came to the platform's issuer: then only the operator's applications exist, otherwise
    /// only the tenant's own.
    pub at_platform: bool,
}

impl TenantRecord {
    /// Whether it is the reserved one, which owns the operator's applications and keys.
    #[must_use]
    pub fn is_platform(&self) -> bool {
        self.id.as_str() == PLATFORM_TENANT
    }

    /// The same tenant, reached through the platform's issuer.
    #[must_use]
    pub fn at_platform(self) -> Self {
        Self { at_platform: true, ..self }
    }
}

/// A tenant's choices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TenantSettings {
    /// Whom people may ask, shown on error pages: an e-mail address or a sentence.
    pub contact: Option<String>,
    /// What is kept of people's sign-ins, so that new rules can be tried on them.
    #[serde(skip_serializing_if = "RecordingSettings::is_default")]
    pub recording: RecordingSettings,
    /// Plugins of the large class that it may keep; the operator says so (WP-16).
    #[serde(skip_serializing_if = "is_none_at_all")]
    pub large_plugins: u32,
    /// Whether applications may register themselves, with an initial access token (RFC 7591 3).
    #[serde(skip_serializing_if = "is_off")]
    pub dynamic_registration: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_off(open: &bool) -> bool {
    !*open
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_none_at_all(count: &u32) -> bool {
    *count == 0
}

impl TryFrom<Tenant> for TenantRecord {
    type Error = StorageError;

    fn try_from(row: Tenant) -> Result<Self, StorageError> {
        let settings = serde_json::from_value(row.settings).map_err(|error| {
            StorageError::Corrupt { table: "tenants", why: format!("settings: {error}") }
        })?;
        Ok(Self {
            id: row.id,
            slug: row.slug,
            display_name: row.display_name,
            active: row.status == TenantStatus::Active,
            settings,
            at_platform: false,
        })
    }
}

/// The issuer of a tenant: `{public_url}/t/{slug}`, below which all of its addresses lie.
#[must_use]
pub fn issuer(public_url: &str, tenant: &TenantSlug) -> String {
    format!("{}/t/{tenant}", public_url.trim_end_matches('/'))
}
