//! `symbolon import`: a plan that changes nothing, a connector when asked, and never a secret.

use serde_json::{Value, json};

use super::{Installation, UPSTREAM_SECRET};

const SINGLE: &str = include_str!("../../../src/cli/import/fixtures/netbox_single_tenant.py");
const MULTI: &str = include_str!("../../../src/cli/import/fixtures/netbox_multitenant.py");
const DIRECTORY: &str = "11111111-2222-4333-8444-555555555555";
const CLIENT: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const IMPORT: &str = "import python-social-auth settings.py --tenant contoso";

/// A tenant, and the document's configuration with its placeholders filled in. No run of the installation may
/// print the secret: that is the one which every run is searched for.
fn with_settings(block: &str) -> Installation {
    let here = Installation::with_tenant();
    let text = block.replace("<application-id>", CLIENT).replace("<tenant-id>", DIRECTORY);
    here.write("settings.py", &text.replace("<client-secret-value>", UPSTREAM_SECRET));
    here
}

fn texts(report: &Value, name: &str) -> String {
    report[name].as_array().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn feat_b11_a_plan_shows_the_connector_and_changes_nothing() {
    let here = with_settings(SINGLE);
    let plan = here.json(IMPORT);
    assert_eq!((&plan["applicable"], &plan["applied"]), (&json!(true), &json!(false)));
    assert_eq!(plan["backend"], "social_core.backends.azuread.AzureADOAuth2");
    let connector = &plan["connector"];
    for (name, expected) in [
        ("id", json!("entra")),
        ("kind", json!("entra")),
        ("tenant_id", json!(DIRECTORY)),
        ("client_id", json!(CLIENT)),
        ("accepted_directories", json!(DIRECTORY)),
        ("auto_provision", json!(true)),
        ("default_role", json!("none")),
        ("old_path", json!("/oauth/complete/azuread-oauth2/")),
        ("callback_url", json!("https://login.example.com/t/contoso/callback/entra")),
    ] {
        assert_eq!(connector[name], expected, "{name}");
    }
    assert_eq!(here.json("connector list contoso"), json!([]));
    let text = here.ok(IMPORT);
    assert!(
        text.starts_with("would make:\n") && text.contains("run it again with --apply"),
        "{text}"
    );
}

#[test]
fn feat_dec1_the_plan_says_that_every_directory_was_accepted() {
    let text = with_settings(SINGLE).ok(IMPORT);
    assert!(text.contains("warning  accepted-directories: AzureADOAuth2 never reads"), "{text}");
    let here = Installation::with_tenant();
    let lines: Vec<&str> = SINGLE.lines().filter(|line| !line.contains("TENANT_ID")).collect();
    let text = lines.join("\n").replace("<application-id>", CLIENT);
    here.write("settings.py", &text.replace("<client-secret-value>", UPSTREAM_SECRET));
    let refused = here.run(&format!("{IMPORT} --apply"));
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stdout.contains("accepts every directory"), "{refused:?}");
    assert_eq!(here.json("connector list contoso"), json!([]));
    here.ok(&format!("{IMPORT} --tenant-id {DIRECTORY}"));
}

#[test]
fn feat_b11_b8_dec8_apply_makes_a_connector_that_is_tested_first() {
    let here = with_settings(SINGLE);
    let done = here.json(&format!("{IMPORT} --apply"));
    assert_eq!((&done["applicable"], &done["applied"]), (&json!(true), &json!(true)));
    let old_path = "/oauth/complete/azuread-oauth2/";
    let next = texts(&done, "next");
    assert!(
        next.contains(&format!("byte for byte: https://login.example.com{old_path}")),
        "{next}"
    );
    let shown = here.json("connector show contoso entra");
    assert_eq!((&shown["kind"], &shown["mode"]), (&json!("entra"), &json!("test")));
    let upstream = &shown["settings"]["upstream"];
    assert_eq!(
        (&upstream["tenant_id"], &upstream["client_id"]),
        (&json!(DIRECTORY), &json!(CLIENT))
    );
    assert_eq!(upstream["accepted_directories"], "one");
    assert_eq!(shown["settings"]["callback_path"], old_path);
    assert_eq!(shown["settings"]["provisioning"]["auto_provision"], true);
    let rules: Value = serde_json::from_str(&here.ok("mapping show contoso entra")).unwrap();
    assert_eq!(rules["default_role"], Value::Null);
    assert!(here.ok("audit export contoso").contains("connector.created"));
    let again = here.run(&format!("{IMPORT} --apply"));
    assert_eq!(again.status, 1, "{again:?}");
    assert!(again.stdout.contains("already a connector entra"), "{again:?}");
}

