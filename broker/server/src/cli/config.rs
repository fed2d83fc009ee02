//! `symbolon config`.

use std::path::PathBuf;

use symbolon_identity::clock::{Clock as _, SystemClock};

use super::arguments::ConfigCommand;
use super::load_settings;
use crate::config::Settings;
use crate::tls;

pub(super) fn run(files: &[PathBuf], command: &ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check => {
            let settings = load_settings(files)?;
            tls::check(&settings, SystemClock.now())?;
            println!("the configuration is fine");
        }
        ConfigCommand::Print => print!("{}", load_settings(files)?.print_redacted()),
        ConfigCommand::Schema => println!("{:#}", Settings::schema()),
    }
    Ok(())
}
