//! AADSTS errors: number, OAuth code and Microsoft's words (short), as JSON, page or redirect.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::clock::{error_time, new_guid};
use super::world::World;
use super::{aadsts_table, pages};

/// Something that Microsoft refuses.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) code: u32,
    pub(super) error: &'static str,
    text: String,
    pub(super) suberror: Option<&'static str>,
    pub(super) claims: Option<String>,
}

/// The values that support asks for.
pub(super) struct Spoken {
    pub(super) description: String,
    pub(super) trace_id: String,
    pub(super) correlation_id: String,
    pub(super) timestamp: String,
}

impl Refusal {
    /// With Microsoft's text; a number that is not in the table is an `invalid_request`.
    pub(super) fn new(code: u32) -> Self {
        let (error, text) = aadsts_table::find(code).unwrap_or(("invalid_request", "As told."));
        Self { code, error, text: text.to_owned(), suberror: None, claims: None }
    }

    /// With a text that names values.
    pub(super) fn saying(code: u32, text: String) -> Self {
        Self { text, ..Self::new(code) }
    }

    pub(super) fn with_error(mut self, error: &'static str) -> Self {
        self.error = error;
        self
    }

    pub(super) fn with_suberror(mut self, suberror: &'static str) -> Self {
        self.suberror = Some(suberror);
        self
    }

    pub(super) fn with_claims(mut self, claims: &str) -> Self {
        self.claims = Some(claims.to_owned());
        self
    }

    pub(super) fn spoken(&self, world: &World) -> Spoken {
        let (trace_id, correlation_id) = (new_guid(), new_guid());
        let timestamp = error_time(world.now());
        let description = format!(
            "AADSTS{}: {} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}",
            self.code, self.text,
        );
        Spoken { description, trace_id, correlation_id, timestamp }
    }

    /// The sentence without the ids.
    pub(super) fn sentence(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.text)
    }

    fn status(&self) -> StatusCode {
        match self.error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "temporarily_unavailable" if self.code == 90055 => StatusCode::TOO_MANY_REQUESTS,
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// As the token and metadata endpoints say it.
    pub(super) fn json(&self, world: &World) -> HttpResponse {
        let spoken = self.spoken(world);
        let mut body = json!({
            "error": self.error,
            "error_description": spoken.description,
            "error_codes": [self.code],
            "timestamp": spoken.timestamp,
            "trace_id": spoken.trace_id,
            "correlation_id": spoken.correlation_id,
            "error_uri": format!("{}/error?code={}", world.base, self.code),
        });
        if let Some(fields) = body.as_object_mut() {
            if let Some(suberror) = self.suberror {
                fields.insert("suberror".to_owned(), json!(suberror));
            }
            if let Some(claims) = &self.claims {
                fields.insert("claims".to_owned(), Value::from(claims.as_str()));
            }
        }
        HttpResponse::build(self.status()).insert_header(("Cache-Control", "no-store")).json(body)
    }

    /// As Microsoft's own page says it: nothing goes back to the application.
    pub(super) fn page(&self, world: &World) -> HttpResponse {
        pages::refused(self, &self.spoken(world))
    }
}
