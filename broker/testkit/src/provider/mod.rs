//! An upstream OpenID provider on loopback. It behaves well unless told otherwise, and everything
//! about it can be changed while it runs.
//!
//! | file | holds |
//! |---|---|
//! | `people` | users and registered clients |
//! | `misbehaviour` | the list of faults |
//! | `documents` | discovery and JWKS |
//! | `authorize`, `pages` | the authorization endpoint and its page |
//! | `token`, `client_authentication`, `id_token`, `userinfo` | the endpoints behind it |

mod authorize;
mod client_authentication;
mod documents;
mod id_token;
mod misbehaviour;
pub(crate) mod pages;
mod people;
mod token;
mod userinfo;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::web;

use crate::keys::SigningKey;
pub use crate::keys::{KeyError, KeyKind};
use crate::loopback::{Loopback, Reserved, StartError};
use crate::values::{Clock, system_clock};
pub use misbehaviour::Misbehaviour;
pub use people::{ProviderUser, RegisteredClient};
pub use world::AutomaticSignIn;
pub(crate) use world::Fields;
use world::{State, World};

/// What a demo provider starts with.
pub struct FakeProviderBuilder {
    port: u16,
    name: String,
    clock: Clock,
    kind: KeyKind,
    users: Vec<ProviderUser>,
    clients: Vec<RegisteredClient>,
    automatic: AutomaticSignIn,
    iss_parameter: bool,
    thin_id_token: bool,
}

impl FakeProviderBuilder {
    /// The port on 127.0.0.1; 0, the default, takes any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The name on its page.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The clock behind `iat`, `exp` and `auth_time`.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The kind of the first signing key.
    #[must_use]
    pub fn key_kind(mut self, kind: KeyKind) -> Self {
        self.kind = kind;
        self
    }

    /// One more person.
    #[must_use]
    pub fn user(mut self, user: ProviderUser) -> Self {
        self.users.push(user);
        self
    }

    /// One more client.
    #[must_use]
    pub fn client(mut self, client: RegisteredClient) -> Self {
        self.clients.push(client);
        self
    }

    /// Signs people in without showing the page.
    #[must_use]
    pub fn automatic(mut self, automatic: AutomaticSignIn) -> Self {
        self.automatic = automatic;
        self
    }

    /// Whether answers carry `iss` (RFC 9207) and discovery says so; on by default.
    #[must_use]
    pub fn iss_parameter(mut self, on: bool) -> Self {
        self.iss_parameter = on;
        self
    }

    /// Leaves all personal claims to userinfo, as Okta and Ping do.
    #[must_use]
    pub fn thin_id_token(mut self) -> Self {
        self.thin_id_token = true;
        self
    }

    /// Starts to serve.
    ///
    /// # Errors
    /// When the port is taken or no key can be made.
    pub fn start(self) -> Result<FakeProvider, StartError> {
        let reserved = Reserved::take(self.port)?;
        let mut state = State::new(self.kind)?;
        state.users = self.users;
        state.clients = self.clients;
        state.automatic = self.automatic;
        state.iss_parameter = self.iss_parameter;
        state.thin_id_token = self.thin_id_token;
        let world = Arc::new(World::new(reserved.url(), self.name, self.clock, state));
        let shared = web::Data::from(Arc::clone(&world));
        let server = reserved.serve(move |routes| routes_of(&shared, routes))?;
        Ok(FakeProvider { world, server })
    }
}

fn routes_of(world: &web::Data<World>, routes: &mut web::ServiceConfig) {
    routes
        .app_data(world.clone())
        .route("/", web::get().to(pages::home))
        .route("/.well-known/openid-configuration", web::get().to(documents::discovery))
        .route("/jwks", web::get().to(documents::jwks))
        .route("/authorize", web::get().to(authorize::from_query))
        .route("/authorize", web::post().to(authorize::from_form))
        .route("/authorize/decision", web::post().to(authorize::decision))
        .route("/end-session", web::get().to(documents::end_session))
        .route("/token", web::post().to(token::token))
        .route("/userinfo", web::get().to(userinfo::userinfo))
        .route("/userinfo", web::post().to(userinfo::userinfo));
}

