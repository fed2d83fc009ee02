//! `symbolon demo`: whole sign-ins on this machine, with nothing prepared.
//!
//! Owns: the demo's tenant, people and rules, what it prints, and [`check`], the same sign-ins without a
//! browser. Does not own: the demo provider, the mock of Entra and the application, which are the testkit's
//! and listen on ports of their own; the broker here is the real one, on its own database.

mod check;
mod entra;
mod folder;
mod invitation;
mod setup;
mod world;

use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;

use actix_web::web::Data;
use anyhow::Context;

use self::world::{Ports, World};
use crate::app::AppState;
use crate::background::Background;
use crate::cli::DemoArguments;
use crate::startup;

/// Runs the demo until it is interrupted, or checks it.
pub(crate) async fn run(arguments: DemoArguments) -> anyhow::Result<ExitCode> {
    let (listener, ports) = listen(&arguments)?;
    let (world, broker, settings) = World::build(&arguments, ports).await?;
    let background = Background::start(broker.clone());
    let state = Data::new(AppState::new(broker, settings)?);
    let server = startup::serve(state, listener, Some(2))?;
    if !arguments.check {
        println!("{}", world.invitation());
        server.await?;
        drop(background);
        return Ok(ExitCode::SUCCESS);
    }
    let handle = server.handle();
    let running = tokio::spawn(server);
    let verdict = check::run(&world).await;
    handle.stop(false).await;
    running.await??;
    verdict
}

/// People get four ports in a row; the check takes what is free, so that it never meets a running demo.
fn listen(arguments: &DemoArguments) -> anyhow::Result<(TcpListener, Ports)> {
    if arguments.check && arguments.port_base.is_none() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        return Ok((listener, Ports::any_beside(port)));
    }
    let ports = Ports::from(arguments.port_base.unwrap_or(8080))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, ports.broker)).with_context(|| {
        format!("port {} is taken; choose others with --port-base", ports.broker)
    })?;
    Ok((listener, ports))
}
