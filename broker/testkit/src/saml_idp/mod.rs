//! An upstream SAML identity provider on loopback, written apart from the product's own SAML code. It behaves
//! well unless told otherwise, and everything about it can be changed while it runs.
//!
//! | file | holds |
//! |---|---|
//! | `settings`, `misbehaviour` | what a test can turn, and the list of faults |
//! | `service_provider` | who may ask, and whether a signature is theirs |
//! | `names`, `canonical` | URIs, the vendors' prefixes, canonical XML |
//! | `signer`, `legacy`, `encrypt` | keys and certificates, XML signatures, SHA-1, XML encryption |
//! | `message` | requests as they arrive by redirect and by form |
//! | `attributes`, `assertion`, `answer`, `attacks` | from a person to a response, honest or not |
//! | `sso`, `logout`, `metadata` | the endpoints |
//!
//! Endpoints: `/metadata`, `/sso` (redirect and form), `/start?sp=..&person=..` (a response that nobody asked
//! for), `/slo` (redirect and form), `/logout?person=..` (a logout that begins here).

mod answer;
mod assertion;
mod attacks;
mod attributes;
mod canonical;
mod encrypt;
mod legacy;
mod logout;
mod message;
mod metadata;
mod misbehaviour;
mod names;
mod service_provider;
mod settings;
mod signer;
mod sso;
#[cfg(test)]
mod tests;
mod world;

use std::sync::Arc;

use actix_web::web;

pub use crate::keys::{KeyError, KeyKind};
use crate::loopback::{Loopback, Reserved, StartError};
use crate::provider::ProviderUser;
use crate::values::{Clock, system_clock};
pub use message::{ReceivedLogout, ReceivedLogoutAnswer, ReceivedRequest};
pub use misbehaviour::Misbehaviour;
pub use names::{EMAIL_ADDRESS, PERSISTENT, TRANSIENT, UNSPECIFIED, guid};
pub use service_provider::ServiceProviderEntry;
pub use settings::{
    Attribute, AutomaticSignIn, Binding, Cipher, Encryption, Hash, KeyTransport, NameId,
    SessionIndex, Settings, Sign, StatusError, Tamper, Vendor,
};
use world::{State, World};

/// What a SAML identity provider starts with.
pub struct FakeSamlIdpBuilder {
    port: u16,
    name: String,
    clock: Clock,
    kind: KeyKind,
    settings: Settings,
    users: Vec<ProviderUser>,
    providers: Vec<ServiceProviderEntry>,
}

impl FakeSamlIdpBuilder {
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

    /// The clock behind all times.
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

    /// Whose shapes it speaks in, with what this vendor usually signs.
    #[must_use]
    pub fn vendor(mut self, vendor: Vendor) -> Self {
        let automatic = self.settings.automatic.clone();
        self.settings = Settings { automatic, ..Settings::of(vendor) };
        self
    }

    /// One more person.
    #[must_use]
    pub fn user(mut self, user: ProviderUser) -> Self {
        self.users.push(user);
        self
    }

    /// One more service provider.
    #[must_use]
    pub fn service_provider(mut self, entry: ServiceProviderEntry) -> Self {
        self.providers.push(entry);
        self
    }

    /// Signs people in without showing the page.
    #[must_use]
    pub fn automatic(mut self, automatic: AutomaticSignIn) -> Self {
        self.settings.automatic = automatic;
        self
    }

    /// Starts to serve.
    ///
    /// # Errors
    /// When the port is taken or no key can be made.
    pub fn start(self) -> Result<FakeSamlIdp, StartError> {
        let reserved = Reserved::take(self.port)?;
        let mut state = State::new(self.settings, self.kind)?;
        state.users = self.users;
        state.providers = self.providers;
        let world = Arc::new(World::new(reserved.url(), self.name, self.clock, state));
        let shared = web::Data::from(Arc::clone(&world));
        let server = reserved.serve(move |routes| routes_of(&shared, routes))?;
        Ok(FakeSamlIdp { world, server })
    }
}

fn routes_of(world: &web::Data<World>, routes: &mut web::ServiceConfig) {
    routes
        .app_data(world.clone())
        // Signed documents with many attributes are longer than actix reads by itself.
        .app_data(web::FormConfig::default().limit(4 << 20))
        .route("/metadata", web::get().to(metadata::metadata))
        .route("/sso", web::get().to(sso::from_query))
        .route("/sso", web::post().to(sso::from_form))
        .route("/sso/decision", web::post().to(sso::decision))
        .route("/start", web::get().to(sso::start))
        .route("/slo", web::get().to(logout::from_query))
        .route("/slo", web::post().to(logout::from_form))
        .route("/logout", web::get().to(logout::begin));
}

/// A running SAML identity provider; dropping it stops it.
pub struct FakeSamlIdp {
    world: Arc<World>,
    server: Loopback,
}

