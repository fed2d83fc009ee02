//! What is known of a connector's credentials without opening them: which there are, and when they end (N20).

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use symbolon_contract::TenantId;
use symbolon_saml::certificate::Certificate;
use symbolon_storage::{Connection, StorageResult};

use crate::connectors::entra::EntraAuthentication;
use crate::connectors::oidc::ClientAuthentication;
use crate::connectors::saml::{SamlSettings, effective, own_keys};
use crate::connectors::{ConnectorRecord, ConnectorSettings, next_slot, previous_slot};
use crate::secrets::Purpose;

/// A stored credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CredentialFacts {
    /// `client secret`, `previous client secret`, `certificate` or `new certificate`; of SAML connectors also
    /// `certificate of the identity provider`, `own keys`, `new own keys` and `previous own keys`.
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
    if let ConnectorSettings::Saml(settings) = &record.configuration.upstream {
        found.extend(of_saml(conn, tenant, record, settings)?);
    }
    Ok(found)
}

/// The last certificate of the identity provider, and our own keys. Only keys count when signatures are verified, but
/// identity providers change theirs when a certificate ends (ME-9).
fn of_saml(
    conn: &mut Connection,
    tenant: &TenantId,
    record: &ConnectorRecord,
    settings: &SamlSettings,
) -> StorageResult<Vec<CredentialFacts>> {
    let mut rows = conn.tenant(tenant);
    let document = rows.upstream_documents().find(&record.id)?;
    // As it was when it was last looked at: an end is told also when that time is over.
    let at = document.as_ref().map_or(record.updated_at, |document| document.checked_at);
    let there = effective(settings, record.settings_version, document.as_ref(), at);
    let certificates = there.read_certificates();
    let last = certificates.iter().map(Certificate::facts).max_by_key(|facts| facts.not_after);
    let theirs = last.map(|facts| CredentialFacts {
        which: "certificate of the identity provider",
        present: true,
        hint: Some(facts.fingerprint.clone()),
        ends_at: Some(facts.not_after),
        note: None,
    });
    let told = [("own keys", true), ("new own keys", false), ("previous own keys", false)];
    let ours = told.into_iter().zip(own_keys::rows(&mut rows, &record.id)?);
    let ours = ours.filter_map(|((which, present), row)| {
        let row = row?;
        let (hint, ends_at) = (row.hint, row.expires_at);
        Some(CredentialFacts { which, present, hint, ends_at, note: None })
    });
    Ok(theirs.into_iter().chain(ours).collect())
}

/// The end that comes first of what is in use.
pub(super) fn present_end(
    credentials: &[CredentialFacts],
    now: DateTime<Utc>,
) -> Option<NextExpiry> {
    let present = credentials.iter().filter(|one| one.present && one.ends_at.is_some());
    NextExpiry::of(present.min_by_key(|one| one.ends_at)?, now)
}
