//! The whole way from files and variables to sections or to a list of problems.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use insta::assert_snapshot;
use tempfile::TempDir;

use super::{ConfigErrors, Settings};

/// A real key; the tests look for it in everything that is shown.
const KEY: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
const KEY_VARIABLE: (&str, &str) = ("SYMBOLON__SECRETS__KEYS__K1", KEY);

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// Messages without the folder's random name.
    fn shown(&self, errors: &ConfigErrors) -> String {
        errors.to_string().replace(&self.0.path().display().to_string(), "DIR")
    }
}

fn load(files: &[PathBuf], variables: &[(&str, &str)]) -> Result<Settings, ConfigErrors> {
    let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Settings::load(files, variables)
}

/// Loads one file, with the key from the environment.
fn problems(toml: &str) -> String {
    let folder = Folder::new();
    let file = folder.file("a.toml", toml, 0o644);
    folder.shown(&load(&[file], &[KEY_VARIABLE]).unwrap_err())
}

#[test]
fn a_key_is_all_that_must_be_given() {
    let settings = load(&[], &[KEY_VARIABLE]).unwrap();
    assert_eq!(settings.secrets.active, "k1");
    assert_snapshot!(settings.print_redacted());
}

#[test]
fn later_files_win_and_the_environment_wins_over_files() {
    let folder = Folder::new();
    let first = folder.file(
        "a.toml",
        "[http]\nlisten = \"127.0.0.1:1\"\n[sessions]\nidle = \"1h\"\nabsolute = \"2h\"\n",
        0o644,
    );
    let second = folder.file("b.toml", "[sessions]\nidle = \"30m\"\n", 0o644);
    let variables = [
        KEY_VARIABLE,
        ("SYMBOLON__HTTP__LISTEN", "127.0.0.1:9000"),
        ("SYMBOLON__HTTP__TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8"),
        ("SYMBOLON__DATABASE__POOL_SIZE", "3"),
        ("HOME", "/root"),
    ];
    let settings = load(&[first, second], &variables).unwrap();
    assert_eq!(settings.sessions.idle.to_string(), "30m");
    assert_eq!(settings.sessions.absolute.to_string(), "2h");
    assert_eq!(settings.http.listen.port(), 9000);
    assert_eq!(settings.http.public_url.as_str(), "http://localhost:9000");
    assert_eq!(settings.http.trusted_proxies.len(), 2);
    assert_eq!(settings.database.pool_size, 3);
}

