//! Back from Microsoft's page of admin consent (E-14). Anybody can write what comes back, so nothing follows
//! from it but a page and an audit row: a sign-in or a test of the connection proves the consent.

use serde::Deserialize;
use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_storage::{ConsumeOutcome, SingleUseKind};

use super::Refused;
use super::account::failed;
use super::refuse::{context, refuse_request};
use crate::audit::{self, AuditEvent};
use crate::broker::{Broker, Visit};
use crate::connectors::UpstreamCallback;
use crate::connectors::entra::EntraProblem;
use crate::downstream::oidc::OauthError;
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// What Microsoft's answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentReport {
    /// Why not, where it was not given.
    pub reason: Option<ReasonCode>,
    /// Microsoft's words, shortened.
    pub detail: String,
    /// The directory, as the answer names it: untrusted.
    pub directory: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    connector: ConnectorId,
}

/// Reads the answer to a consent link, once.
///
/// # Errors
/// A [`Refused`] to show: an answer to no link of ours.
pub async fn consent_reported(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, answer): (&ConnectorId, &UpstreamCallback),
) -> Result<ConsentReport, Box<Refused>> {
    let report = report(answer);
    let event = AuditEvent::ConsentReported {
        connector: connector.clone(),
        reason: report.reason,
        detail: report.in_words(),
    };
    let hash = answer.single("state").map(|state| sha256_hex(state.as_bytes()));
    let context = context(broker, visit, None);
    let (owner, came) = (tenant.id.clone(), connector.clone());
    let kept = broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&owner);
            let Some(hash) = hash else { return Ok(false) };
            let mut links = rows.single_use(SingleUseKind::AdminConsent);
            let link = links.peek(&hash)?.and_then(|row| serde_json::from_value(row.payload).ok());
            if link.is_none_or(|link: Link| link.connector != came) {
                return Ok(false);
            }
            let taken = links.consume(&hash, context.now)?;
            if !matches!(taken, ConsumeOutcome::Taken(_)) {
                return Ok(false);
            }
            audit::append(conn, &owner, &context, &event)?;
            Ok(true)
        })
        .await;
    match kept {
        Ok(true) => Ok(report),
        Ok(false) => {
            let detail =
                "no consent link of this connector has this state, or it is used or too old";
            let error = OauthError::new(ReasonCode::RequestMalformed, detail);
            Err(refuse_request(broker, Some(tenant), visit, error, None).await)
        }
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

impl ConsentReport {
    fn in_words(&self) -> String {
        let directory = self.directory.as_deref().unwrap_or("none");
        if self.detail.is_empty() {
            format!("the answer names directory {directory}, which is not proved")
        } else {
            format!("{}; the answer names directory {directory}, which is not proved", self.detail)
        }
    }
}

fn report(answer: &UpstreamCallback) -> ConsentReport {
    let given =
        answer.single("admin_consent").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let directory = answer.single("tenant").map(crate::connectors::error::shorten);
    let problem = EntraProblem::of_callback(answer);
    let (reason, detail) = match problem {
        Some(problem) => (Some(refusal(&problem)), problem.to_string()),
        None if given => (None, String::new()),
        None => (Some(ReasonCode::EntraConsentRefused), "no admin_consent=True came".to_owned()),
    };
    ConsentReport { reason, detail, directory }
}

/// By Microsoft's number where it says more than that the person declined.
fn refusal(problem: &EntraProblem) -> ReasonCode {
    match problem.number.and_then(ReasonCode::from_aadsts) {
        None | Some(ReasonCode::EntraConsentDeclined) => ReasonCode::EntraConsentRefused,
        Some(reason) => reason,
    }
}
