//! A sign-in is recorded: what may be kept is prepared before its transaction, the end is added in it.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use symbolon_contract::{ConnectorId, ReasonCode, TenantId, TraceId};
use symbolon_storage::{RecordedOutcome, RecordedSignIn as Row};
use thiserror::Error;

use super::content::{
    FORMAT, Happened, MappingAnswer, RecordedMapping, RecordedRefusal, RecordedSignIn,
    RecordedStatement, RecordedUser, Stop,
};
use super::redact::Masker;
use crate::broker::Broker;
use crate::claims::saml::groups_name;
use crate::connectors::{Assertion, ConnectorRecord, ConnectorSettings};
use crate::mapping::{Answered, MappingInput, MappingOutcome};
use crate::provisioning::apply::Applied;
use crate::secrets::{Purpose, Sealer, SecretsError};
use crate::tenants::{RecordingKeep, TenantRecord};

/// Larger records are not kept: a person in thousands of groups, or claims that somebody blew up.
const LARGEST: usize = 256 * 1024;

/// Why a sign-in was not recorded. It is logged and changes nothing else.
#[derive(Debug, Error)]
enum NotRecorded {
    #[error("the record would have {0} bytes, at most {LARGEST} are kept")]
    TooLarge(usize),
    #[error("it cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
}

/// A record whose end is not known yet.
pub(crate) struct Draft {
    id: String,
    connector: ConnectorId,
    trace: TraceId,
    at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    sealer: Sealer,
    masker: Masker,
    keep: RecordingKeep,
    statement: RecordedStatement,
    input: MappingInput,
    /// `None` until the mapping answered.
    mapping: Option<RecordedMapping>,
}

impl Draft {
    /// Begins to record, if the tenant wants it. Test sign-ins do not come here.
    pub(crate) async fn begin(
        broker: &Broker,
        tenant: &TenantRecord,
        (connector, assertion, input): (&ConnectorRecord, &Assertion, &MappingInput),
        trace: &TraceId,
    ) -> Option<Self> {
        let rules = &tenant.settings.recording;
        if rules.keep == RecordingKeep::Off {
            return None;
        }
        let sealer = broker.secrets.sealer(&tenant.id).await;
        let fits = within_limit(input);
        let sealer = match fits.and_then(|()| Ok(sealer?)) {
            Ok(sealer) => sealer,
            Err(why) => {
                log(trace, &why);
                return None;
            }
        };
        let mut salt = [0; 16];
        broker.entropy.fill(&mut salt);
        let groups = groups_claim(&connector.configuration.upstream, assertion);
        let masker = Masker::new(rules.clone(), &groups, salt, input);
        Some(Self {
            id: broker.ids.new_row_id(),
            connector: connector.id.clone(),
            trace: trace.clone(),
            at: input.now,
            expires_at: input.now + TimeDelta::days(rules.days.into()),
            sealer,
            keep: rules.keep,
            statement: masker.statement(RecordedStatement {
                auth_time: assertion.auth_time,
                acr: assertion.acr.clone(),
                amr: assertion.amr.clone(),
                warnings: assertion
                    .warnings
                    .iter()
                    .map(|warning| format!("{}: {}", warning.reason, warning.detail))
                    .collect(),
            }),
            input: masker.input(input.clone()),
            masker,
            mapping: None,
        })
    }

    /// The mapping answered.
    pub(crate) fn mapped(&mut self, outcome: &MappingOutcome) {
        self.mapping = Some(self.masker.beside(RecordedMapping {
            plugin: Some(outcome.plugin.clone()),
            version: Some(outcome.version),
            fuel: Some(outcome.fuel),
            remarks: outcome.remarks.clone(),
            last_known_because: match outcome.answered {
                Answered::Now => None,
                Answered::LastKnown { because } => Some(because),
            },
            answer: MappingAnswer::Mapped(self.masker.mapping(outcome.mapping.clone())),
        }));
    }

