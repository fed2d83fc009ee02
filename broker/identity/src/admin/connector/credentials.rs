//! What is known of a connector's credentials without opening them: which there are, and when they end (N20).

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use symbolon_contract::TenantId;
use symbolon_storage::{Connection, StorageResult};

use crate::connectors::entra::EntraAuthentication;
use crate::connectors::oidc::ClientAuthentication;
use crate::connectors::{ConnectorRecord, ConnectorSettings, next_slot, previous_slot};
use crate::secrets::Purpose;

/// A stored credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CredentialFacts {
    /// `client secret`, `previous client secret`, `certificate` or `new certificate`.
    pub which: &'static str,
    /// Whether the connector proves itself with it now.
    pub present: bool,
    /// The last characters of a secret, the thumbprint of a certificate.
    pub hint: Option<String>,
    /// When it ends, as far as anybody told us: the earlier of what was entered and what the upstream says.
    pub ends_at: Option<DateTime<Utc>>,
    /// Both, where they differ: somebody entered a wrong date.
    pub note: Option<String>,
}

/// The end of a credential that comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextExpiry {
    /// Which one.
    pub which: &'static str,
    /// The day.
    pub date: NaiveDate,
    /// How many days are left; negative when it has ended.
    pub days: i64,
    /// What is odd about the date.
    pub note: Option<String>,
}

impl NextExpiry {
    fn of(credential: &CredentialFacts, now: DateTime<Utc>) -> Option<Self> {
        let CredentialFacts { which, ends_at, note, .. } = credential;
        let date = (*ends_at)?.date_naive();
        let days = (date - now.date_naive()).num_days();
        Some(Self { which, date, days, note: note.clone() })
    }
}

/// Which purpose and word the present credential has; `None` for what neither ends nor is stored here.
pub(super) fn present_kind(record: &ConnectorRecord) -> Option<(Purpose, &'static str)> {
    let secret = (Purpose::ConnectorClientSecret, "client secret");
    match &record.configuration.upstream {
        ConnectorSettings::Oidc(settings) => match settings.client_authentication {
            ClientAuthentication::PrivateKeyJwt { .. } => None,
            _ => Some(secret),
        },
        ConnectorSettings::Entra(settings) => match settings.client_authentication {
            EntraAuthentication::Secret => Some(secret),
            EntraAuthentication::Certificate => Some((Purpose::ConnectorSigningKey, "certificate")),
            EntraAuthentication::Federated => None,
        },
        ConnectorSettings::Saml(settings) => settings.graph.as_ref().map(|_| secret),
    }
}

/// The stored credentials of a connector. Of the present one the earlier of two ends counts: ours, and what
/// the upstream says.
pub(super) fn stored(
    conn: &mut Connection,
    tenant: &TenantId,
    record: &ConnectorRecord,
) -> StorageResult<Vec<CredentialFacts>> {
    let (secret, key) = (Purpose::ConnectorClientSecret, Purpose::ConnectorSigningKey);
    let id = record.id.to_string();
    let present = present_kind(record).map(|(purpose, _)| purpose);
    let mut rows = conn.tenant(tenant);
    let said = rows.connector_health().find(&record.id)?;
    let said = said.and_then(|health| health.credential_expires_at);
    let mut found = Vec::new();
    for (which, purpose, owner) in [
        ("client secret", secret, id.clone()),
        ("previous client secret", secret, previous_slot(&record.id)),
        ("certificate", key, id.clone()),
        ("new certificate", key, next_slot(&record.id)),
    ] {
        let Some(row) = rows.secrets().find(purpose.as_str(), &owner)? else {
            continue;
        };
        let present = present == Some(purpose) && owner == id;
        let said = said.filter(|_| present);
        let ends_at = row.expires_at.into_iter().chain(said).min();
        let note = row.expires_at.zip(said).and_then(|(entered, said)| {
            let (entered, said) = (entered.date_naive(), said.date_naive());
            (entered != said).then(|| format!("entered {entered}, the upstream says {said}"))
        });
        found.push(CredentialFacts { which, present, hint: row.hint, ends_at, note });
    }
    Ok(found)
}

/// The present credential's end.
pub(super) fn present_end(
    credentials: &[CredentialFacts],
    now: DateTime<Utc>,
) -> Option<NextExpiry> {
    NextExpiry::of(credentials.iter().find(|one| one.present)?, now)
}
