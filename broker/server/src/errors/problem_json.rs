//! A refusal of the admin API as a problem document (RFC 9457).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use schemars::JsonSchema;
use serde::Serialize;
use symbolon_contract::{ReasonCode, TraceId};
use symbolon_identity::admin::{AdminError, ApiRefusal};

/// The media type of problem documents.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a call was refused (RFC 9457).
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct ProblemJson {
    /// `urn:symbolon:reason:` and the reason code.
    #[serde(rename = "type")]
    kind: String,
    /// The reason in one sentence.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What was seen here.
    detail: String,
    /// The reason code; the troubleshooting pages have a heading for each.
    reason: ReasonCode,
    /// For searching in logs and in the audit trail.
    trace_id: TraceId,
    /// Every value that is not acceptable, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
    /// What to do.
    fix: &'static str,
}

impl ProblemJson {
    /// A refusal; `detail` is told to the caller unless it is a failure of ours.
    #[must_use]
    pub fn new(reason: ReasonCode, detail: &str, trace: TraceId) -> Self {
        let entry = reason.entry();
        tracing::Span::current().record("reason", reason.as_str());
        tracing::info!(trace_id = %trace, %reason, detail, "refused");
        let ours = entry.status >= 500;
        Self {
            kind: format!("urn:symbolon:reason:{reason}"),
            title: entry.person,
            status: entry.status,
            detail: if ours { entry.person.to_owned() } else { detail.to_owned() },
            reason,
            trace_id: trace,
            problems: Vec::new(),
            fix: entry.fix,
        }
    }

    /// What a use case said no to.
    #[must_use]
    pub fn of(error: AdminError, trace: TraceId) -> Self {
        let reason = error.reason();
        match error {
            AdminError::Invalid(problems) => {
                tracing::info!(trace_id = %trace, ?problems, "not acceptable");
                let detail = "one or more values are not acceptable";
                Self { problems, ..Self::new(reason, detail, trace) }
            }
            AdminError::TrialFailed(problems) => {
                let detail = "the version did not pass its trial; the active one stays";
                Self { problems, ..Self::new(reason, detail, trace) }
            }
            other => Self::new(reason, &other.to_string(), trace),
        }
    }

    /// A call whose key was not accepted. It learns the code alone: not whether the tenant exists, nor
    /// whether the key was good once.
    #[must_use]
    pub fn unauthorised(refusal: &ApiRefusal, trace: TraceId) -> Self {
        let reason = refusal.problem.reason();
        tracing::info!(trace_id = %trace, problem = %refusal.problem, "API key refused");
        match reason {
            ReasonCode::ApiScopeMissing => Self::new(reason, &refusal.problem.to_string(), trace),
            _ => Self::new(reason, reason.entry().cause, trace),
        }
    }

    /// As a response.
    #[must_use]
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = HttpResponse::build(status);
        // RFC 6750 3.
        let challenge = match self.reason {
            ReasonCode::ApiKeyMissing => Some("Bearer"),
            ReasonCode::ApiKeyInvalid => Some("Bearer error=\"invalid_token\""),
            ReasonCode::ApiScopeMissing => Some("Bearer error=\"insufficient_scope\""),
            _ => None,
        };
        if let Some(challenge) = challenge {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((RETRY_AFTER, "1"));
        }
        response.content_type(PROBLEM_JSON).json(self)
    }
}