    /// The row of a sign-in that led to a session.
    pub(crate) fn signed_in(&self, applied: &Applied) -> Option<Row> {
        let happened = match (applied.created, applied.linked) {
            (true, _) => Happened::Created,
            (false, true) => Happened::Linked,
            (false, false) => Happened::Updated,
        };
        let user = RecordedUser {
            id: applied.user.id.clone(),
            happened,
            gained: applied.gained.clone(),
            lost: applied.lost.clone(),
        };
        self.row(Some(user), None)
    }

    /// The row of a sign-in that was refused behind the upstream.
    pub(crate) fn refused(&self, stop: Stop, reason: ReasonCode, detail: &str) -> Option<Row> {
        let detail = self.masker.text(detail);
        self.row(None, Some(RecordedRefusal { stop, reason, detail }))
    }

    fn row(&self, user: Option<RecordedUser>, refusal: Option<RecordedRefusal>) -> Option<Row> {
        let mapping = self.mapping.clone().or_else(|| {
            let answer = MappingAnswer::Refused(refusal.clone()?);
            Some(RecordedMapping {
                plugin: None,
                version: None,
                fuel: None,
                remarks: Vec::new(),
                last_known_because: None,
                answer,
            })
        })?;
        let mut row = Row {
            id: self.id.clone(),
            connector_id: self.connector.clone(),
            at: self.at,
            trace_id: self.trace.clone(),
            user_id: user.as_ref().map(|user| user.id.clone()),
            outcome: match refusal {
                None => RecordedOutcome::SignedIn,
                Some(_) => RecordedOutcome::Refused,
            },
            reason: refusal.as_ref().map(|refusal| refusal.reason.to_string()),
            mapping_version: mapping.version,
            sealed: String::new(),
            expires_at: self.expires_at,
        };
        let content = RecordedSignIn {
            format: FORMAT,
            keep: self.keep,
            statement: self.statement.clone(),
            input: self.input.clone(),
            mapping,
            user,
            refusal,
        };
        match self.seal(&content) {
            Ok(sealed) => row.sealed = sealed,
            Err(why) => {
                log(&self.trace, &why);
                return None;
            }
        }
        Some(row)
    }

    fn seal(&self, content: &RecordedSignIn) -> Result<String, NotRecorded> {
        let plaintext = serde_json::to_vec(content)?;
        if plaintext.len() > LARGEST {
            return Err(NotRecorded::TooLarge(plaintext.len()));
        }
        Ok(self.sealer.seal(Purpose::RecordedSignIn, &self.id, &plaintext)?)
    }
}

/// Before anything is done about it: masking a huge input would cost a sign-in its time for nothing.
fn within_limit(input: &MappingInput) -> Result<(), NotRecorded> {
    match serde_json::to_vec(input)?.len() {
        size if size > LARGEST => Err(NotRecorded::TooLarge(size)),
        _ => Ok(()),
    }
}

fn groups_claim<'a>(settings: &'a ConnectorSettings, assertion: &Assertion) -> Cow<'a, str> {
    match settings {
        // Where no claim holds groups, no further claim is shown as one.
        ConnectorSettings::Oidc(oidc) if oidc.claims.groups.is_empty() => Cow::Borrowed("groups"),
        ConnectorSettings::Oidc(oidc) => Cow::Borrowed(&oidc.claims.groups),
        ConnectorSettings::Entra(_) => Cow::Borrowed("groups"),
        ConnectorSettings::Saml(saml) => Cow::Owned(groups_name(saml, &assertion.claims)),
    }
}

fn log(trace: &TraceId, why: &NotRecorded) {
    tracing::warn!(%trace, %why, "the sign-in was not recorded");
}

/// Keeps the record of a refused sign-in, in a transaction of its own: the refusal and its audit row do not
/// depend on it.
pub(crate) async fn keep_refused(broker: &Broker, tenant: &TenantId, row: Row) {
    let (tenant, trace) = (tenant.clone(), row.trace_id.clone());
    let kept =
        broker.database.write(move |conn| conn.tenant(&tenant).recorded_sign_ins().insert(&row));
    if let Err(error) = kept.await {
        tracing::warn!(%trace, %error, "a refused sign-in was not recorded");
    }
}
