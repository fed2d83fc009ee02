//! How the application learns that a session at the broker ended, and what it makes of it.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};

use super::{DemoApplication, Shared, relying_party};

/// A patient test gives up after this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the application was told about ended sessions.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The claims of the logout tokens that it took.
    pub tokens: Vec<Map<String, Value>>,
    /// Why it did not take others.
    pub problems: Vec<String>,
    /// `iss` and `sid` of what was loaded in frames.
    pub frames: Vec<(String, String)>,
    pub(super) answer: Option<u16>,
}

type Fields = BTreeMap<String, String>;

/// `POST /backchannel-logout`.
pub(super) async fn back_channel(
    shared: web::Data<Shared>,
    form: web::Form<Vec<(String, String)>>,
) -> HttpResponse {
    let forced = shared.with(|state| state.told.answer);
    let outcome = match (forced, form.as_slice()) {
        (Some(status), _) => Err((status, format!("told to answer {status}"))),
        (None, [(name, token)]) if name == "logout_token" => {
            let told = relying_party::told_of_logout(&shared, token).await;
            told.map_err(|error| (400, error.to_string()))
        }
        (None, _) => Err((400, "the form holds something else than logout_token".to_owned())),
    };
    let status = match outcome {
        Ok(claims) => {
            shared.with(|state| {
                let sid = claims.get("sid").cloned();
                state.sessions.retain(|_, person| person.claims.get("sid").cloned() != sid);
                state.told.tokens.push(claims);
            });
            StatusCode::OK
        }
        Err((status, problem)) => {
            shared.with(|state| state.told.problems.push(problem));
            StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST)
        }
    };
    shared.told.send_modify(|count| *count += 1);
    HttpResponse::build(status).insert_header(("Cache-Control", "no-store")).finish()
}

/// `GET /frontchannel-logout`.
pub(super) async fn front_channel(
    shared: web::Data<Shared>,
    query: web::Query<Fields>,
) -> HttpResponse {
    let value = |name: &str| query.get(name).cloned().unwrap_or_default();
    let (iss, sid) = (value("iss"), value("sid"));
    shared.with(|state| {
        let is_it = |person: &super::SignedIn| person.text("sid") == sid;
        state.sessions.retain(|_, person| !is_it(person));
        state.told.frames.push((iss, sid.clone()));
    });
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .content_type("text/html; charset=utf-8")
        .body("<!doctype html><html lang=\"en\"><title>Signed out</title><p>Signed out.</p>")
}

impl DemoApplication {
    /// Where the broker tells it by a request of its own.
    #[must_use]
    pub fn backchannel_logout_uri(&self) -> String {
        format!("{}/backchannel-logout", self.url())
    }

    /// Where the broker tells it in a frame.
    #[must_use]
    pub fn frontchannel_logout_uri(&self) -> String {
        format!("{}/frontchannel-logout", self.url())
    }

    /// Answers logout messages with this status, without looking at them; `None` looks again.
    pub fn answer_logouts_with(&self, status: Option<u16>) {
        self.shared.with(|state| state.told.answer = status);
    }

    /// What it was told so far.
    #[must_use]
    pub fn told(&self) -> Told {
        self.shared.with(|state| state.told.clone())
    }

    /// Waits until so many logout messages came, taken or not; what it was told by then.
    pub async fn told_times(&self, count: usize) -> Told {
        let mut counter = self.shared.told.subscribe();
        let came = counter.wait_for(|seen| *seen >= count);
        let _ = tokio::time::timeout(PATIENCE, came).await;
        self.told()
    }
}
