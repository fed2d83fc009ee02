//! `symbolon plugin`: what an author does on his own machine, without server, database or configuration.

mod build;
mod inspect;
mod new;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{Installation, PROGRAM, Run};

/// A folder of an author's.
struct Workshop {
    folder: TempDir,
}

impl Workshop {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Words are separated by blanks; `@` begins a path in `plugins/`.
    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().current_dir(self.folder.path());
        for word in words.split_whitespace() {
            match word.strip_prefix('@') {
                Some(path) => command.arg(plugins(path)),
                None => command.arg(word),
            };
        }
        command
    }

    fn run(&self, words: &str) -> Run {
        let output = self.command(words).output().unwrap();
        let run = Run {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!run.stderr.contains("panicked"), "{run:?}");
        run
    }

    fn ok(&self, words: &str) -> String {
        let run = self.run(words);
        assert_eq!(run.status, 0, "{words}: {run:?}");
        run.stdout
    }

    fn json(&self, words: &str) -> Value {
        serde_json::from_str(&self.ok(&format!("{words} --json"))).unwrap()
    }

    fn refused(&self, words: &str) -> String {
        let run = self.run(words);
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{words}: {run:?}");
        run.stderr
    }
}

fn plugins(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins").join(path)
}

const SEATS: &str = "@dist/examples/rust.wasm";

#[test]
fn wp120_the_shared_cases_pass_and_say_their_fuel() {
    let here = Workshop::new();
    let rows = here.json(&format!("plugin test @examples/cases --plugin {SEATS}"));
    assert!(rows.as_array().unwrap().len() >= 12, "{rows}");
    for row in rows.as_array().unwrap() {
        assert_eq!(row["result"], "as expected", "{row}");
        let failed = row["seen"].get("failure").is_some();
        assert_eq!(row["fuel"].as_u64().is_some_and(|fuel| fuel > 1_000), !failed, "{row}");
    }
    let text = here.ok(&format!("plugin test {SEATS} @examples/cases"));
    assert!(text.contains("cases, 0 different"), "{text}");
}

/// Two cases beside the component, one of them without `expected.json`.
fn with_cases() -> Workshop {
    let here = Workshop::new();
    fs::copy(plugins("dist/examples/rust.wasm"), here.path("seats.wasm")).unwrap();
    for file in ["config.json", "retail/login.json", "retail/expected.json"] {
        let text = fs::read_to_string(plugins("examples/cases").join(file)).unwrap();
        here.write(&format!("cases/{file}"), text);
    }
    here.write("cases/nobody/login.json", "{}");
    here
}

#[test]
fn wp120_a_difference_is_shown_and_exits_with_1() {
    let here = with_cases();
    let wrong = here.read("cases/retail/expected.json").replace("\"store\"", "\"admin\"");
    here.write("cases/retail/expected.json", wrong);
    let run = here.run("plugin test");
    assert_eq!(run.status, 1);
    for part in [
        "nothing expected",
        "different",
        "-         \"role\": \"admin\"",
        "+         \"role\": \"store\"",
        "+     \"code\": \"no_email\"",
        "2 cases, 2 different",
    ] {
        assert!(run.stdout.contains(part), "{part} is not in {}", run.stdout);
    }
}

#[test]
fn wp120_update_writes_what_is_decided_now() {
    let here = with_cases();
    here.ok("plugin test --update");
    assert_eq!(
        here.read("cases/nobody/expected.json"),
        "{\n  \"failure\": {\n    \"code\": \"no_email\"\n  }\n}\n"
    );
    assert!(here.ok("plugin test cases").contains("2 cases, 0 different"));
}

#[test]
fn wp120_what_cannot_be_run_is_said() {
    let here = with_cases();
    here.write("empty/readme", "");
    for (words, says) in [
        ("plugin test nowhere", "nowhere"),
        ("plugin test empty --plugin seats.wasm", "no case"),
        ("plugin test cases empty", "one folder"),
        ("plugin test cases seats.wasm --plugin seats.wasm", "one component"),
    ] {
        let refusal = here.refused(words);
        assert!(refusal.contains(says), "{words}: {refusal}");
    }
    fs::copy(here.path("seats.wasm"), here.path("second.wasm")).unwrap();
    assert!(here.refused("plugin test").contains("--plugin"));
    here.write("cases/retail/login.json", "{ \"claim\": {} }");
    assert!(here.refused("plugin test cases seats.wasm").contains("retail/login.json"));
}

