//! The command line: a skin over the use cases of `identity::admin`, and the server itself.
//!
//! Owns: arguments, what is printed, exit codes (0 done, 1 refused, 2 wrong usage, 78 wrong
//! configuration). Does not own: any rule. Secrets come from files or standard input, never as arguments,
//! and are printed once at most, when they are made.

mod api_key;
mod application;
mod arguments;
mod audit;
mod config;
mod connector;
mod doctor;
mod explain;
mod files;
mod import;
mod keys;
mod library;
mod mapping;
mod mapping_cases;
mod mapping_report;
mod migrate;
mod open;
mod platform;
mod plugin;
mod print;
mod recorded;
mod serve;
mod tenant;
mod user;

use std::process::ExitCode;

use clap::Parser;

pub(crate) use self::arguments::Arguments;
use self::arguments::Command;
#[cfg(feature = "demo")]
pub(crate) use self::arguments::DemoArguments;
#[cfg(feature = "demo")]
pub(crate) use self::files::write_secret;
pub(crate) use self::open::load_settings;

/// sysexits' EX_CONFIG.
const WRONG_CONFIGURATION: u8 = 78;

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if let Command::PluginCompile(limits) = &arguments.command {
        return plugin::compile(limits);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::from(error)),
    };
    match runtime.block_on(dispatch(arguments)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("symbolon: {error:#}");
    if error.downcast_ref::<crate::config::ConfigErrors>().is_some() {
        return ExitCode::from(WRONG_CONFIGURATION);
    }
    ExitCode::FAILURE
}

async fn dispatch(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { config: files, json, command } = arguments;
    let done = match command {
        Command::Serve => serve::serve(&files).await,
        #[cfg(feature = "demo")]
        Command::Demo(demo) => return crate::demo::run(demo).await,
        Command::Migrate { check } => return migrate::migrate(&files, check).await,
        Command::Config(command) => config::run(&files, &command),
        Command::Doctor => return doctor::doctor(&files, json).await,
        Command::Explain { text } => explain::explain(&text.join(" "), json),
        Command::Tenant(command) => tenant::run(&open::broker(&files).await?, command, json).await,
        Command::Connector(command) => {
            return connector::run(&open::broker(&files).await?, command, json).await;
        }
        Command::Import(command) => {
            return import::run(&open::broker(&files).await?, command, json).await;
        }
        Command::Application(command) => {
            application::run(&open::broker(&files).await?, command, json).await
        }
        Command::Platform(command) => {
            platform::run(&open::broker(&files).await?, command, json).await
        }
        Command::Mapping(command) => {
            return mapping::run(&open::broker(&files).await?, command, json).await;
        }
        Command::Recorded(command) => {
            recorded::run(&open::broker(&files).await?, command, json).await
        }
        Command::PluginLibrary(command) => {
            library::run(&open::broker(&files).await?, command, json).await
        }
        Command::Plugin(command) => return plugin::run(command, json).await,
        Command::PluginCompile(limits) => return Ok(plugin::compile(&limits)),
        Command::Role(command) => tenant::roles(&open::broker(&files).await?, command, json).await,
        Command::User(command) => user::run(&open::broker(&files).await?, command, json).await,
        Command::ApiKey(command) => api_key::run(&open::broker(&files).await?, command, json).await,
        Command::Keys(command) => keys::run(&open::broker(&files).await?, command, json).await,
        Command::Secrets(command) => {
            keys::secrets(&open::broker(&files).await?, &command, json).await
        }
        Command::Audit(command) => {
            return audit::run(&open::broker(&files).await?, command).await;
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}
