//! `symbolon demo`: a whole sign-in on this machine, with nothing prepared.
//!
//! Owns: the demo's tenant, people and rules, what it prints, and [`check`], the same sign-in without a
//! browser. Does not own: the demo provider and application, which are the testkit's and listen on ports
//! of their own; the broker here is the real one, on its own database.

mod check;
mod world;

use std::process::ExitCode;

use actix_web::web::Data;

use self::world::World;
use crate::app::AppState;
use crate::background::Background;
use crate::cli::DemoArguments;
use crate::startup;

/// Runs the demo until it is interrupted, or checks it.
pub(crate) async fn run(arguments: DemoArguments) -> anyhow::Result<ExitCode> {
    let (world, broker, settings) = World::build(&arguments).await?;
    let background = Background::start(broker.clone());
    let listener = startup::bind(&settings)?;
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