#[test]
fn all_problems_are_reported_at_once() {
    let text = problems(
        r#"
        [http]
        listn = "127.0.0.1:1"
        public_url = "http://login.example.com"
        trusted_proxies = ["10.0.0.1/33"]
        [sesions]
        idle = "1h"
        [sessions]
        idle = "25h"
        [sign_in]
        code_lifetime = 60
        [outgoing]
        connect_timeout = "11s"
        [telemetry]
        log_format = "xml"
        filter = "symbolon=loud"
        [plugins]
        fuel = "lots"
        "#,
    );
    assert_snapshot!(text, @r#"
    http.listn: unknown key, did you mean "http.listen"? (in DIR/a.toml)
    http.public_url: plain http is only for localhost, 127.0.0.1 or [::1]: use https (in DIR/a.toml)
    http.trusted_proxies: expected networks such as "10.0.0.0/8", "fd00::/8" or "192.0.2.7" (in DIR/a.toml)
    outgoing.connect_timeout: must be longer than nothing and not longer than outgoing.timeout
    plugins.fuel: expected an integer, found string "lots" (in DIR/a.toml)
    sesions: unknown section, did you mean "[sessions]"?
    sessions.idle: must not be longer than sessions.absolute
    sign_in.code_lifetime: expected a length of time such as "250ms", "60s", "15m", "12h", "1h30m" or "7d" (in DIR/a.toml)
    telemetry.filter: expected a level (error, warn, info, debug, trace) or target=level pairs
    telemetry.log_format: expected "text" or "json" (in DIR/a.toml)
    "#);
}

#[test]
fn plain_http_is_refused_where_others_can_reach_it() {
    let variables = [KEY_VARIABLE, ("SYMBOLON__HTTP__LISTEN", "0.0.0.0:8080")];
    assert_snapshot!(load(&[], &variables).unwrap_err(), @"http.public_url: plain http, but http.listen can be reached from other machines: give an https public_url, or listen on 127.0.0.1");
}

#[test]
fn unknown_variables_are_refused_with_what_was_meant() {
    let variables = [
        KEY_VARIABLE,
        ("SYMBOLON__HTPP__LISTEN", "127.0.0.1:1"),
        ("SYMBOLON__HTTP__PUBLIC_URI", "https://a.example"),
        ("SYMBOLON__HTTP", "x"),
        ("SYMBOLON__SECRETS__KEYS", "x"),
        ("SYMBOLON__SESSIONS__IDLE__MAX", "x"),
        ("SYMBOLON__HTTP__TLS", "x"),
        ("SYMBOLON__HTTP__TLS__KEY", "x"),
        ("SYMBOLON__ENTRA__CLOUDS__MOCK", "x"),
        ("SYMBOLON__ENTRA__CLOUDS__MOCK__GRAF", "x"),
        ("SYMBOLON_HTTP__LISTEN", "127.0.0.1:1"),
        ("SYMBOLON_UNRELATED", "x"),
    ];
    assert_snapshot!(load(&[], &variables).unwrap_err(), @r#"
    SYMBOLON_HTTP__LISTEN: unknown: the prefix is "SYMBOLON__"
    SYMBOLON__ENTRA__CLOUDS__MOCK: expected SYMBOLON__ENTRA__CLOUDS__NAME__KEY
    SYMBOLON__ENTRA__CLOUDS__MOCK__GRAF: unknown key, did you mean "SYMBOLON__ENTRA__CLOUDS__MOCK__GRAPH"?
    SYMBOLON__HTPP__LISTEN: unknown section, did you mean "SYMBOLON__HTTP__LISTEN"?
    SYMBOLON__HTTP: names a section but no key
    SYMBOLON__HTTP__PUBLIC_URI: unknown key, did you mean "SYMBOLON__HTTP__PUBLIC_URL"?
    SYMBOLON__HTTP__TLS: expected SYMBOLON__HTTP__TLS__CERTIFICATE_FILE or SYMBOLON__HTTP__TLS__KEY_FILE
    SYMBOLON__HTTP__TLS__KEY: unknown key, did you mean "SYMBOLON__HTTP__TLS__KEY_FILE"?
    SYMBOLON__SECRETS__KEYS: expected SYMBOLON__SECRETS__KEYS__NAME
    SYMBOLON__SESSIONS__IDLE__MAX: names more than a section and a key
    "#);
}

#[test]
fn the_start_is_refused_without_a_good_key() {
    assert_snapshot!(load(&[], &[]).unwrap_err(), @r#"secrets.keys: no master key: write one with `openssl rand -base64 32 > k1.key && chmod 600 k1.key` and set secrets.keys.k1_file = "k1.key""#);
    let variables = [
        ("SYMBOLON__SECRETS__KEYS__ZERO", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("SYMBOLON__SECRETS__KEYS__SHORT", "q83vEjRWeJCrze8S"),
        ("SYMBOLON__SECRETS__KEYS__WORDS", "change me please!"),
    ];
    assert_snapshot!(load(&[], &variables).unwrap_err(), @r#"
    secrets.keys.short: holds 12 bytes, expected 32 (make one: openssl rand -base64 32)
    secrets.keys.words: expected 32 bytes as base64 or hexadecimal (make one: openssl rand -base64 32)
    secrets.keys.zero: is not random: too many equal bytes (make one: openssl rand -base64 32)
    "#);
    let two = [KEY_VARIABLE, ("SYMBOLON__SECRETS__KEYS__K2", KEY)];
    assert_snapshot!(load(&[], &two).unwrap_err(), @"secrets.active: must name one of secrets.keys when there are several");
    let active = [KEY_VARIABLE, ("SYMBOLON__SECRETS__ACTIVE", "k7")];
    assert_snapshot!(load(&[], &active).unwrap_err(), @"secrets.active: names no key of secrets.keys");
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let folder = Folder::new();
    let open = folder.file("open.key", KEY, 0o640);
    let kept = folder.file("kept.key", &format!("{KEY}\n"), 0o600);
    let file = |path: &PathBuf| {
        let text = format!("[secrets.keys]\nk1_file = \"{}\"\n", path.display());
        folder.file("a.toml", &text, 0o644)
    };
    let errors = load(&[file(&open)], &[]).unwrap_err();
    assert_snapshot!(folder.shown(&errors), @"secrets.keys.k1_file: the file DIR/open.key can be read by others (mode 640): chmod 600");
    let settings = load(&[file(&kept)], &[]).unwrap();
    assert!(settings.secrets.keys.contains_key("k1"));
    let variable = ("SYMBOLON__SECRETS__KEYS__K1_FILE", kept.to_str().unwrap());
    assert_eq!(load(&[], &[variable]).unwrap().secrets.active, "k1");
    let missing = ("SYMBOLON__SECRETS__KEYS__K1_FILE", "/nowhere/k1");
    assert_snapshot!(load(&[], &[missing]).unwrap_err(), @"secrets.keys.k1_file: the file /nowhere/k1 cannot be read: No such file or directory (os error 2)");
}

#[test]
fn a_key_inside_a_file_makes_that_file_a_secret() {
    let folder = Folder::new();
    let text = format!("[secrets.keys]\nk1 = \"{KEY}\"\n");
    let open = folder.file("open.toml", &text, 0o644);
    assert_snapshot!(folder.shown(&load(&[open], &[]).unwrap_err()), @"secrets.keys.k1: stands in DIR/open.toml, which can be read by others (mode 644): chmod 600");
    let kept = folder.file("kept.toml", &text, 0o600);
    assert!(load(&[kept], &[]).is_ok());
}

#[test]
fn the_database_url_may_stand_in_a_file() {
    let folder = Folder::new();
    let url = "postgres://symbolon:pa55word@db.example/symbolon?sslpassword=pa55word";
    let path = folder.file("url", url, 0o600);
    let from_file = ("SYMBOLON__DATABASE__URL_FILE", path.to_str().unwrap());
    let settings = load(&[], &[KEY_VARIABLE, from_file]).unwrap();
    assert_eq!(settings.database.url.expose(), url);
    let redacted = settings.database.url.redacted();
    assert_snapshot!(redacted, @"postgres://symbolon:***@db.example/symbolon?***");
    let both = [KEY_VARIABLE, from_file, ("SYMBOLON__DATABASE__URL", "sqlite:a.sqlite")];
    assert_snapshot!(load(&[], &both).unwrap_err(), @"database.url_file: database.url is given too: give only one");
    let unknown = problems("[database]\nurl = \"mysql://a:pa55word@b/c\"\n");
    assert_snapshot!(unknown, @r#"database.url: expected "sqlite:PATH" or "postgres://user:password@host/name" (in DIR/a.toml)"#);
}

#[test]
fn no_secret_is_ever_shown() {
    let url = "postgres://symbolon:pa55word@db.example/symbolon";
    let settings = load(&[], &[KEY_VARIABLE, ("SYMBOLON__DATABASE__URL", url)]).unwrap();
    for shown in [format!("{settings:?}"), format!("{settings:#?}"), settings.print_redacted()] {
        assert!(!shown.contains(KEY) && !shown.contains("pa55word"), "{shown}");
        assert!(!shown.contains("171, 205"), "{shown}");
    }
    // Wrong places and broken files: nothing of the text may come back.
    let broken = [
        format!("[secrets.keys]\nk1 = {KEY}\n"),
        format!("[secrets.keys]\nk1 = \"{KEY}\nk2 = 1\n"),
        format!("[secrets]\nactive = \"{KEY}\"\n"),
        format!("[secrets]\nkeys = \"{KEY}\"\n"),
        format!("[secrets]\nkey = \"{KEY}\"\n"),
        format!("[secrets.keys]\n\"{KEY}\" = \"x\"\n"),
        format!("[secrets.keys]\nk1 = [\"{KEY}\"]\n"),
        format!("[secrets.keys]\nk1 = \"{KEY}{KEY}\"\n"),
        format!("[database]\nurl = [\"{KEY}\"]\n"),
        format!("[database]\nurl = \"{KEY}\"\n"),
    ];
    for toml in broken {
        let folder = Folder::new();
        let errors = load(&[folder.file("a.toml", &toml, 0o600)], &[]).unwrap_err();
        for shown in [errors.to_string(), format!("{errors:?}")] {
            assert!(!shown.contains(KEY), "{toml}\n{shown}");
        }
    }
}

#[test]
fn the_schema_names_every_key() {
    let schema = Settings::schema();
    let names: Vec<String> = schema["properties"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(section, value)| {
            let keys = value["properties"].as_object().unwrap().keys();
            format!("{section}: {}", keys.cloned().collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert_snapshot!(names.join("\n"), @r#"
    api: listen_on_main
    database: acquire_timeout pool_size url url_file
    entra: clouds
    http: listen management_listen public_url tls trusted_proxies
    keys: active_for publish_before retire_for
    limits: request_bytes request_timeout shutdown_timeout
    outgoing: allow_private connect_timeout extra_ca_file max_response_bytes timeout
    plugins: cache_folder concurrent_calls concurrent_calls_per_tenant fuel memory_bytes require_signature timeout trusted_keys
    rate_limits: address api callback device enabled registration sign_in token user_code
    secrets: active keys
    sessions: absolute idle
    sign_in: attempt_lifetime code_lifetime
    telemetry: filter log_format
    "#);
    assert_eq!(schema["properties"]["http"]["additionalProperties"], false);
}

#[test]
fn feat_b5_tls_in_the_process_needs_an_https_address() {
    let tls = "[http.tls]\ncertificate_file = \"a.pem\"\nkey_file = \"a.key\"\n";
    let folder = Folder::new();
    let settings = load(&[folder.file("a.toml", tls, 0o644)], &[KEY_VARIABLE]).unwrap();
    assert_eq!(settings.http.public_url.as_str(), "https://localhost:8080");
    let shown = settings.print_redacted();
    assert!(shown.contains("[http.tls]\ncertificate_file = \"a.pem\""), "{shown}");
    let plain = format!("[http]\npublic_url = \"http://localhost:8080\"\n{tls}");
    assert_snapshot!(problems(&plain), @"http.public_url: must begin with https:// when http.tls is set: the listener speaks nothing else");
    assert_snapshot!(problems("[http.tls]\ncertificate_file = \"a.pem\"\n"), @r#"http.tls: missing configuration field "tls.key_file""#);
    assert_snapshot!(problems("[http.tls]\nkey = \"a.pem\"\n"), @"http.tls: unknown field `key`, expected `certificate_file` or `key_file`");
    let variables = [
        KEY_VARIABLE,
        ("SYMBOLON__HTTP__TLS__CERTIFICATE_FILE", "b.pem"),
        ("SYMBOLON__HTTP__TLS__KEY_FILE", "b.key"),
    ];
    let tls = load(&[], &variables).unwrap().http.tls.unwrap();
    assert_eq!(tls.key_file, PathBuf::from("b.key"));
}

#[test]
fn feat_b3_the_management_listener_has_an_address_of_its_own() {
    let both = "[http]\nlisten = \"127.0.0.1:1\"\nmanagement_listen = \"127.0.0.1:1\"\n";
    assert_snapshot!(problems(both), @"http.management_listen: is the same as http.listen: give it an address of its own");
    let variables = [KEY_VARIABLE, ("SYMBOLON__HTTP__MANAGEMENT_LISTEN", "10.0.0.1:9090")];
    let settings = load(&[], &variables).unwrap();
    assert_eq!(settings.http.management_listen.unwrap().port(), 9090);
}

#[test]
fn entra_e06_the_operator_adds_clouds_by_file_and_by_variable() {
    let folder = Folder::new();
    let text = "[entra.clouds.private]\nauthority = \"https://login.private.example\"\n\
                aliases = [\"sts.private.example\"]\n";
    let file = folder.file("a.toml", text, 0o644);
    let variables = [
        KEY_VARIABLE,
        ("SYMBOLON__ENTRA__CLOUDS__PRIVATE__GRAPH", "https://graph.private.example"),
        ("SYMBOLON__ENTRA__CLOUDS__MOCK__AUTHORITY", "http://127.0.0.1:9000"),
        ("SYMBOLON__ENTRA__CLOUDS__MOCK__ALIASES", "a.example, b.example"),
    ];
    let settings = load(&[file], &variables).unwrap();
    let clouds = settings.entra.clouds();
    let private = clouds.find("private").unwrap();
    assert_eq!(private.issuer("t"), "https://login.private.example/t/v2.0");
    assert_eq!(private.graph.as_ref().unwrap().as_str(), "https://graph.private.example/");
    assert_eq!(private.token_exchange_audience, "api://AzureADTokenExchange");
    let mock = clouds.find("mock").unwrap();
    assert_eq!((mock.authority.port(), mock.aliases.len()), (Some(9000), 2));
    assert!(clouds.find("global").is_some(), "the built-in ones stay");
    let shown = settings.print_redacted();
    let private = "[entra.clouds.private]\nauthority = \"https://login.private.example\"\ngraph = ";
    assert!(shown.contains(private), "{shown}");
}

#[test]
fn entra_e07_a_cloud_that_cannot_be_trusted_is_refused() {
    let wrong = [
        "authority = \"http://login.private.example\"",
        "authority = \"https://login.private.example/common\"",
        "authority = \"https://a.example\"\ngraph = \"http://a.example\"",
        "graph = \"https://a.example\"",
        "authority = \"https://a.example\"\ntenant = \"x\"",
        "authority = \"https://a.example\"\naliases = [\"https://b.example\"]",
        "authority = \"https://a.example\"\ntoken_exchange_audience = \" \"",
    ];
    let told: Vec<String> =
        wrong.iter().map(|text| problems(&format!("[entra.clouds.x]\n{text}\n"))).collect();
    assert_snapshot!(told.join("\n"), @r#"
    entra.clouds.x: plain http is only for localhost, 127.0.0.1 or [::1]: use https
    entra.clouds.x: must not hold a path: only scheme, host and port
    entra.clouds.x: plain http is only for localhost, 127.0.0.1 or [::1]: use https
    entra.clouds.x: missing configuration field "clouds.x.authority"
    entra.clouds.x: unknown field `tenant`, expected one of `authority`, `graph`, `aliases`, `graph_aliases`, `token_exchange_audience`
    entra.clouds.x.aliases: expected host names such as "login.example.com", without https:// and path
    entra.clouds.x.token_exchange_audience: must not be empty
    "#);
    let name = "[entra.clouds.X-Y]\nauthority = \"https://a.example\"\n";
    assert_snapshot!(problems(name), @"entra.clouds.X-Y: a cloud's name has 1 to 32 characters of a-z, 0-9 or _");
}