#[test]
fn wp121_one_sign_in_is_mapped_and_priced() {
    let here = with_cases();
    let done = here.json("plugin run seats.wasm --login cases/retail/login.json");
    assert_eq!(done["outcome"]["allow"]["grants"][0]["role"], "store");
    assert!(done["fuel"].as_u64().unwrap() > 1_000 && done["fuel_limit"] == 50_000_000, "{done}");
    let none = here.run("plugin run seats.wasm --login cases/nobody/login.json");
    assert_eq!(none.status, 1);
    assert!(none.stderr.contains("plugin.failed"), "{none:?}");
    here.write("rules.json", "{}");
    let other =
        here.json("plugin run seats.wasm --login cases/retail/login.json --rules rules.json");
    assert_eq!(other["outcome"]["allow"]["grants"], serde_json::json!([]));
}

#[test]
fn wp61_a_limit_is_named_as_the_server_names_it() {
    let here = Workshop::new();
    for (behaviour, reason) in [("loop", "plugin.fuel_exhausted"), ("trap", "plugin.trap")] {
        here.write("login.json", format!("{{ \"subject\": \"{behaviour}\" }}"));
        let run = here.run("plugin run @dist/misbehaving.wasm --login login.json");
        assert_eq!(run.status, 1);
        assert!(run.stderr.contains(reason) && run.stdout.contains(reason), "{run:?}");
    }
}

#[test]
fn wp121_the_share_of_a_signature_is_measured_in_the_same_run() {
    let here = with_cases();
    let figures = here.json("plugin bench seats.wasm --login cases/retail/login.json --calls 5");
    assert_eq!(figures["calls"], 5);
    let number = |name: &str| figures[name].as_f64().unwrap();
    assert!(number("fuel") > 1_000.0 && number("rsa_2048_micros") > 0.0, "{figures}");
    assert!(number("rsa_ratio") > 0.0 && number("p99_micros") >= number("median_micros"));
}

const KEY: &str = "RWQIBwYFBAMCAYKLTefYBhCvhTHF/Vcys1SS+7BoxPho5VRNr/xnrlPF";
const SIGNATURE: &str = "untrusted comment: signature
RUQIBwYFBAMCAaIQenZZLRfiJlMrMOHt1HAI+nDzE9WQ8xsNgmTh20jUxqmfF5zRId0SRiYs7HZWzlZgH72RgUuEdhvOeEqo+Ao=
trusted comment: timestamp:1750000000\tfile:plugin.wasm
KxC+Ipv42EhsbMMfjtXw4FVA4waWtLGbuL59YgbLLxh6thSGkKPzGpZ409VQhdoA3ijZQfYKdLhu7awaqOJbCA==
";

#[test]
fn wp122_a_signature_fits_or_it_does_not() {
    let here = Workshop::new();
    here.write("minisign.pub", format!("untrusted comment: minisign public key\n{KEY}\n"));
    here.write("plugin.wasm.minisig", SIGNATURE);
    here.write("plugin.wasm", "a component");
    let words = "plugin verify plugin.wasm plugin.wasm.minisig --key minisign.pub";
    assert_eq!(here.json(words)["signed_by"].as_str().unwrap().len(), 16);
    here.write("plugin.wasm", "another component");
    assert!(here.refused(words).contains("plugin.signature_refused"));
}

#[test]
fn wp66_the_hidden_command_compiles_and_does_nothing_else() {
    let here = Workshop::new();
    let component = fs::read(plugins("dist/examples/rust.wasm")).unwrap();
    let compile = |bytes: &[u8]| {
        here.write("in", bytes);
        let mut command = here.command("plugin-compile");
        command.stdin(fs::File::open(here.path("in")).unwrap()).output().unwrap()
    };
    let done = compile(&component);
    assert!(done.status.success() && done.stdout.len() > component.len(), "{:?}", done.stderr);
    let refused = compile(b"no component");
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0));
    assert!(!here.ok("--help").contains("plugin-compile"));
}

#[test]
fn wp23_the_form_is_one_file_that_needs_no_server() {
    let here = Workshop::new();
    here.ok(&format!("plugin form {SEATS} -o form.html"));
    let html = here.read("form.html");
    assert!(!html.contains("/static/"), "{html}");
    let document = scraper::Html::parse_document(&html);
    let field = scraper::Selector::parse("input[name='config/departments/1~key']").unwrap();
    let retail = document.select(&field).next().unwrap();
    assert_eq!(retail.attr("value"), Some("Retail"));
    // Nothing else of an installation is asked for.
    assert!(!here.path("symbolon.sqlite").exists());
    assert!(Installation::new().run("plugin check missing.wasm").stderr.contains("missing.wasm"));
}
