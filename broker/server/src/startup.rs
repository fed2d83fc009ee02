//! From settings to a running server.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, PayloadConfig};
use actix_web::{App, HttpServer};
use anyhow::Context;
use chrono::TimeDelta;
use secrecy::SecretBox;
use symbolon_identity::broker::BrokerParts;
use symbolon_identity::clock::{Clock, SystemClock};
use symbolon_identity::entropy::SystemEntropy;
use symbolon_identity::keys::RotationPolicy;
use symbolon_identity::outgoing::{OutgoingHttp, OutgoingSettings};
use symbolon_identity::secrets::{Keyring, MasterKeyBytes};
use symbolon_identity::storage::{Database, DatabaseUrl, PoolOptions};
use symbolon_identity::{Broker, BrokerSettings, plugins};

use crate::app::AppState;
use crate::config::{ConfigErrors, HumanDuration, Settings};
use crate::http::security_headers::default_headers;
use crate::http::{cors, rate_limit};
use crate::{routes, telemetry, tls};

/// Opens the database that the settings name.
///
/// # Errors
/// When the address is no address or nobody answers there.
pub async fn open_database(settings: &Settings) -> anyhow::Result<Database> {
    let url = DatabaseUrl::parse(settings.database.url.expose())
        .map_err(|error| anyhow::anyhow!("database.url: {error}"))?;
    let options = PoolOptions {
        max_connections: settings.database.pool_size,
        wait: settings.database.acquire_timeout.as_duration(),
    };
    Database::open(&url, options).await.context("the database cannot be opened")
}

/// Puts the product together. The database must be migrated.
///
/// # Errors
/// When a part cannot be made; the text says which setting is to blame.
pub fn build_broker(settings: &Settings, database: Database) -> anyhow::Result<Broker> {
    let executable = std::env::current_exe().context("this program cannot find itself")?;
    let arguments = vec!["plugin-compile".to_owned()];
    let compile = plugins::Compile::Child { executable, arguments };
    build_broker_at(settings, database, Arc::new(SystemClock), compile)
}

/// [`build_broker`] with another clock and another place to compile plugins, for tests.
///
/// # Errors
/// As there.
pub fn build_broker_at(
    settings: &Settings,
    database: Database,
    clock: Arc<dyn Clock>,
    compile: plugins::Compile,
) -> anyhow::Result<Broker> {
    let limits = plugins::Limits {
        fuel: settings.plugins.fuel,
        memory_bytes: settings.plugins.memory_bytes,
        epoch_timeout: settings.plugins.timeout.as_duration(),
        concurrent_calls_per_tenant: settings.plugins.concurrent_calls_per_tenant,
        ..plugins::Limits::default()
    };
    let limits = match settings.plugins.concurrent_calls {
        Some(concurrent_calls) => plugins::Limits { concurrent_calls, ..limits },
        None => limits,
    };
    let keyring = keyring(settings)?;
    let cache = match &settings.plugins.cache_folder {
        None => None,
        Some(path) => {
            let (name, key) = keyring.derived("symbolon plugin cache v1").context("secrets")?;
            Some(plugins::CacheFolder::new(path.clone(), name, key))
        }
    };
    let options = plugins::HostOptions { limits, large: None, compile, cache };
    Ok(Broker::new(BrokerParts {
        database,
        clock,
        entropy: Arc::new(SystemEntropy),
        keyring,
        plugins: plugins::PluginHost::with(options).context("the plugin host cannot start")?,
        http: outgoing(settings)?,
        settings: broker_settings(settings),
    }))
}