impl FakeSamlIdp {
    /// Starts from nothing: nobody in particular, no people, no service providers, an RSA key, any free port.
    #[must_use]
    pub fn builder() -> FakeSamlIdpBuilder {
        FakeSamlIdpBuilder {
            port: 0,
            name: "Demo SAML provider".to_owned(),
            clock: system_clock(),
            kind: KeyKind::default(),
            settings: Settings::of(Vendor::Generic),
            users: Vec::new(),
            providers: Vec::new(),
        }
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Its entity id: the vendor's, unless the settings name another.
    #[must_use]
    pub fn entity_id(&self) -> String {
        self.world.entity_id()
    }

    /// Where its metadata is.
    #[must_use]
    pub fn metadata_url(&self) -> String {
        format!("{}/metadata", self.url())
    }

    /// Its metadata as it is now.
    ///
    /// # Errors
    /// When they are to be signed and the key refuses.
    pub fn metadata_xml(&self) -> Result<String, KeyError> {
        metadata::document(&self.world)
    }

    /// The certificate of the key that signs, as PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        self.world.with(|state| state.active.certificate_pem().to_owned())
    }

    /// Every published certificate, as PEM.
    #[must_use]
    pub fn certificates_pem(&self) -> Vec<String> {
        let published = self.world.published();
        published.iter().map(|signer| signer.certificate_pem().to_owned()).collect()
    }

    /// Where requests go, by redirect and by form.
    #[must_use]
    pub fn sso_url(&self) -> String {
        format!("{}/sso", self.url())
    }

    /// Where logout messages go, by redirect and by form.
    #[must_use]
    pub fn slo_url(&self) -> String {
        format!("{}/slo", self.url())
    }

    /// Where a person starts who comes from here.
    #[must_use]
    pub fn start_url(&self, service_provider: &str, person: &str) -> String {
        let fields = crate::values::form_body([("sp", service_provider), ("person", person)]);
        format!("{}/start?{fields}", self.url())
    }

    /// Where a person signs out of everything.
    #[must_use]
    pub fn logout_url(&self, person: &str) -> String {
        format!("{}/logout?{}", self.url(), crate::values::form_body([("person", person)]))
    }

    /// Adds a service provider, or replaces the one with the same entity id.
    pub fn register(&self, entry: ServiceProviderEntry) {
        self.world.with(|state| {
            state.providers.retain(|known| known.entity_id != entry.entity_id);
            state.providers.push(entry);
        });
    }

    /// Reads or changes the settings.
    pub fn world<T>(&self, act: impl FnOnce(&mut Settings) -> T) -> T {
        self.world.with(|state| act(&mut state.settings))
    }

    /// Adds a fault to those in force.
    pub fn misbehave(&self, fault: Misbehaviour) {
        self.world(|settings| settings.faults.push(fault));
    }

    /// Ends all faults and all tampering.
    pub fn behave(&self) {
        self.world(|settings| {
            settings.faults.clear();
            settings.tamper = None;
            settings.tamper_before_signing = None;
            settings.status = None;
        });
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

    /// Who is signed in without being asked from now on.
    pub fn sign_in_automatically(&self, automatic: AutomaticSignIn) {
        self.world(|settings| settings.automatic = automatic);
    }

    /// Publishes one more key, which does not sign yet.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn add_key(&self, kind: KeyKind) -> Result<(), KeyError> {
        self.world.with(|state| {
            let signer = state.next_key(kind)?;
            state.published.push(signer);
            Ok(())
        })
    }

    /// Signs with the key that was published last.
    pub fn switch_key(&self) {
        self.world.with(|state| {
            if let Some(newest) = state.published.last() {
                state.active = Arc::clone(newest);
            }
        });
    }

    /// Publishes only the key that signs.
    pub fn remove_old_keys(&self) {
        self.world.with(|state| state.published = vec![Arc::clone(&state.active)]);
    }

    /// How often an endpoint was asked: `metadata`, `sso`, `decision`, `start`, `slo` or `logout`.
    #[must_use]
    pub fn hits(&self, endpoint: &str) -> u64 {
        self.world.with(|state| state.hits.get(endpoint).copied().unwrap_or_default())
    }

    /// Every AuthnRequest that came, the oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.world.with(|state| state.requests.clone())
    }

    /// Every LogoutRequest that came, the oldest first.
    #[must_use]
    pub fn logout_requests(&self) -> Vec<ReceivedLogout> {
        self.world.with(|state| state.logout_requests.clone())
    }

    /// Every LogoutResponse that came, the oldest first.
    #[must_use]
    pub fn logout_answers(&self) -> Vec<ReceivedLogoutAnswer> {
        self.world.with(|state| state.logout_answers.clone())
    }

    /// The last response as XML.
    #[must_use]
    pub fn last_response(&self) -> Option<String> {
        self.world.with(|state| state.last_answer.as_ref().map(|answer| answer.xml.clone()))
    }

    /// The value of `SAMLResponse` in the last answer.
    #[must_use]
    pub fn last_field(&self) -> Option<String> {
        self.world.with(|state| state.last_answer.as_ref().map(|answer| answer.field.clone()))
    }

    /// A response that nobody asked for, without any browser: the value of `SAMLResponse`. `None` when the
    /// person or the service provider is unknown.
    #[must_use]
    pub fn issue(&self, service_provider: &str, person: &str) -> Option<String> {
        let pending = sso::unsolicited(&self.world, Some(service_provider))?;
        let user = self.world.with(|state| state.user(person).cloned())?;
        let now = self.world.now();
        answer::signed_in(&self.world, &pending, &user, now).ok().map(|answer| answer.field)
    }
}

impl std::fmt::Debug for FakeSamlIdp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("FakeSamlIdp").field("url", &self.url()).finish_non_exhaustive()
    }
}
