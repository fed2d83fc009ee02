//! `symbolon demo --check`: the sign-ins of the demo over HTTP, before and after a change of the rules.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};
use serde_json::Value;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;

use super::entra::{self, ENTRA};
use super::folder::write_rules;
use super::setup::{CONNECTOR, TENANT, rules};
use super::world::World;

/// Signs in by each way, changes the rules by the command line, signs in again.
pub(super) async fn run(world: &World) -> anyhow::Result<ExitCode> {
    let mut right = true;
    let mut say = |line: &str, expected: &str| {
        println!("{line}");
        right &= line == expected;
    };
    let first = sign_in(world, CONNECTOR, "alice").await?;
    say(&first, "signed in as alice@contoso.com with roles [admin]");
    change_rules(world, (CONNECTOR, &world.rules_file), &rules("editor"))?;
    println!("changed the rules: the group Wiki Admins now grants editor");
    let second = sign_in(world, CONNECTOR, "alice").await?;
    say(&second, "signed in as alice@contoso.com with roles [editor]");

    println!("through the mock of Microsoft Entra ID:");
    let alice = sign_in(world, ENTRA, "alice").await?;
    say(&alice, "signed in as alice.martin@contoso.com with roles [admin]");
    // Her groups do not fit into the token, and the one that counts is around another.
    let carol = sign_in(world, ENTRA, "carol").await?;
    say(&carol, "signed in as carol.chen@contoso.com with roles [viewer]");
    let gina = refusal(world, "gina", "reason-code").await?;
    say(&format!("a guest is refused: {gina}"), "a guest is refused: entra.guest_refused");
    let dave = refusal(world, "dave", "aadsts-error").await?;
    let number = dave.split(':').next().unwrap_or_default();
    say(&format!("a blocked account: {number}"), "a blocked account: AADSTS50057");
    change_rules(world, (ENTRA, &world.entra_rules_file), &entra::rules("editor")?)?;
    println!("changed the rules: the group Noxys Admins now grants editor");
    let again = sign_in(world, ENTRA, "alice").await?;
    say(&again, "signed in as alice.martin@contoso.com with roles [editor]");
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A person with a fresh browser, from the application's page to their choice at the upstream and on.
async fn walk(world: &World, connector: &str, person: &str) -> anyhow::Result<Page> {
    let mut browser = Browser::new()?;
    browser.get(&world.application.url()).await?;
    browser.click("sign-in").await.context("from the application to the login page")?;
    let button = format!("connector-{connector}");
    browser.click(&button).await.context("from the login page to the upstream")?;
    browser.click(&format!("user-{person}")).await.context("from the upstream back")
}

async fn sign_in(world: &World, connector: &str, person: &str) -> anyhow::Result<String> {
    let page = walk(world, connector, person).await?;
    let email = page.text("signed-in-email").with_context(|| {
        let reason = page.text("reason-code").unwrap_or_else(|| "no reason code".into());
        format!("status {} at {}: {reason}", page.status(), page.url())
    })?;
    let department = page.text("signed-in-department").unwrap_or_default();
    ensure!(department == "Engineering", "the department is {department:?}");
    let person = world.application.last_sign_in().context("the application knows nobody")?;
    Ok(format!("signed in as {email} with roles [{}]", person.roles().join(", ")))
}

/// Somebody who must not get in: what the page shows under this element id.
async fn refusal(world: &World, person: &str, element: &str) -> anyhow::Result<String> {
    let page = walk(world, ENTRA, person).await?;
    let shown = page.text(element);
    shown.with_context(|| format!("status {} at {}: no {element}", page.status(), page.url()))
}

/// By the program itself, as an admin would.
fn change_rules(
    world: &World,
    (connector, file): (&str, &Path),
    rules: &Value,
) -> anyhow::Result<()> {
    write_rules(file, rules)?;
    let status = Command::new(std::env::current_exe()?)
        .arg("--config")
        .arg(&world.settings_file)
        .args(["mapping", "set", TENANT, connector, "--rules"])
        .arg(file)
        .stdout(std::process::Stdio::null())
        .status()?;
    ensure!(status.success(), "`symbolon mapping set` ended with {status}");
    Ok(())
}
