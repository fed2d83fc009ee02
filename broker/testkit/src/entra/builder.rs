//! What a mock starts with, and its routes.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{DATE, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::web;

use super::directory::Directory;
use super::world::{State, World};
use super::{FakeEntra, answer, authorize, clock, documents, graph, pages, token, userinfo};
use crate::loopback::{Reserved, StartError};
use crate::provider::AutomaticSignIn;
use crate::values::{Clock, system_clock};

/// What a mock of Entra starts with.
pub struct FakeEntraBuilder {
    port: u16,
    public_url: Option<String>,
    clock: Clock,
    automatic: AutomaticSignIn,
    directories: Vec<Directory>,
    groups_limit: usize,
}

impl FakeEntra {
    /// Starts from nothing: no directory, any free port, nobody signs in by themselves.
    #[must_use]
    pub fn builder() -> FakeEntraBuilder {
        FakeEntraBuilder {
            port: 0,
            public_url: None,
            clock: system_clock(),
            automatic: AutomaticSignIn::Off,
            directories: Vec::new(),
            groups_limit: 200,
        }
    }
}

impl FakeEntraBuilder {
    /// The port on 127.0.0.1; 0, the default, takes any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The origin that browsers and applications see, when something stands in front of the mock.
    #[must_use]
    pub fn public_url(mut self, url: &str) -> Self {
        self.public_url = Some(url.trim_end_matches('/').to_owned());
        self
    }

    /// The clock behind all times.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Signs people in without showing the page; `As` takes a key, an object id or a UPN.
    #[must_use]
    pub fn automatic(mut self, automatic: AutomaticSignIn) -> Self {
        self.automatic = automatic;
        self
    }

    /// One more directory with all that is in it.
    #[must_use]
    pub fn directory(mut self, directory: Directory) -> Self {
        self.directories.push(directory);
        self
    }

    /// More groups than this make the token say "too many" (200 at Microsoft).
    #[must_use]
    pub fn groups_limit(mut self, limit: usize) -> Self {
        self.groups_limit = limit;
        self
    }

    /// Starts to serve.
    ///
    /// # Errors
    /// When the port is taken or no key can be made.
    pub fn start(self) -> Result<FakeEntra, StartError> {
        let reserved = Reserved::take(self.port)?;
        let mut state = State::new()?;
        state.automatic = self.automatic;
        state.groups_limit = self.groups_limit;
        // A consent may name an application of a directory that comes later.
        let mut consents: Vec<Directory> = Vec::new();
        for directory in self.directories {
            consents.push(directory.clone());
            state.take(directory);
        }
        for directory in consents {
            state.consents_of(&directory);
        }
        let base = self.public_url.unwrap_or_else(|| reserved.url());
        let world = Arc::new(World::new(base, self.clock, state));
        let shared = web::Data::from(Arc::clone(&world));
        let server = reserved.serve(move |routes| routes_of(&shared, routes))?;
        Ok(FakeEntra { world, server })
    }
}

const METADATA: &str = ".well-known/openid-configuration";

fn routes_of(world: &web::Data<World>, routes: &mut web::ServiceConfig) {
    let post_or_get = |path: &str| web::resource(path.to_owned());
    routes.app_data(world.clone()).service(
        web::scope("")
            .wrap(from_fn(dated))
            .route("/", web::get().to(pages::home))
            .route("/oidc/userinfo", web::get().to(userinfo::userinfo))
            .route("/oidc/userinfo", web::post().to(userinfo::userinfo))
            .route("/v1.0/{path:.*}", web::to(graph::graph))
            .route("/common/discovery/instance", web::get().to(documents::instance))
            .route(&format!("/{{tenant}}/v2.0/{METADATA}"), web::get().to(documents::discovery))
            .route(&format!("/{{tenant}}/{METADATA}"), web::get().to(documents::discovery))
            .route("/{tenant}/discovery/v2.0/keys", web::get().to(documents::keys))
            .route("/{tenant}/discovery/keys", web::get().to(documents::keys))
            .service(
                post_or_get("/{tenant}/oauth2/v2.0/authorize")
                    .route(web::get().to(authorize::from_query))
                    .route(web::post().to(authorize::from_form)),
            )
            .service(
                post_or_get("/{tenant}/oauth2/authorize")
                    .route(web::get().to(authorize::from_query))
                    .route(web::post().to(authorize::from_form)),
            )
            .route("/{tenant}/login", web::post().to(authorize::decision))
            .route("/{tenant}/adminconsent", web::get().to(answer::admin_consent))
            .route("/{tenant}/v2.0/adminconsent", web::get().to(answer::admin_consent))
            .route("/{tenant}/oauth2/v2.0/token", web::post().to(token::token))
            .route("/{tenant}/oauth2/token", web::post().to(token::token))
            .route("/{tenant}/oauth2/v2.0/logout", web::get().to(answer::logout))
            .route("/{tenant}/oauth2/logout", web::get().to(answer::logout)),
    );
}

/// The `Date` of each answer follows the mock's clock, off by as much as a test wants.
async fn dated(
    world: web::Data<World>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let now = world.now() + world.with(|state| state.date_skew);
    if let Ok(date) = HeaderValue::from_str(&clock::http_time(now)) {
        response.headers_mut().insert(DATE, date);
    }
    Ok(response)
}
