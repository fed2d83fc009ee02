//! `symbolon config`.

use std::path::PathBuf;

use super::arguments::ConfigCommand;
use super::load_settings;
use crate::config::Settings;

pub(super) fn run(files: &[PathBuf], command: &ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check => {
            load_settings(files)?;
            println!("the configuration is fine");
        }
        ConfigCommand::Print => print!("{}", load_settings(files)?.print_redacted()),
        ConfigCommand::Schema => println!("{:#}", Settings::schema()),
    }
    Ok(())
}
