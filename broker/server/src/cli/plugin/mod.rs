//! `symbolon plugin`: what authors do without a server, on the same host, limits and figures as the server
//! has (WP-61).
//!
//! Owns: templates (`new`), building and encoding (`build`, `encode`), cases (`cases`, `test`), what is
//! printed; and calls of a server's admin API (`remote`). Does not own: any check of a component or a decision (`plugin-host`), the form (`pages`).

mod bench;
mod build;
mod cases;
mod compile;
mod diff;
mod encode;
mod form;
mod inspect;
mod loaded;
mod new;
mod remote;
mod run;
mod template;
mod test;
mod verify;

use std::process::ExitCode;

use super::arguments::PluginCommand;

pub(super) use self::compile::compile;

/// Runs one command.
pub(super) async fn run(command: PluginCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        PluginCommand::New(arguments) => new::new(&arguments, json),
        PluginCommand::Build { source, output } => build::build(&source, output, json),
        PluginCommand::Check { plugin } => inspect::check(&plugin, json).await,
        PluginCommand::Inspect { plugin } => inspect::inspect(&plugin, json).await,
        PluginCommand::Test { paths, plugin, update } => {
            let (cases, plugin) = test::resolve(paths, plugin)?;
            test::test(&cases, &plugin, update, json).await
        }
        PluginCommand::Run { plugin, login, rules } => run::run(&plugin, &login, rules, json).await,
        PluginCommand::Bench { plugin, login, rules, calls } => {
            bench::bench(&plugin, (&login, rules), calls, json).await
        }
        PluginCommand::Verify { plugin, signature, key } => {
            verify::verify_file(&plugin, &signature, &key, json)
        }
        PluginCommand::Form { plugin, rules, output } => {
            form::form(&plugin, rules, &output, json).await
        }
        PluginCommand::Remote(command) => remote::run(command, json).await,
    }
}
