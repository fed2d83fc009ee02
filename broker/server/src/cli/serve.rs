//! `symbolon serve`.

use std::net::TcpListener;
use std::path::PathBuf;

use actix_web::web::Data;
use symbolon_identity::clock::{Clock as _, SystemClock};

use super::load_settings;
use super::open::require_migrated;
use crate::app::AppState;
use crate::background::Background;
use crate::startup::{self, build_broker, open_database};
use crate::{telemetry, tls};

pub(super) async fn serve(files: &[PathBuf]) -> anyhow::Result<()> {
    let started = std::time::Instant::now();
    let settings = load_settings(files)?;
    tls::check(&settings, SystemClock.now())?;
    telemetry::init(&settings.telemetry, std::env::var_os("NO_COLOR").is_some())?;
    let database = open_database(&settings).await?;
    require_migrated(&database).await?;
    let broker = build_broker(&settings, database)?;
    let public_url = settings.http.public_url.to_string();
    let background = Background::start(broker.clone());
    let listener = startup::bind(settings.http.listen)?;
    let listen = listener.local_addr()?;
    let management = settings.http.management_listen.map(startup::bind).transpose()?;
    let management_listen = management.as_ref().map(TcpListener::local_addr).transpose()?;
    let state = Data::new(AppState::new(broker, settings)?);
    let management = management
        .map(|listener| startup::serve_management(state.clone(), listener))
        .transpose()?
        .map(tokio::spawn);
    let server = startup::serve(state, listener, None)?;
    tracing::info!(
        %listen,
        management_listen = management_listen.map(tracing::field::display),
        public_url,
        ready_after_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "ready"
    );
    // actix ends gracefully on SIGTERM and SIGINT.
    server.await?;
    drop((background, management.map(|task| task.abort())));
    Ok(())
}
