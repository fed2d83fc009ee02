//! `symbolon plugin form`: the form of the configuration, as one file that opens in any browser (WP-23).

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::loaded::LoadedPlugin;
use crate::assets::{Assets, assets};
use crate::cli::print;
use crate::pages::{Appearance, ConfigForm, ConfigFormPage, Pages};

pub(super) async fn form(
    plugin: &Path,
    rules: Option<PathBuf>,
    output: &Path,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let plugin = LoadedPlugin::open(plugin).await?;
    let rules = plugin.rules(rules)?;
    let config = serde_json::from_str(&rules).context("the configuration is not JSON")?;
    for one in plugin.check(&rules).await? {
        eprintln!("{:?} {}: {}", one.severity, one.path, one.message);
    }
    let about = plugin.description;
    let page = ConfigFormPage {
        form: ConfigForm::draw(&about.config_schema, &config),
        plugin: about.name,
        version: about.version,
        summary: about.summary,
        action: None,
        hidden: Vec::new(),
    };
    let html = standalone(Pages::new()?.render(&Appearance::default(), &page)?);
    std::fs::write(output, html)
        .with_context(|| format!("{} cannot be written", output.display()))?;
    print::object(&json!({ "form": output, "parts": page.form.parts.len() }), json);
    Ok(ExitCode::SUCCESS)
}

/// The page with its styles inside, because no server is there to serve them.
fn standalone(html: String) -> String {
    let Assets { tabler, style, theme, mark, .. } = assets();
    [tabler, style, theme, mark].into_iter().fold(html, |html, asset| {
        let content = STANDARD.encode(asset.bytes);
        html.replace(&asset.path, &format!("data:{};base64,{content}", asset.content_type))
    })
}
