//! `symbolon plugin push`, `try`, `activate`, `rollback`, `diff`, `versions` (WP-123): the program itself, against a
//! server.

use std::fs;
use std::path::PathBuf;

use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use symbolon_identity::admin::{self, ApiScope, NewApiKey};
use tempfile::TempDir;
use tokio::process::Command;

use crate::cli::PROGRAM;
use crate::world::{TestBroker, TestTenant, caller, component};

const ALICE: &str = "signed in as alice@contoso.com with roles ";

/// An author's machine: a folder with a key and a component, and where the server is.
struct Author {
    folder: TempDir,
    server: String,
    key: String,
}

impl Author {
    async fn of(tenant: &TestTenant<'_>, scopes: &[ApiScope]) -> Self {
        let new = NewApiKey { name: "author".into(), scopes: scopes.to_vec(), expires_at: None };
        let (broker, owner) = (&tenant.world.broker, Some(&tenant.record));
        let made = admin::create_api_key(broker, &caller(), owner, new).await.unwrap();
        let folder = TempDir::new().unwrap();
        let key = made.secret.expose_secret().to_owned();
        fs::write(folder.path().join("key"), format!("{key}\n")).unwrap();
        fs::write(folder.path().join("seats.wasm"), component("examples/rust")).unwrap();
        Self { folder, server: tenant.world.url.clone(), key }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, json: &Value) {
        fs::write(self.path(name), json.to_string()).unwrap();
    }

    /// Status, standard output and standard error; neither ever tells the key.
    async fn run(&self, words: &str) -> (i32, String, String) {
        let mut command = Command::new(PROGRAM);
        command.env_clear().current_dir(self.folder.path()).arg("plugin");
        command.args(words.split_whitespace());
        command.env("SYMBOLON_SERVER", &self.server).env("SYMBOLON_TENANT", "contoso");
        command.env("SYMBOLON_API_KEY_FILE", "key");
        let output = command.output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        assert!(!stdout.contains(&self.key) && !stderr.contains(&self.key), "{stdout}{stderr}");
        (output.status.code().unwrap(), stdout, stderr)
    }

    async fn ok(&self, words: &str) -> String {
        let (status, stdout, stderr) = self.run(words).await;
        assert_eq!(status, 0, "{words}: {stdout}{stderr}");
        stdout
    }

    async fn json(&self, words: &str) -> Value {
        let text = self.ok(&format!("{words} --json")).await;
        serde_json::from_str(&text).map_err(|error| format!("{words}: {error}: {text}")).unwrap()
    }

    async fn refused(&self, status: i32, words: &str) -> String {
        let (seen, stdout, stderr) = self.run(words).await;
        assert_eq!((seen, stdout.as_str()), (status, ""), "{words}: {stderr}");
        stderr
    }
}

#[actix_web::test]
async fn wp123_an_author_pushes_tries_shadows_activates_and_rolls_back() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.role("builder").await;
    contoso.record_sign_ins(json!({ "keep": "full" })).await;
    let wiki = contoso.application("wiki").await;
    assert_eq!(wiki.log_in("alice").await.outcome(), format!("{ALICE}[viewer]"));
    let author = Author::of(&contoso, &[ApiScope::PluginManage, ApiScope::SignInsRead]).await;
    let first = author.refused(1, "push seats.wasm --connector upstream").await;
    assert!(first.contains("--rules"), "{first}");
    author.write("rules.json", &json!({ "departments": { "Engineering": "builder" } }));
    let push = "push seats.wasm --connector upstream --rules rules.json --note seats";
    let pushed = author.json(push).await;
    assert_eq!(pushed["version"], 2);
    assert_eq!(
        author.ok("try 2 --connector upstream").await.lines().next(),
        Some("version 2 passed")
    );
    let report = author.json("diff 1 2 --recorded --connector upstream").await;
    assert_eq!(report["gained"], json!({ "builder": 1 }));
    assert_eq!(report["differences"][0]["lost"], json!(["viewer"]));
    let text = author.ok("diff 1 2 --recorded --most 5 --connector upstream").await;
    assert!(text.contains("role builder") && text.contains("role viewer"), "{text}");
    let diff = author.ok("diff 1 2 --connector upstream").await;
    assert!(diff.contains(pushed["plugin"].as_str().unwrap()), "{diff}");
    assert_eq!(wiki.log_in("alice").await.outcome(), format!("{ALICE}[viewer]"), "a draft");

    author.ok("activate 2 --shadow 24 --connector upstream").await;
    wiki.log_in("alice").await;
    assert_eq!(contoso.shadow_ran(1).await.shadow_differences, 1);
    let list = author.ok("versions --connector upstream").await;
    let line = |start: &str| list.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    assert!(line("2 ").contains("shadow") && line("2 ").contains("passed"), "{list}");
    assert!(line("1 ").contains("active") && line("1 ").contains("bundled"), "{list}");
    let active = author.json("activate 2 --connector upstream").await;
    assert_eq!(active, json!({ "active_version": 2 }));
    assert_eq!(wiki.log_in("alice").await.outcome(), format!("{ALICE}[builder]"));
    // The same component again: the rules stay.
    let again = author.json("push seats.wasm --connector upstream").await;
    assert_eq!((&again["version"], &again["known"]), (&json!(3), &json!(true)));
    author.ok("activate 3 --connector upstream").await;
    assert_eq!(wiki.log_in("alice").await.outcome(), format!("{ALICE}[builder]"));
    author.ok("rollback --connector upstream").await;
    author.ok("activate 1 --connector upstream").await;
    assert_eq!(author.json("rollback --connector upstream").await, json!({ "active_version": 2 }));
    let actor = &contoso.events("plugin.activated").await.pop().unwrap()["actor"];
    assert!(actor.to_string().contains("author"), "{actor}");
}

