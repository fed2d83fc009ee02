//! What the program listens on, and with which certificate.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr};

use serde_json::Value;

use super::Installation;
use crate::tls::Authority;

const TLS: &str = r#"
[http]
listen = "127.0.0.1:0"
management_listen = "127.0.0.1:0"
public_url = "https://login.example.com"

[http.tls]
certificate_file = "tls.pem"
key_file = "tls.key"

[secrets.keys]
k1_file = "k1.key"
"#;

/// The program, serving until dropped.
pub(super) struct Serving {
    child: Child,
    log: BufReader<ChildStderr>,
    ready: Value,
}

impl Serving {
    pub(super) fn start(here: &Installation, variables: &[(&str, &str)]) -> Self {
        let mut command = here.command(super::PROGRAM);
        command.args(["--config", "symbolon.toml", "serve"]).envs(variables.iter().copied());
        command.env("SYMBOLON__TELEMETRY__LOG_FORMAT", "json");
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut serving = Self { child, log, ready: Value::Null };
        while serving.ready["message"] != "ready" {
            let mut line = String::new();
            let read = serving.log.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it ended before it was ready");
            serving.ready = serde_json::from_str(&line).unwrap();
        }
        serving
    }

    /// Status line and body of a plain GET at an address of the ready line.
    fn get(&self, listener: &str, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(self.ready[listener].as_str().unwrap()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        // A TLS listener may break the connection.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ends it; what it logged since it was ready.
    pub(super) fn end(mut self) -> String {
        self.child.kill().unwrap();
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Also when the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn feat_b3_what_operators_need_is_bound_apart_and_shows_nothing_else() {
    let here = Installation::with_tenant();
    let separate = [("SYMBOLON__HTTP__MANAGEMENT_LISTEN", "127.0.0.1:0")];
    let serving = Serving::start(&here, &separate);
    let (host, discovery) = ("login.example.com", "/t/contoso/.well-known/openid-configuration");
    assert!(serving.get("management_listen", "/readyz", host).starts_with("HTTP/1.1 200"));
    for path in [discovery, "/t/contoso/login", "/"] {
        let answer = serving.get("management_listen", path, host);
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    assert!(serving.get("listen", discovery, host).starts_with("HTTP/1.1 200"));
    serving.end();
    // Without the setting there is one listener.
    let serving = Serving::start(&here, &[]);
    assert_eq!(serving.ready["management_listen"], Value::Null);
    serving.end();
}

#[test]
fn feat_n16_another_host_is_logged_once_for_the_operator() {
    let here = Installation::with_tenant();
    let serving = Serving::start(&here, &[]);
    let begin = ["/t/contoso/login", "/t/contoso/authorize?client_id=wiki"];
    for path in begin.into_iter().cycle().take(6) {
        serving.get("listen", path, "login.wrong.example");
        serving.get("listen", path, "login.example.com:443");
    }
    // Machines ask for documents by whatever name they know.
    serving.get("listen", "/t/contoso/jwks", "10.0.0.7");
    let log = serving.end();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("another host")).collect();
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(warnings[0].contains("login.wrong.example"), "{log}");
    assert!(!log.contains("10.0.0.7"), "{log}");
}

#[test]
fn feat_b41_the_main_listener_speaks_tls_alone() {
    let here = secure(2, |_| ());
    here.ok("migrate");
    let serving = Serving::start(&here, &[]);
    let plain = serving.get("listen", "/livez", "login.example.com");
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
    let health = serving.get("management_listen", "/livez", "login.example.com");
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    serving.end();
}

/// An installation with a certificate that ends in so many years, and something done to it.
fn secure(years: i32, spoil: impl FnOnce(&Installation)) -> Installation {
    let here = Installation::new();
    here.write("symbolon.toml", TLS);
    let now = symbolon_identity::clock::Clock::now(&symbolon_identity::clock::SystemClock);
    let year = chrono::Datelike::year(&now) + years;
    let issued = Authority::new().issue("login.example.com", year);
    here.write("tls.pem", &issued.certificate);
    here.write("tls.key", &issued.key);
    spoil(&here);
    here
}

#[test]
fn feat_b41_a_certificate_that_cannot_be_served_refuses_the_start() {
    let other = Authority::new().issue("login.example.com", 4000);
    let open = |here: &Installation| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(here.path("tls.key"), mode).unwrap();
    };
    let gone = |here: &Installation| std::fs::remove_file(here.path("tls.pem")).unwrap();
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cases = [
        (
            secure(2, |here| here.write("tls.key", &other.key)),
            "key_file: the key of tls.key does not fit",
        ),
        (
            secure(2, |here| here.write("tls.key", "no key")),
            "key_file: the file tls.key holds no private key",
        ),
        (secure(2, open), "key_file: the file tls.key can be read by everybody (mode 644)"),
        (secure(-2, |_| ()), "certificate_file: the certificate of tls.pem ended at "),
        (secure(2, gone), "certificate_file: the file tls.pem cannot be read"),
        (
            secure(2, |here| here.write("tls.pem", &other.key)),
            "certificate_file: the file tls.pem holds no certificate",
        ),
        (
            secure(2, |here| here.write("tls.pem", damaged)),
            "certificate_file: the first certificate of tls.pem is damaged",
        ),
    ];
    for (here, expected) in cases {
        for words in ["config check", "serve"] {
            let refusal = here.refused(78, words);
            assert!(refusal.contains(&format!("http.tls.{expected}")), "{words}: {refusal}");
        }
        // Whoever mends it may need the other commands.
        here.ok("migrate");
        let doctor = here.run("doctor");
        assert_eq!(doctor.status, 1, "{doctor:?}");
        assert!(doctor.stdout.contains(expected), "{doctor:?}");
    }
}

#[test]
fn feat_b41_doctor_says_when_the_certificate_ends() {
    let here = secure(2, |_| ());
    assert_eq!(here.ok("config check"), "the configuration is fine\n");
    here.ok("migrate");
    let certificate = || {
        let checks = here.run("doctor --json").stdout;
        let checks: Vec<Value> = serde_json::from_str(&checks).unwrap();
        checks.into_iter().find(|check| check["check"] == "certificate").unwrap()
    };
    let fine = certificate();
    let seen = fine["seen"].as_str().unwrap();
    assert!(
        fine["ok"] == "yes" && seen.contains("-01-01, in ") && seen.ends_with(" days"),
        "{fine}"
    );
    assert_eq!(fine["fix"], Value::Null);
    let other = Authority::new().issue("other.example.com", 4000);
    here.write("tls.pem", &other.certificate);
    here.write("tls.key", &other.key);
    let wrong = certificate();
    assert_eq!(wrong["ok"], "no");
    assert_eq!(wrong["seen"], "does not name login.example.com, the host of http.public_url");
}
