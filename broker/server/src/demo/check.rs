//! `symbolon demo --check`: the sign-in of the demo over HTTP, before and after a change of the rules.

use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};
use symbolon_testkit::Browser;

use super::world::{CONNECTOR, TENANT, World, rules};

/// Signs in, changes the rules by the command line, signs in again.
pub(super) async fn run(world: &World) -> anyhow::Result<ExitCode> {
    let first = sign_in(world).await?;
    println!("{first}");
    change_rules(world)?;
    println!("changed the rules: the group Wiki Admins now grants editor");
    let second = sign_in(world).await?;
    println!("{second}");
    let right = first == "signed in as alice@contoso.com with roles [admin]"
        && second == "signed in as alice@contoso.com with roles [editor]";
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A person with a fresh browser, from the application's page and back.
async fn sign_in(world: &World) -> anyhow::Result<String> {
    let mut browser = Browser::new()?;
    browser.get(&world.application.url()).await?;
    browser.click("sign-in").await.context("from the application to the demo provider")?;
    let page = browser.click("user-alice").await.context("from the demo provider back")?;
    let email = page.text("signed-in-email").with_context(|| {
        let reason = page.text("reason-code").unwrap_or_else(|| "no reason code".into());
        format!("status {} at {}: {reason}", page.status(), page.url())
    })?;
    let department = page.text("signed-in-department").unwrap_or_default();
    ensure!(department == "Engineering", "the department is {department:?}");
    let person = world.application.last_sign_in().context("the application knows nobody")?;
    Ok(format!("signed in as {email} with roles [{}]", person.roles().join(", ")))
}

/// By the program itself, as an admin would.
fn change_rules(world: &World) -> anyhow::Result<()> {
    std::fs::write(&world.rules_file, rules("editor").to_string())?;
    let status = Command::new(std::env::current_exe()?)
        .arg("--config")
        .arg(&world.settings_file)
        .args(["mapping", "set", TENANT, CONNECTOR, "--rules"])
        .arg(&world.rules_file)
        .stdout(std::process::Stdio::null())
        .status()?;
    ensure!(status.success(), "`symbolon mapping set` ended with {status}");
    Ok(())
}
