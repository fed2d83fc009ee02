//! Tenants, connectors, mappings, roles, users, applications: each command, well used and badly.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{CREATE_CONNECTOR, Installation, UPSTREAM_SECRET};

#[test]
fn what_is_not_there_is_named() {
    let here = Installation::complete();
    for (words, named) in [
        ("tenant show nobody", "there is no tenant nobody"),
        ("connector list nobody", "there is no tenant nobody"),
        ("user list nobody", "there is no tenant nobody"),
        ("keys list nobody", "there is no tenant nobody"),
        ("audit export nobody", "there is no tenant nobody"),
        ("connector show contoso gone", "there is no connector gone"),
        ("connector mode contoso gone off", "there is no connector gone"),
        ("application show contoso gone", "there is no application gone"),
        ("user status contoso gone inactive", "there is no user gone"),
        ("mapping show contoso gone", "connector"),
        ("mapping set contoso work --rules gone.json", "gone.json cannot be read"),
    ] {
        let refusal = here.refused(1, words);
        assert!(refusal.contains(named), "{words}: {refusal}");
    }
}

#[test]
fn what_is_there_already_is_not_made_twice() {
    let here = Installation::complete();
    for words in [
        "tenant create contoso",
        CREATE_CONNECTOR,
        "application create contoso wiki --redirect-uri https://other.example/cb",
    ] {
        let refusal = here.refused(1, words);
        assert!(refusal.contains("already"), "{words}: {refusal}");
    }
    let kept = here.json("application show contoso wiki");
    assert_eq!(kept["redirect_uris"], json!(["https://wiki.example/cb"]));
}