/// A running demo provider; dropping it stops it.
pub struct FakeProvider {
    world: Arc<World>,
    server: Loopback,
}

impl FakeProvider {
    /// Starts from nothing: no users, no clients, an RS256 key, any free port.
    #[must_use]
    pub fn builder() -> FakeProviderBuilder {
        FakeProviderBuilder {
            port: 0,
            name: "Demo provider".to_owned(),
            clock: system_clock(),
            kind: KeyKind::default(),
            users: Vec::new(),
            clients: Vec::new(),
            automatic: AutomaticSignIn::Off,
            iss_parameter: true,
            thin_id_token: false,
        }
    }

    /// `http://127.0.0.1:port`, which is also the issuer.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The `iss` of its ID tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.world.issuer
    }

    /// Adds a fault to those in force.
    ///
    /// # Errors
    /// When [`Misbehaviour::JwksRotatedNow`] cannot make a key.
    pub fn misbehave(&self, fault: Misbehaviour) -> Result<(), KeyError> {
        if fault == Misbehaviour::JwksRotatedNow {
            return self.replace_keys();
        }
        self.world.with(|state| state.faults.push(fault));
        Ok(())
    }

    /// Ends all faults.
    pub fn behave(&self) {
        self.world.with(|state| state.faults.clear());
    }

    /// Adds a person, or replaces the one with the same subject.
    pub fn set_user(&self, user: ProviderUser) {
        self.world.with(|state| {
            state.users.retain(|known| known.subject != user.subject);
            state.users.push(user);
        });
    }

    /// Forgets a person.
    pub fn remove_user(&self, subject: &str) {
        self.world.with(|state| state.users.retain(|known| known.subject != subject));
    }

    /// Adds a client, or replaces the one with the same id.
    pub fn set_client(&self, client: RegisteredClient) {
        self.world.with(|state| {
            state.clients.retain(|known| known.id != client.id);
            state.clients.push(client);
        });
    }

    /// Who is signed in without being asked from now on.
    pub fn sign_in_automatically(&self, automatic: AutomaticSignIn) {
        self.world.with(|state| state.automatic = automatic);
    }

    /// A new signing key beside the old ones, which stay in the JWKS.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate_keys(&self, kind: KeyKind) -> Result<(), KeyError> {
        let key = SigningKey::generate(kind)?;
        self.world.with(|state| state.keys.push(key));
        Ok(())
    }

    /// A new signing key instead of all old ones, without overlap.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn replace_keys(&self) -> Result<(), KeyError> {
        let kind = self.world.with(|state| state.signing_key().map(|key| key.kind));
        let key = SigningKey::generate(kind.unwrap_or_default())?;
        self.world.with(|state| state.keys = vec![key]);
        Ok(())
    }

    /// How often an endpoint was asked: `discovery`, `jwks`, `authorize`, `decision`, `token` or
    /// `userinfo`.
    #[must_use]
    pub fn hits(&self, endpoint: &str) -> u64 {
        self.world.with(|state| state.hits.get(endpoint).copied().unwrap_or_default())
    }

    /// The fields of the last authorization request.
    #[must_use]
    pub fn last_authorize(&self) -> BTreeMap<String, String> {
        self.world.with(|state| state.last_authorize.clone())
    }

    /// The fields of the last request to sign out.
    #[must_use]
    pub fn last_end_session(&self) -> BTreeMap<String, String> {
        self.world.with(|state| state.last_end_session.clone())
    }

    /// The form of the last token request.
    #[must_use]
    pub fn last_token_request(&self) -> BTreeMap<String, String> {
        self.world.with(|state| state.last_token.clone())
    }

    /// How the last token request authenticated: `client_secret_basic`, `client_secret_post`,
    /// `private_key_jwt` or `none`.
    #[must_use]
    pub fn last_client_authentication(&self) -> Option<&'static str> {
        self.world.with(|state| state.last_authentication)
    }
}

impl std::fmt::Debug for FakeProvider {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("FakeProvider").field("issuer", &self.world.issuer).finish_non_exhaustive()
    }
}