#[test]
fn feat_b8_an_old_path_leads_to_one_connector_and_the_next_keeps_its_own_callback() {
    let here = with_settings(SINGLE);
    here.ok(&format!("{IMPORT} --apply"));
    let second = here.json(&format!("{IMPORT} --connector second --apply"));
    assert_eq!(second["applied"], true);
    assert!(texts(&second, "warnings").contains("callback-path"), "{second}");
    let next = texts(&second, "next");
    assert!(next.contains("https://login.example.com/t/contoso/callback/second"), "{next}");
    let path = |id: &str| {
        here.json(&format!("connector show contoso {id}"))["settings"]["callback_path"].clone()
    };
    assert_eq!(
        (path("entra"), path("second")),
        (json!("/oauth/complete/azuread-oauth2/"), Value::Null)
    );
}

#[test]
fn feat_b31_the_multi_tenant_block_is_taken_with_one_directory() {
    let here = with_settings(MULTI);
    let done = here.json(&format!("{IMPORT} --apply"));
    assert!(texts(&done, "warnings").contains("alone are accepted"), "{done}");
    assert_eq!(done["connector"]["old_path"], "/oauth/complete/azuread-tenant-oauth2/");
    let shown = here.json("connector show contoso entra");
    assert_eq!(shown["settings"]["upstream"]["accepted_directories"], "one");
}

#[test]
fn feat_b11_what_the_file_hides_is_given_by_hand() {
    let here = with_settings(SINGLE);
    let text = here.read("settings.py").replace(&format!("'{UPSTREAM_SECRET}'"), "environ['X']");
    here.write("settings.py", &format!("from os import environ\n{text}"));
    let refused = here.run(IMPORT);
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(
        refused.stdout.contains("(line 4): not a literal: give the value by hand"),
        "{refused:?}"
    );
    here.ok(&format!("{IMPORT} --client-secret-file upstream.secret --apply"));
    let run = here.run_with(
        "import python-social-auth - --tenant contoso --connector two",
        &[],
        &format!("{text}\nSOCIAL_AUTH_AZUREAD_OAUTH2_SECRET = '{UPSTREAM_SECRET}'"),
    );
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn feat_b11_a_file_that_is_no_settings_file_is_refused() {
    let here = Installation::with_tenant();
    for (text, says) in [
        ("SOCIAL_AUTH_X = 'a\n", "line 1: a string is not closed"),
        (&format!("X = '{UPSTREAM_SECRET}"), "line 1: a string is not closed"),
        (&"[".repeat(100), "line 1: nested too deeply"),
        (&"#".repeat(1024 * 1024 + 1), "longer than"),
    ] {
        here.write("settings.py", text);
        let refusal = here.refused(1, IMPORT);
        assert!(
            refusal.contains("settings.py cannot be read") && refusal.contains(says),
            "{refusal}"
        );
    }
    std::fs::write(here.path("settings.py"), b"X = '\xff'").unwrap();
    assert!(here.refused(1, IMPORT).contains("not UTF-8"));
    assert!(
        here.refused(1, &IMPORT.replace("settings.py", "gone.py"))
            .contains("gone.py cannot be read")
    );
    assert!(here.refused(2, &format!("{IMPORT} --tenant-id common")).contains("GUID"));
    here.write("settings.py", "DEBUG = True\n");
    let nothing = here.run(IMPORT);
    assert_eq!(nothing.status, 1, "{nothing:?}");
    assert!(nothing.stdout.contains("no backend for Entra ID"), "{nothing:?}");
    assert!(
        here.refused(1, &IMPORT.replace("contoso", "nobody")).contains("there is no tenant nobody")
    );
}