#[actix_web::test]
async fn wp123_a_refusal_shows_reason_detail_and_fix() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let author = Author::of(&contoso, &[ApiScope::PluginManage]).await;
    let slow = "size(groups.map(a, groups.map(b, a + b))) >= 0";
    let rows = json!([{ "when": slow, "role": "admin" }]);
    let slow = contoso.save(&json!({ "assign_role_by_group": true, "group_roles": rows })).await;
    let refused = author.refused(1, &format!("activate {slow} --connector upstream")).await;
    for part in ["plugin.trial_failed: ", "a thousand groups", "Try the version", "trace: "] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let (status, tried, _) = author.run(&format!("try {slow} --connector upstream")).await;
    assert_eq!((status, tried.lines().next()), (1, Some("version 2 did not pass")));
    for (words, reason) in [
        ("activate 77 --connector upstream", "setting.not_found"),
        ("try 1 --connector gone", "setting.not_found"),
        ("versions --tenant gone --connector upstream", "api."),
        ("rollback --connector upstream", "setting.not_found"),
        ("activate 1 --shadow 0 --connector upstream", "hours"),
        ("diff 1 2 --recorded --connector upstream", "sign_ins.read"),
    ] {
        let refused = author.refused(1, words).await;
        assert!(refused.contains(reason), "{words}: {refused}");
    }
    fs::write(author.path("rubbish.wasm"), "rubbish").unwrap();
    author.write("rules.json", &json!({}));
    let push = "push rubbish.wasm --rules rules.json --connector upstream";
    let refused = author.refused(1, push).await;
    assert!(refused.contains("plugin.component_refused"), "{refused}");
    let signed = "push seats.wasm --rules rules.json --signature rules.json --connector upstream";
    let refused = author.refused(1, signed).await;
    assert!(refused.contains("plugin.signature_refused"), "{refused}");
    let reader = Author::of(&contoso, &[ApiScope::SsoRead]).await;
    assert!(reader.ok("versions --connector upstream").await.contains("bundled"));
    let refused = reader.refused(1, "rollback --connector upstream").await;
    assert!(refused.contains("api."), "{refused}");
}

#[actix_web::test]
async fn wp123_the_mapping_of_an_application_takes_the_same_way() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.application("wiki").await;
    let author = Author::of(&contoso, &[ApiScope::PluginManage]).await;
    author.write("rules.json", &json!({ "departments": {} }));
    let pushed = author.json("push seats.wasm --rules rules.json --application wiki").await;
    assert_eq!(pushed["version"], 1);
    author.ok("activate 1 --application wiki").await;
    let refused = author.refused(1, "diff 1 1 --recorded --application wiki").await;
    assert!(refused.contains("not of applications"), "{refused}");
    world.clock.advance(TimeDelta::minutes(1));
    author.refused(2, "rollback").await;
    author.refused(2, "rollback --application wiki --connector upstream").await;
    let refused =
        author.refused(1, "versions --server http://203.0.113.9 --connector upstream").await;
    assert!(refused.contains("203.0.113.9"), "{refused}");
}