#[test]
fn n21_a_connector_secret_is_one_line_without_blanks_around_it() {
    let here = Installation::with_tenant();
    for bad in [" hush", "hush ", "\thush", "hush\n\n", "hush\r\n\n", "", "\n"] {
        here.write("upstream.secret", bad);
        let refusal = here.refused(1, CREATE_CONNECTOR);
        assert!(refusal.contains("client secret: empty, or blanks"), "{bad:?}: {refusal}");
    }
    let without = CREATE_CONNECTOR.replace("--client-secret-file upstream.secret", "");
    assert!(here.refused(1, &without).contains("client secret: missing"));
    assert_eq!(here.json("connector list contoso"), json!([]), "a refused one leaves nothing");
    for (id, good) in [("c1", "hush"), ("c2", "hush\n"), ("c3", "hush\r\n")] {
        here.write("upstream.secret", good);
        here.ok(&CREATE_CONNECTOR.replace(" work ", &format!(" {id} ")));
    }
    let from_stdin = CREATE_CONNECTOR.replace("upstream.secret", "-");
    let run = here.run_with(&from_stdin, &[], UPSTREAM_SECRET);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn a_connector_is_shown_switched_and_updated_and_never_tells_its_secret() {
    let here = Installation::complete();
    let shown = here.json("connector show contoso work");
    assert_eq!(shown["callback_url"], "https://login.example.com/t/contoso/callback/work");
    assert_eq!(shown["settings"]["provisioning"]["auto_provision"], false);
    assert_eq!(shown["mode"], "test");
    here.ok("connector mode contoso work pilot --untested");
    let mut settings = shown["settings"].clone();
    settings["pilot"]["users"] = json!(["alice@contoso.example"]);
    here.write("settings.json", &settings.to_string());
    here.ok("connector update contoso work --settings settings.json");
    let shown = here.json("connector show contoso work");
    assert_eq!((&shown["mode"], &shown["version"]), (&json!("pilot"), &json!(3)));
    assert_eq!(shown["settings"], settings);
    settings["surprise"] = json!(1);
    here.write("settings.json", &settings.to_string());
    let refusal = here.refused(1, "connector update contoso work --settings settings.json");
    assert!(refusal.contains("surprise"), "{refusal}");
    let text = here.ok("connector show contoso work");
    assert!(!text.contains("secret\":\""), "{text}");
}

#[test]
fn a_mapping_is_checked_before_it_is_active() {
    let here = Installation::complete();
    here.write("rules.json", r#"{"default_rol":"viewer","group_roles":[{"group":"g"}]}"#);
    let refusal = here.refused(1, "mapping set contoso work --rules rules.json");
    assert!(refusal.contains("default_rol"), "{refusal}");
    let before = here.ok("mapping show contoso work");
    here.ok("role create contoso editor");
    let rules = r#"{"default_role":"editor"}"#;
    let set = here.run_with("mapping set contoso work --rules - --note why", &[], rules);
    assert_eq!(set.status, 0, "{set:?}");
    assert_ne!(here.ok("mapping show contoso work"), before);
    assert_eq!(here.ok("mapping show contoso work").trim(), rules);
    let versions = here.json("mapping list contoso work");
    let mut numbers: Vec<i64> =
        versions.as_array().unwrap().iter().map(|one| one["version"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2]);
    assert!(versions.to_string().contains("\"note\":\"why\""));
}

#[test]
fn an_application_secret_goes_into_a_new_file_for_its_owner_alone() {
    let here = Installation::with_tenant();
    let create = |id: &str, more: &str| {
        format!("application create contoso {id} --redirect-uri https://{id}.example/cb {more}")
    };
    let shown = here.ok(&create("wiki", "--secret-out wiki.secret"));
    let secret = here.read("wiki.secret");
    assert_eq!(secret.len(), 43);
    let mode = std::fs::metadata(here.path("wiki.secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(
        !shown.contains(&secret) && !here.ok("application show contoso wiki").contains(&secret)
    );

    let refusal = here.refused(1, &create("forum", "--secret-out wiki.secret"));
    assert!(refusal.contains("wiki.secret cannot be made"), "{refusal}");
    assert_eq!(here.read("wiki.secret"), secret, "an existing file is not overwritten");
    here.refused(1, "application show contoso forum");
    here.refused(1, &create("wiki", "--secret-out second.secret"));
    assert!(!here.path("second.secret").exists(), "no empty file stays behind");

    let printed = here.json(&create("forum", ""));
    let secret = printed["client_secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 43);
    for words in
        ["application show contoso forum", "application list contoso", "audit export contoso"]
    {
        assert!(!here.ok(words).contains(&secret), "{words}");
    }
    let public = here.json(&create("phone", "--public"));
    assert_eq!((&public["public"], public.get("client_secret")), (&json!(true), None));
}

#[test]
fn roles_and_users_are_made_listed_and_switched() {
    let here = Installation::complete();
    here.ok("role create contoso owner --description owns --not-by-mapping");
    let roles = here.json("role list contoso");
    let owner = roles.as_array().unwrap().iter().find(|role| role["role"] == "owner").unwrap();
    assert_eq!(owner["grantable_by_mapping"], false);

    let identity = "--connector work --issuer https://idp.contoso.example --subject 1";
    let create = format!("user create contoso --email a@contoso.example --role owner {identity}");
    let id = here.json(&create)["id"].as_str().unwrap().to_owned();
    let again = here.refused(1, &create);
    assert!(again.contains("already"), "{again}");
    let nothing = here.refused(1, "user create contoso --email b@contoso.example --role nosuch");
    assert!(nothing.contains("there is no role nosuch"), "{nothing}");
    let elsewhere = create.replace("--connector work", "--connector gone");
    let elsewhere = here.refused(1, &elsewhere);
    assert!(elsewhere.contains("there is no connector gone"), "{elsewhere}");
    here.ok(&format!("user status contoso {id} inactive"));
    let users = here.json("user list contoso");
    assert_eq!(users.as_array().unwrap().len(), 1, "a refused one leaves nothing: {users}");
    assert_eq!((&users[0]["id"], &users[0]["status"]), (&json!(id), &json!("inactive")));
    assert_eq!(here.json("user requests contoso"), json!([]));
}

#[test]
fn every_listing_is_json_when_asked() {
    let here = Installation::complete();
    for words in [
        "tenant list",
        "tenant show contoso",
        "connector list contoso",
        "application list contoso",
        "mapping list contoso work",
        "role list contoso",
        "user list contoso",
        "user requests contoso",
        "keys list contoso",
        "secrets rotate --dry-run",
        "doctor",
    ] {
        let value = here.json(words);
        assert!(value.is_array() || value.is_object(), "{words}");
    }
    for line in here.ok("audit export contoso").lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["type"].is_string() && event["hash"].is_string(), "{line}");
    }
}

#[test]
fn the_audit_trail_names_what_was_done_and_its_chain_holds() {
    let here = Installation::complete();
    here.ok("connector mode contoso work off");
    let trail = here.ok("audit export contoso");
    for event in ["connector.created", "app.created", "connector.disabled"] {
        assert!(trail.contains(&format!("\"type\":\"{event}\"")), "{event}: {trail}");
    }
    let some = here.ok("audit export contoso --event connector.disabled");
    assert_eq!(some.lines().count(), 1);
    let rows = trail.lines().count();
    assert_eq!(here.ok("audit verify contoso"), format!("the chain of {rows} rows holds\n"));
}

#[test]
fn a_connection_test_says_what_is_wrong_and_fails() {
    let here = Installation::with_tenant();
    // A port that was free a moment ago: nobody answers there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let variables = [("SYMBOLON__OUTGOING__ALLOW_PRIVATE", "127.0.0.1/32")];
    let create = CREATE_CONNECTOR
        .replace("https://idp.contoso.example", &format!("http://127.0.0.1:{port}"));
    let refusal = here.refused(1, &create);
    assert!(refusal.contains("127.0.0.1"), "a private address is refused: {refusal}");
    let created = here.run_with(&create, &variables, "");
    assert_eq!(created.status, 0, "{created:?}");
    let test = here.run_with("connector test contoso work", &variables, "");
    assert_eq!(test.status, 1, "{test:?}");
    assert!(test.stdout.contains("FAIL") && test.stdout.contains("fix: "), "{test:?}");
}
