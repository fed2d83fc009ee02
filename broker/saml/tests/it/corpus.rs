//! The documents of `tests/hostile/` and what must come of each (`verdicts.json`).

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;
use symbolon_saml::policy::SignedParts;
use symbolon_saml::response::{Reading, VerifiedAssertion};

use crate::forge::template::forge;
use crate::forge::{Scene, verdict};

/// One row of `verdicts.json`.
pub(crate) struct Row {
    pub(crate) ids: Vec<String>,
    pub(crate) about: String,
    verdict: String,
    pub(crate) file: String,
    before: Vec<(String, String)>,
    after: Vec<(String, String)>,
    scene: Scene,
    json: Value,
}

pub(crate) static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let text = fs::read_to_string(folder().join("verdicts.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    rows.into_iter().map(row).collect()
});

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}

fn row(json: Value) -> Row {
    const KNOWN: [&str; 15] = [
        "file",
        "ids",
        "verdict",
        "about",
        "before",
        "after",
        "trust",
        "sha1",
        "signed",
        "solicited",
        "force_authn",
        "contexts",
        "name_id",
        "mail",
        "status",
    ];
    for name in json.as_object().unwrap().keys() {
        assert!(KNOWN.contains(&name.as_str()), "{name} means nothing");
    }
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    let mut scene = Scene::default();
    if json["trust"].is_array() {
        scene.trust = texts(&json["trust"]);
    }
    scene.sha1 = json["sha1"] == true;
    scene.solicited = json["solicited"] != false;
    scene.force_authn = json["force_authn"] == true;
    scene.contexts = texts(&json["contexts"]);
    scene.signed = match json["signed"].as_str() {
        Some("assertion") => SignedParts::Assertion,
        Some("response") => SignedParts::Response,
        Some("both") => SignedParts::Both,
        _ => SignedParts::Either,
    };
    Row {
        ids: texts(&json["ids"]),
        about: text("about"),
        verdict: text("verdict"),
        file: text("file"),
        before: pairs(&json["before"]),
        after: pairs(&json["after"]),
        scene,
        json,
    }
}

fn texts(json: &Value) -> Vec<String> {
    json.as_array().into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn pairs(json: &Value) -> Vec<(String, String)> {
    let pairs = json.as_array().into_iter().flatten();
    pairs.map(|pair| (texts(pair)[0].clone(), texts(pair)[1].clone())).collect()
}

impl Row {
    pub(crate) fn document(&self) -> String {
        let template = fs::read_to_string(folder().join(&self.file)).unwrap();
        forge(&template, &self.before, &self.after)
    }

    /// What is wrong, if anything is.
    fn judge(&self) -> Option<String> {
        let reading = self.scene.read(self.document().as_bytes());
        let seen = verdict(&reading);
        let wrong = (seen != self.verdict).then(|| format!("{seen} instead of {}", self.verdict));
        let wrong = wrong.or_else(|| self.says_otherwise(&reading))?;
        Some(format!("{} {:?} ({}): {wrong}\n{:#?}", self.file, self.ids, self.about, reading))
    }

    fn says_otherwise(&self, reading: &Reading) -> Option<String> {
        let failed = reading.checks.iter().any(|check| check.fault.is_some());
        let status = self.json["status"].as_str();
        match &reading.outcome {
            Ok(_) if failed => Some("accepted with a failed check".to_owned()),
            Ok(assertion) => self.names_another(assertion),
            Err(_) if !failed => Some("refused without a failed check".to_owned()),
            Err(problem) => {
                let message = problem.status.as_ref().and_then(|status| status.message.as_deref());
                (status.is_some() && message != status).then(|| format!("status {message:?}"))
            }
        }
    }

    fn names_another(&self, assertion: &VerifiedAssertion) -> Option<String> {
        let name = self.json["name_id"].as_str().expect("whom a positive row lets in");
        if assertion.name_id.value != name {
            return Some(format!("lets in {}", assertion.name_id.value));
        }
        let mail = self.json["mail"].as_str()?;
        let values = &assertion.attributes.first()?.values;
        (values != &[mail]).then(|| format!("reads {values:?}"))
    }
}

/// Judges every row of an id; an honest response in the same run, because refusing everything proves nothing.
pub(crate) fn run(id: &str) {
    let rows = || ROWS.iter().filter(|row| row.ids.iter().any(|one| one == id));
    assert!(rows().next().is_some(), "no row for {id}");
    let honest = ROWS.iter().filter(|row| row.ids == ["OK"] && row.verdict == "accepted").take(3);
    let wrong: Vec<_> = rows().chain(honest).filter_map(Row::judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Tidiness: every file is used, every verdict is a reason code.
#[test]
fn every_document_has_a_verdict_and_every_verdict_a_reason_code() {
    let known = |code: &str| {
        code == "accepted" || symbolon_saml::Fault::ALL.iter().any(|fault| fault.code() == code)
    };
    for row in ROWS.iter() {
        assert!(known(&row.verdict), "{}", row.verdict);
    }
    for file in fs::read_dir(folder()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let used = ROWS.iter().any(|row| row.file == name);
        assert!(used || !name.ends_with(".xml"), "{name} is not used");
    }
}
