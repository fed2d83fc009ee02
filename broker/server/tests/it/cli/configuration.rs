//! Configuration, database, exit status: what happens before there is any tenant.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use super::{Installation, KEY_1};

#[test]
fn an_unmigrated_database_is_refused_with_the_command_to_run() {
    let here = Installation::new();
    for words in ["tenant list", "serve", "audit verify contoso"] {
        let refusal = here.refused(1, words);
        assert!(refusal.contains("run `symbolon migrate`"), "{words}: {refusal}");
    }
    let check = here.run("migrate --check");
    assert_eq!(check.status, 1);
    assert!(check.stdout.starts_with("missing: "), "{check:?}");
    assert!(here.ok("migrate").starts_with("applied: "));
    assert_eq!(here.ok("migrate"), "the database is up to date\n");
    assert_eq!(here.ok("migrate --check"), "the database is up to date\n");
    assert_eq!(here.json("tenant list"), serde_json::json!([]));
}

#[test]
fn every_mistake_in_the_configuration_is_reported_at_once() {
    let here = Installation::new();
    here.write(
        "symbolon.toml",
        "[http]\nlistn = \"127.0.0.1:1\"\npublic_url = \"http://login.example.com\"\n\
         [sesions]\nidle = \"1h\"\n[database]\npool_size = 0\n[secrets.keys]\nk1_file = \"gone.key\"\n",
    );
    for words in ["config check", "config print", "serve", "migrate", "tenant list"] {
        let report = here.refused(78, words);
        for problem in [
            "http.listn: ",
            "did you mean",
            "http.public_url: ",
            "sesions: ",
            "database.pool_size: must be between 1 and 256",
            "secrets.keys.k1",
            "gone.key",
        ] {
            assert!(report.contains(problem), "{words}: {problem} is not in {report}");
        }
    }
}

#[test]
fn a_configuration_that_is_not_there_is_wrong_configuration() {
    let here = Installation::new();
    std::fs::remove_file(here.path("symbolon.toml")).unwrap();
    assert!(here.refused(78, "config check").contains("symbolon.toml"));
}

#[test]
fn what_is_printed_of_the_configuration_holds_no_secret() {
    let here = Installation::new();
    let variables = [
        ("SYMBOLON__DATABASE__URL", "postgres://symbolon:pa55w0rd@db.example/symbolon"),
        ("SYMBOLON__SECRETS__ACTIVE", "k1"),
        ("SYMBOLON__SECRETS__KEYS__K9", KEY_1),
    ];
    let run = here.run_with("config print", &variables, "");
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("db.example"), "{run:?}");
    assert!(run.stdout.contains("k9 = \"***\""), "{run:?}");
    assert!(!run.stdout.contains("pa55w0rd"), "{run:?}");
    assert_eq!(here.ok("config check"), "the configuration is fine\n");
}

#[test]
fn the_schema_is_the_committed_one() {
    let here = Installation::new();
    let committed = include_str!("../../../../../schemas/config.schema.json");
    assert_eq!(here.ok("config schema"), committed);
}

#[test]
fn wrong_usage_has_a_status_of_its_own() {
    let here = Installation::new();
    for words in [
        "",
        "tenants",
        "tenant create",
        "tenant create Not_A_Slug!",
        "connector create contoso work --issuer https://x --client-id y --client-secret z",
        "application create contoso wiki --redirect-uri http://wiki.example/cb",
        "user create contoso --connector work",
        "keys rotate contoso --algorithm hs256",
    ] {
        let refusal = here.refused(2, words);
        assert!(!refusal.is_empty(), "{words}");
    }
    assert!(here.ok("--help").contains("Usage: symbolon"));
    assert!(here.ok("--version").starts_with("symbolon "));
}

#[test]
fn doctor_says_what_is_broken_and_what_to_do() {
    let here = Installation::new();
    let broken = here.run("doctor");
    assert_eq!(broken.status, 1);
    assert!(broken.stdout.contains("run `symbolon migrate`"), "{broken:?}");

    here.ok("migrate");
    let healthy = here.json("doctor");
    assert!(healthy.as_array().unwrap().iter().all(|check| check["ok"] == "yes"), "{healthy}");

    here.write("symbolon.toml", "[http]\nport = 1\n");
    let broken = here.run("doctor");
    assert_eq!(broken.status, 1);
    assert!(broken.stdout.contains("http.port"), "{broken:?}");
}

#[test]
fn serve_says_when_it_is_ready_and_answers() {
    let here = Installation::with_tenant();
    let mut command = here.command(super::PROGRAM);
    command.args(["--config", "symbolon.toml", "serve"]);
    command.env("SYMBOLON__TELEMETRY__LOG_FORMAT", "json");
    let mut server = command.spawn().unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap());
    let listen = loop {
        let mut line = String::new();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended before it was ready");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        if let Some(listen) = find(&line, "listen") {
            break listen.as_str().unwrap().to_owned();
        }
    };
    let mut stream = TcpStream::connect(listen).unwrap();
    let path = "/t/contoso/.well-known/openid-configuration";
    write!(stream, "GET {path} HTTP/1.1\r\nHost: login.example.com\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"issuer\":\"https://login.example.com/t/contoso\""), "{answer}");
}

/// The first value of this name, however deep.
fn find<'a>(value: &'a serde_json::Value, name: &str) -> Option<&'a serde_json::Value> {
    let fields = value.as_object()?;
    fields.get(name).or_else(|| fields.values().find_map(|value| find(value, name)))
}
