//! An application that signs people in through a broker, as any OpenID relying party would, and
//! shows what it learned. Part of the demo, and the counterpart of tests.
//!
//! | file | holds |
//! |---|---|
//! | `routes` | the addresses that a person opens, and its keys |
//! | `key` | what it signs: assertions, DPoP proofs, request objects |
//! | `relying_party` | the protocol: discovery, request, code, userinfo |
//! | `verify` | the rules for an ID token and a logout token |
//! | `logout` | how it learns that a session ended |
//! | `pages` | its HTML |

mod key;
mod logout;
mod pages;
mod relying_party;
mod routes;
mod verify;

pub use key::{ApplicationAlgorithm, ApplicationKey, ApplicationKeyError};

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::web;
use serde_json::{Map, Value};

pub use logout::Told;
pub use verify::verified;

use crate::http::sender;
use crate::loopback::{Loopback, Reserved, StartError};
use crate::values::{Clock, lock, system_clock};

/// What the broker knows the application by.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The broker's issuer, exactly.
    pub issuer: String,
    /// The `client_id`.
    pub client_id: String,
    /// The secret, for HTTP basic authentication; none for a public application.
    pub client_secret: Option<String>,
}

/// What the application learned about a person.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// ID token claims, overlaid by userinfo.
    pub claims: Map<String, Value>,
    /// The ID token as it came, the hint for a later request.
    pub id_token: String,
}

impl SignedIn {
    /// The text of a claim; empty if it is absent or no text.
    #[must_use]
    pub fn text(&self, claim: &str) -> &str {
        self.claims.get(claim).and_then(Value::as_str).unwrap_or_default()
    }

    /// The `roles` claim.
    #[must_use]
    pub fn roles(&self) -> Vec<&str> {
        self.claims
            .get("roles")
            .and_then(Value::as_array)
            .map(|roles| roles.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default()
    }
}

struct Shared {
    name: String,
    url: String,
    scopes: String,
    clock: Clock,
    sender: reqwest::Client,
    state: Mutex<State>,
    /// Counts the logout messages that came.
    told: tokio::sync::watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    registration: Option<Registration>,
    attempts: HashMap<String, relying_party::Attempt>,
    sessions: HashMap<String, SignedIn>,
    last: Option<SignedIn>,
    told: Told,
    /// Its key set, and how often somebody asked for it.
    keys: Option<Value>,
    keys_asked: usize,
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut lock(&self.state))
    }

    fn redirect_uri(&self) -> String {
        format!("{}/callback", self.url)
    }
}

/// What a demo application starts with.
pub struct DemoApplicationBuilder {
    port: u16,
    name: String,
    scopes: String,
    clock: Clock,
    registration: Option<Registration>,
}

impl DemoApplicationBuilder {
    /// The port on 127.0.0.1; 0, the default, takes any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The name on its pages.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The scopes it asks for; `openid profile email` by default.
    #[must_use]
    pub fn scopes(mut self, scopes: &str) -> Self {
        scopes.clone_into(&mut self.scopes);
        self
    }

    /// The clock that ID tokens are checked against.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How the broker knows it; may also come later, see [`DemoApplication::register`].
    #[must_use]
    pub fn registration(mut self, registration: Registration) -> Self {
        self.registration = Some(registration);
        self
    }

    /// Starts to serve.
    ///
    /// # Errors
    /// When the port is taken or the HTTP sender cannot be built.
    pub fn start(self) -> Result<DemoApplication, StartError> {
        let reserved = Reserved::take(self.port)?;
        let shared = Arc::new(Shared {
            name: self.name,
            url: reserved.url(),
            scopes: self.scopes,
            clock: self.clock,
            sender: sender()?,
            state: Mutex::new(State { registration: self.registration, ..State::default() }),
            told: tokio::sync::watch::Sender::new(0),
        });
        let data = web::Data::from(Arc::clone(&shared));
        let server = reserved.serve(move |config| {
            config
                .app_data(data.clone())
                .route("/", web::get().to(routes::home))
                .route("/sign-in", web::get().to(routes::sign_in))
                .route("/callback", web::get().to(routes::callback))
                .route("/sign-out", web::get().to(routes::sign_out))
                .route("/backchannel-logout", web::post().to(logout::back_channel))
                .route("/frontchannel-logout", web::get().to(logout::front_channel))
                .route("/jwks", web::get().to(routes::keys));
        })?;
        Ok(DemoApplication { shared, server })
    }
}

/// A running demo application; dropping it stops it.
pub struct DemoApplication {
    shared: Arc<Shared>,
    server: Loopback,
}

impl DemoApplication {
    /// Starts from nothing: any free port, scopes `openid profile email`, no registration yet.
    #[must_use]
    pub fn builder() -> DemoApplicationBuilder {
        DemoApplicationBuilder {
            port: 0,
            name: "Demo application".to_owned(),
            scopes: "openid profile email".to_owned(),
            clock: system_clock(),
            registration: None,
        }
    }

    /// `http://127.0.0.1:port`: the page with the sign-in button.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The redirect URI to register at the broker.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        self.shared.redirect_uri()
    }

    /// Sets or replaces the registration.
    pub fn register(&self, registration: Registration) {
        self.shared.with(|state| state.registration = Some(registration));
    }

    /// Where it publishes its keys.
    #[must_use]
    pub fn jwks_uri(&self) -> String {
        format!("{}/jwks", self.shared.url)
    }

    /// Publishes this key set from now on; before, and with nothing, there is none (404).
    pub fn publish_keys(&self, jwks: Option<Value>) {
        self.shared.with(|state| state.keys = jwks);
    }

    /// How often somebody asked for its keys.
    #[must_use]
    pub fn keys_asked(&self) -> usize {
        self.shared.with(|state| state.keys_asked)
    }

    /// What the last successful sign-in brought.
    #[must_use]
    pub fn last_sign_in(&self) -> Option<SignedIn> {
        self.shared.with(|state| state.last.clone())
    }
}

impl std::fmt::Debug for DemoApplication {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DemoApplication").field("url", &self.shared.url).finish_non_exhaustive()
    }
}
