//! Log lines: their form, their filter, and one span and one closing line per request.
//!
//! Owns: the subscriber and what a request's span holds. Queries of URLs are never logged: they hold
//! codes and states. Does not own: metrics, audit events or recorded sign-ins.

use std::io::IsTerminal as _;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage};
use symbolon_contract::TraceId;
use tracing::{Span, Subscriber, field};
use tracing_actix_web::{RequestId, RootSpanBuilder, TracingLogger};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogFormat, TelemetrySettings};

/// Logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter does not parse.
    #[error("telemetry.filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody else set up logging in this process.
    #[error("logging is already set up: {0}")]
    AlreadySet(#[from] tracing_subscriber::util::TryInitError),
}

/// Sets up logging to standard error for the whole process. `no_color` is whether `NO_COLOR` is set
/// to anything (<https://no-color.org>).
///
/// # Errors
/// [`TelemetryError`].
pub fn init(settings: &TelemetrySettings, no_color: bool) -> Result<(), TelemetryError> {
    let colour = !no_color && std::io::stderr().is_terminal();
    subscriber(settings, colour, std::io::stderr)?.try_init()?;
    Ok(())
}

fn subscriber<W>(
    settings: &TelemetrySettings,
    colour: bool,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(&settings.filter)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    Ok(match settings.log_format {
        LogFormat::Text => Box::new(lines.with_ansi(colour).finish()),
        LogFormat::Json => {
            Box::new(lines.json().flatten_event(true).with_span_list(false).finish())
        }
    })
}

/// The middleware that gives each request its trace id, its span and its closing log line.
#[must_use]
pub fn request_logger() -> TracingLogger<RequestSpans> {
    TracingLogger::new()
}

/// The trace id of a request: in its log lines, its audit row and on the page that the person sees.
/// Absent only outside [`request_logger`].
#[must_use]
pub fn trace_id(request: &impl HttpMessage) -> Option<TraceId> {
    let id = request.extensions().get::<RequestId>().copied()?;
    TraceId::parse(id.simple().to_string()).ok()
}

/// Builds the span of a request from its method and path alone.
#[derive(Debug)]
pub struct RequestSpans;

impl RootSpanBuilder for RequestSpans {
    fn on_request_start(request: &ServiceRequest) -> Span {
        tracing::info_span!(
            "request",
            trace_id = trace_id(request).as_ref().map(field::display),
            method = %request.method(),
            path = request.path(),
            status = field::Empty,
            tenant = field::Empty,
            reason = field::Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        let _entered = span.entered();
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), "answered");
        } else {
            tracing::info!(status = status.as_u16(), "answered");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use actix_web::{App, HttpRequest, HttpResponse, test, web};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn log_of_one_request(format: LogFormat) -> (String, String) {
        let lines = Lines::default();
        let writer = lines.clone();
        let settings = TelemetrySettings { log_format: format, ..TelemetrySettings::default() };
        let subscriber = subscriber(&settings, false, move || writer.clone()).unwrap();
        let _guard = tracing::subscriber::set_default(subscriber);
        let shows_trace = |request: HttpRequest| async move {
            HttpResponse::Ok().body(trace_id(&request).unwrap().to_string())
        };
        let app = App::new().wrap(request_logger()).route("/cb", web::get().to(shows_trace));
        let app = test::init_service(app).await;
        let request = test::TestRequest::get().uri("/cb?code=s3cret&state=s3cret").to_request();
        let body = test::call_and_read_body(&app, request).await;
        let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        (log, String::from_utf8(body.to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn a_request_is_logged_with_its_trace_and_without_its_query() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let (log, trace) = log_of_one_request(format).await;
            assert!(log.contains("/cb"), "{log}");
            assert!(log.contains(&trace), "{log}");
            assert!(!log.contains("s3cret"), "{log}");
            assert!(!log.contains('\u{1b}'), "{log}");
        }
    }

    #[actix_web::test]
    async fn json_lines_are_json() {
        let (log, trace) = log_of_one_request(LogFormat::Json).await;
        let line: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
        assert_eq!(line["status"], 200);
        assert_eq!(line["span"]["trace_id"], trace);
    }
}
