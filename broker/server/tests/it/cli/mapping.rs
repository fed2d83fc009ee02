//! The life of a mapping, recorded sign-ins and the plugin library, as the operator types them.

use serde_json::json;

use super::Installation;

fn misbehaving() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/dist/misbehaving.wasm").to_owned()
}

#[test]
fn wp81_wp83_versions_are_saved_tried_activated_and_rolled_back() {
    let here = Installation::complete();
    here.write("rules.json", r#"{"sync_fields": ["email"]}"#);
    for (of, first) in [("--connector work", 1), ("--application wiki", 0)] {
        if first == 0 {
            here.write("none.json", "{}");
            here.ok(&format!("mapping save contoso {of} --rules none.json --plugin bundled"));
            here.ok(&format!("mapping activate contoso {of} 1"));
        }
        let save = format!("mapping save contoso {of} --rules rules.json --note shorter");
        assert_eq!(here.json(&save)["version"], 2, "{of}");
        let tried = here.ok(&format!("mapping try contoso {of} 2"));
        assert!(tried.starts_with("version 2 passed") && tried.contains("most fuel"), "{tried}");
        here.ok(&format!("mapping activate contoso {of} 2"));
        let status = here.json(&format!("mapping status contoso {of}"));
        assert_eq!(
            (&status["active_version"], &status["previous_version"]),
            (&json!(2), &json!(1))
        );
        let diff = here.ok(&format!("mapping diff contoso {of} 1 2"));
        assert!(diff.contains("sync_fields"), "{diff}");
        let back = here.json(&format!("mapping rollback contoso {of}"));
        assert_eq!(back["active_version"], 1);
        let listed = here.ok(&format!("mapping versions contoso {of}"));
        let row = listed.lines().find(|line| line.starts_with("2 ")).unwrap();
        assert!(row.contains("passed") && row.contains("bundled") && row.ends_with("shorter"));
        let rules = here.ok(&format!("mapping versions contoso {of} 2"));
        assert_eq!(rules.trim(), r#"{"sync_fields": ["email"]}"#);
    }
    let neither = here.refused(2, "mapping status contoso");
    assert!(neither.contains("--connector") && neither.contains("--application"), "{neither}");
    let gone = here.refused(1, "mapping activate contoso --connector work 9");
    assert!(gone.contains("there is no mapping version 9"), "{gone}");
}

#[test]
fn ux7_a_version_that_fails_its_case_exits_1_and_is_not_activated() {
    let here = Installation::complete();
    let of = "contoso --connector work";
    here.write("login.json", r#"{"subject": "ada", "claims": {"email": "ada@contoso.com"}}"#);
    let saved = here.json(&format!("mapping cases put {of} ada login.json"));
    assert!(saved["expected"]["allowed"].is_object(), "{saved}");
    let mut case = here.json(&format!("mapping cases show {of} ada"));
    case["expected"] = json!({ "denied": { "code": "nobody" } });
    case.as_object_mut().unwrap().remove("name");
    here.write("case.json", &case.to_string());
    here.ok(&format!("mapping cases put {of} nobody case.json"));
    assert_eq!(here.json(&format!("mapping cases list {of}")).as_array().unwrap().len(), 2);
    let tried = here.run(&format!("mapping try {of} 1"));
    assert_eq!(tried.status, 1, "{tried:?}");
    assert!(tried.stdout.contains("did not pass"), "{tried:?}");
    assert!(tried.stdout.contains("denied nobody -> allowed"), "{tried:?}");
    let refused = here.refused(1, &format!("mapping activate {of} 1"));
    assert!(refused.contains("nobody"), "{refused}");
    here.ok(&format!("mapping cases delete {of} nobody"));
    here.ok(&format!("mapping activate {of} 1"));
}

#[test]
fn wp82_wp87_adv2_shadow_policy_and_replay() {
    let here = Installation::complete();
    let of = "contoso --connector work";
    here.write("rules.json", r#"{"sync_fields": ["email"]}"#);
    here.ok(&format!("mapping save {of} --rules rules.json"));
    here.ok(&format!("mapping shadow {of} 2 --hours 5"));
    let status = format!("mapping status {of}");
    assert_eq!(here.json(&status)["shadow_version"], 2);
    here.ok(&format!("mapping shadow {of} --end"));
    assert_eq!(here.json(&status)["shadow_version"], json!(null));
    here.refused(2, &format!("mapping shadow {of}"));
    let policy = here.json(&format!("mapping policy {of} --on-failure last_known"));
    let expected =
        json!({ "on_failure": "last_known", "last_known_hours": 24, "unknown_role": "refuse" });
    assert_eq!((&policy, &here.json(&status)["policy"]), (&expected, &expected));
    here.refused(1, &format!("mapping policy {of} --last-known-hours 0"));
    assert_eq!(here.json(&format!("mapping retry {of}")), json!({ "was_quarantined": false }));
    let report = here.json("mapping replay contoso --connector work 2");
    assert_eq!(
        (&report["from"], &report["to"], &report["sign_ins"]),
        (&json!(1), &json!(2), &json!(0))
    );
    let told = here.ok("mapping replay contoso --connector work 2");
    assert!(told.starts_with("version 1 to 2: 0 recorded sign-ins of 0 people"), "{told}");
}

#[test]
fn mp13_what_is_recorded_is_listed_and_what_is_kept_is_set() {
    let here = Installation::complete();
    assert_eq!(here.json("recorded list contoso work"), json!([]));
    let gone = here.refused(1, "recorded show contoso nothing");
    assert!(gone.contains("there is no recorded sign-in nothing"), "{gone}");
    assert!(here.refused(1, "recorded case contoso nothing").contains("there is no"));
    assert_eq!(here.json("recorded settings contoso")["keep"], "redacted");
    let set = here.json("recorded settings contoso --keep full --days 3 --redact phone --redact x");
    let expected = json!({
        "keep": "full", "days": 3, "most": 10_000, "redact": ["phone", "x"], "reveal": [], "deleted": 0,
    });
    assert_eq!(set, expected);
    assert_eq!(here.json("recorded settings contoso")["days"], 3);
    assert!(here.refused(1, "recorded settings contoso --days 91").contains("days"));
    assert!(here.ok("audit export contoso").contains("tenant.recording_changed"));
}

#[test]
fn wp16_the_operator_offers_plugins_and_allows_the_large_class() {
    let here = Installation::complete();
    let add = format!("plugin-library add {}", misbehaving());
    let added = here.json(&add);
    let digest = added["digest"].as_str().unwrap();
    assert!(here.refused(1, &add).contains("already"));
    here.write("rules.json", "{}");
    let save =
        format!("mapping save contoso --connector work --rules rules.json --plugin {digest}");
    assert!(here.refused(1, &save).contains("there is no plugin"), "not enabled yet");
    here.ok(&format!("plugin-library enable contoso {digest}"));
    let seen = here.json("plugin-library list --tenant contoso");
    assert_eq!((&seen[0]["digest"], &seen[0]["enabled"]), (&json!(digest), &json!(true)));
    here.ok(&save);
    here.ok(&format!("plugin-library disable contoso {digest}"));
    here.ok(&format!("plugin-library retire {digest}"));
    assert!(here.json("plugin-library list")[0]["retired_at"].is_string());
    assert_eq!(here.json("plugin-library list --tenant contoso"), json!([]), "no longer offered");

    here.ok("tenant large-plugins contoso 2");
    assert_eq!(here.json("tenant show contoso")["large_plugins"], 2);
    assert!(here.refused(1, "tenant large-plugins contoso 21").contains("at most 20"));
    assert!(here.ok("audit export contoso").contains("large_plugins"));
}
