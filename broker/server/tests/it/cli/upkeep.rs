//! `symbolon connector` after `create`: settings there and back, versions, secrets, status, calendar.

use serde_json::{Value, json};

use super::Installation;

#[test]
fn feat_b16_what_show_prints_update_takes_with_the_same_checks() {
    let here = Installation::complete();
    let mut settings = here.json("connector show contoso work")["settings"].clone();
    here.write("settings.json", &settings.to_string());
    here.ok("connector update contoso work --settings settings.json");
    assert_eq!(here.json("connector show contoso work")["settings"], settings, "there and back");

    settings["upstream"]["scopes"] = json!(["openid", "email"]);
    here.write("settings.json", &settings.to_string());
    here.ok("connector update contoso work --settings settings.json --note less");
    assert_eq!(here.json("connector show contoso work")["settings"], settings);
    for (path, wrong) in [("typo", json!(1)), ("landing_url", json!("ftp://x.example"))] {
        let mut bad = settings.clone();
        bad[path] = wrong;
        here.write("settings.json", &bad.to_string());
        let refusal = here.refused(1, "connector update contoso work --settings settings.json");
        assert!(refusal.contains(path), "{refusal}");
    }
    assert_eq!(here.json("connector versions contoso work").as_array().unwrap().len(), 3);
}

#[test]
fn feat_b18_versions_are_listed_compared_and_restored() {
    let here = Installation::complete();
    let mut settings = here.json("connector show contoso work")["settings"].clone();
    settings["upstream"]["scopes"] = json!(["openid"]);
    here.write("settings.json", &settings.to_string());
    here.ok("connector update contoso work --settings settings.json");
    let diff = here.json("connector diff contoso work 1 2");
    assert_eq!(diff.as_array().unwrap().len(), 1);
    assert_eq!(diff[0]["field"], "upstream.scopes");
    let restored = here.json("connector restore contoso work 1 --note back");
    assert_eq!(restored["settings_version"], 3);
    let versions = here.json("connector versions contoso work");
    let shown: Vec<(&Value, &Value)> =
        versions.as_array().unwrap().iter().map(|one| (&one["version"], &one["state"])).collect();
    let draft = json!("draft");
    assert_eq!(shown, [(&json!(3), &draft), (&json!(2), &draft), (&json!(1), &draft)]);
    assert!(here.refused(1, "connector restore contoso work 9").contains("there is no version 9"));
}

#[test]
fn feat_b12_b37_a_secret_is_replaced_and_revoked_at_the_command_line() {
    let here = Installation::complete();
    here.write("next.secret", "hush-next-0123456789abcd");
    let set = here
        .json("connector secret set contoso work --secret-file next.secret --ends-on 2027-03-20");
    assert_eq!((&set["proved"], &set["hint"]), (&json!(false), &json!("abcd")));
    assert_eq!(
        (&set["previous_kept"], &set["ends_at"]),
        (&json!(true), &json!("2027-03-20T00:00:00Z"))
    );
    here.ok("connector secret drop-previous contoso work");
    here.refused(1, "connector secret drop-previous contoso work");
    let calendar = here.ok("connector calendar contoso");
    assert!(calendar.contains("DTSTART;VALUE=DATE:20270320\r\n"), "{calendar}");
    here.ok("connector secret expires contoso work 2027-04-01");
    let status = here.json("connector status contoso work");
    assert_eq!(status["next_expiry"]["date"], "2027-04-01");
    here.ok("connector secret expires contoso work");
    assert!(!here.ok("connector calendar contoso work").contains("VEVENT"));
    let revoked = here.json("connector secret revoke contoso work");
    assert_eq!(revoked, json!({ "forgotten": 1, "mode": "off" }));
    let trail = here.ok("audit export contoso");
    assert!(!trail.contains("hush-next"), "{trail}");
}

#[test]
fn feat_n58_n71_status_and_preview_are_text_and_json() {
    let here = Installation::complete();
    let text = here.ok("connector status contoso work");
    for line in
        ["Provider:            OpenID Connect", "Status:              Unknown", "Who can sign in:"]
    {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(here.ok("connector preview contoso work --mode enforced").contains("test -> enforced"));
    let preview = here.json("connector preview contoso work --mode pilot");
    assert_eq!(preview["to"], "pilot");
    for words in ["status contoso gone", "preview contoso gone --mode on", "versions contoso gone"]
    {
        let refusal = here.refused(1, &format!("connector {words}"));
        assert!(refusal.contains("there is no connector gone"), "{refusal}");
    }
    for words in [
        "federated contoso work",
        "groups contoso work --find x",
        "certificate create contoso work",
    ] {
        let refusal = here.refused(1, &format!("connector {words}"));
        assert!(refusal.contains("Microsoft Entra ID"), "{words}: {refusal}");
    }
}