fn broker_settings(settings: &Settings) -> BrokerSettings {
    let delta = |duration: HumanDuration| {
        TimeDelta::from_std(duration.as_duration()).unwrap_or(TimeDelta::MAX)
    };
    BrokerSettings {
        session_idle: delta(settings.sessions.idle),
        session_absolute: delta(settings.sessions.absolute),
        attempt_lifetime: delta(settings.sign_in.attempt_lifetime),
        code_lifetime: delta(settings.sign_in.code_lifetime),
        rotation: RotationPolicy {
            active_for: delta(settings.keys.active_for),
            publish_before: delta(settings.keys.publish_before),
            retire_for: delta(settings.keys.retire_for),
        },
        clouds: settings.entra.clouds(),
        plugins: settings.plugins.rules(),
        ..BrokerSettings::new(settings.http.public_url.as_str())
    }
}

fn keyring(settings: &Settings) -> anyhow::Result<Keyring> {
    let keys: BTreeMap<String, MasterKeyBytes> = settings
        .secrets
        .keys
        .iter()
        .map(|(name, key)| {
            let copy = |bytes: &mut [u8; 32]| bytes.copy_from_slice(key.expose());
            (name.clone(), SecretBox::init_with_mut(copy))
        })
        .collect();
    Keyring::new(settings.secrets.active.clone(), keys).context("secrets")
}

fn outgoing(settings: &Settings) -> anyhow::Result<OutgoingHttp> {
    let given = &settings.outgoing;
    let extra_ca_pem = match &given.extra_ca_file {
        None => None,
        Some(path) => Some(std::fs::read(path).with_context(|| {
            format!("outgoing.extra_ca_file: {} cannot be read", path.display())
        })?),
    };
    OutgoingHttp::new(OutgoingSettings {
        allow_private: given.allow_private.clone(),
        extra_ca_pem,
        connect_timeout: given.connect_timeout.as_duration(),
        timeout: given.timeout.as_duration(),
        max_response_bytes: given.max_response_bytes,
    })
    .context("outgoing")
}

/// Serves on a bound listener: requests are answered from here on, once the server is awaited. Speaks
/// TLS when `http.tls` is set.
///
/// # Errors
/// When the listener or the certificate cannot be used; a certificate is a [`ConfigErrors`].
pub fn serve(
    state: Data<AppState>,
    listener: TcpListener,
    workers: Option<usize>,
) -> anyhow::Result<Server> {
    let https = state.https();
    let certificate = match &state.settings.http.tls {
        None => None,
        Some(settings) => {
            let clock = Arc::clone(&state.broker.clock);
            Some(tls::server_config(settings, clock).map_err(ConfigErrors::from)?)
        }
    };
    let limits = &state.settings.limits;
    let (largest, patience, farewell) = (
        limits.request_bytes,
        limits.request_timeout.as_duration(),
        limits.shutdown_timeout.as_duration(),
    );
    let api = state.settings.api.listen_on_main;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(PayloadConfig::new(largest))
            .wrap(from_fn(rate_limit::guard))
            // Around the limits: a page may read that it has to wait.
            .wrap(from_fn(cors::guard))
            .wrap(default_headers(https))
            .wrap(telemetry::request_logger())
            .configure(|config| {
                if api {
                    routes::api_routes(config);
                }
                routes::routes(config);
            })
    })
    .client_request_timeout(patience)
    .shutdown_timeout(farewell.as_secs());
    let server = match workers {
        Some(workers) => server.workers(workers),
        None => server,
    };
    let server = match certificate {
        None => server.listen(listener),
        Some(certificate) => server.listen_rustls_0_23(listener, certificate),
    };
    Ok(server.context("the listener cannot be used")?.run())
}

/// Serves health and the admin API, on a listener that only the operator's network reaches (B3).
///
/// # Errors
/// When the listener cannot be used.
pub fn serve_management(state: Data<AppState>, listener: TcpListener) -> anyhow::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .wrap(from_fn(rate_limit::guard))
            .wrap(default_headers(false))
            .wrap(telemetry::request_logger())
            .configure(routes::health_routes)
            .configure(routes::api_routes)
    });
    let server = server.workers(1).disable_signals().listen(listener);
    Ok(server.context("the management listener cannot be used")?.run())
}

/// Binds an address of the settings.
///
/// # Errors
/// When it is taken or not ours.
pub fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))
}
