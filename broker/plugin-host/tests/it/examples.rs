//! The worked example in four languages: the committed components decide alike (WP-125), without toolchains.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use symbolon_contract::{Attribute, MappingDecision, MappingRequest, PluginDigest};
use symbolon_plugin_host::{CallError, Class, HostOptions, Limits, PluginHost};

use crate::world::{limits, tenant};

const LANGUAGES: [&str; 4] = ["c", "javascript", "python", "rust"];

fn repository() -> PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".into());
    Path::new(&here).join("../..")
}

fn examples() -> PathBuf {
    repository().join("plugins/examples")
}

fn dist() -> PathBuf {
    repository().join("plugins/dist/examples")
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Python's component is committed compressed: a third of its 18 MB.
fn component(language: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    if language == "python" {
        let packed = fs::File::open(dist().join("python.wasm.gz")).unwrap();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    } else {
        bytes = fs::read(dist().join(format!("{language}.wasm"))).unwrap();
    }
    bytes
}

struct Example {
    host: PluginHost,
    digest: PluginDigest,
    language: &'static str,
}

impl Example {
    async fn load(language: &'static str, class: Class) -> Self {
        // componentize-py makes 38 core modules.
        let large = Limits { max_modules: 64, ..limits().large() };
        let options =
            HostOptions { limits: limits(), large: Some(large), ..HostOptions::default() };
        let host = PluginHost::with(options).unwrap();
        let digest = host.load_as(Arc::from(component(language)), class).await.unwrap().digest;
        Self { host, digest, language }
    }

    async fn agrees(&self) {
        self.describes_itself_alike().await;
        self.finds_the_same_errors().await;
        let cases = examples().join("cases");
        let mut seen = 0;
        for entry in fs::read_dir(&cases).unwrap() {
            let case = entry.unwrap().path();
            if case.is_dir() {
                self.decides(&case, &cases.join("config.json")).await;
                seen += 1;
            }
        }
        assert!(seen >= 12, "only {seen} cases");
    }

    /// Compared as text, so that the order of fields, grants and notes counts too.
    async fn decides(&self, case: &Path, shared: &Path) {
        let own = case.join("config.json");
        let config = fs::read_to_string(if own.exists() { &own } else { shared }).unwrap();
        let request = request(&json_of(&case.join("login.json")));
        let expected = json_of(&case.join("expected.json"));
        let at = format!("{} in {}", case.display(), self.language);
        match self.host.map_login(&tenant(), &self.digest, &config, request).await {
            Ok(report) => {
                let expected: MappingDecision = serde_json::from_value(expected).unwrap();
                let text = |decision| serde_json::to_string(decision).unwrap();
                assert_eq!(text(&report.decision), text(&expected), "{at}");
                assert!(report.fuel_used < 10_000_000, "{at}: {} fuel", report.fuel_used);
            }
            Err(CallError::Failed(failure)) => {
                assert_eq!(json!({"failure": {"code": failure.code}}), expected, "{at}");
            }
            Err(error) => panic!("{at}: {error}"),
        }
    }

    async fn describes_itself_alike(&self) {
        let seen = self.host.describe(&self.digest).await.unwrap();
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!((seen.name.as_str(), seen.version.as_str()), ("seat-planner", "0.1.0"));
        assert_eq!(seen.summary, "Seats by office, roles by department.");
        let rust = examples().join("rust");
        assert_eq!(parsed(&seen.config_schema), json_of(&rust.join("rules.schema.json")));
        assert_eq!(parsed(&seen.example_config), json_of(&examples().join("cases/config.json")));
        assert_eq!(self.findings(&seen.example_config).await, Vec::<String>::new());
    }

    async fn findings(&self, config: &str) -> Vec<String> {
        let found = self.host.check_config(&tenant(), &self.digest, config).await.unwrap();
        let line = |one: symbolon_contract::Diagnostic| {
            format!("{:?} {} {}", one.severity, one.path, one.message)
        };
        found.into_iter().map(line).collect()
    }

    async fn finds_the_same_errors(&self) {
        let config = json!({
            "admin_group": "a b", "contractor_domain": "@partner.example", "seats": 3, "a/b": 1,
            "departments": {"Retail": "store keeper", " Sales": "store", "R/D~": null, "Ok": "a"},
        });
        let unknown = "unknown key; known are admin_group, contractor_domain, departments";
        let role = "not a role name: 1 to 64 characters of a-z, A-Z, 0-9, '.', '_', ':' or '-'";
        let line = "a department must be one line without spaces around it";
        let expected = [
            format!("Error /a~1b {unknown}"),
            format!("Error /seats {unknown}"),
            format!("Error /departments/ Sales {line}"),
            format!("Error /departments/R~1D~0 {role}"),
            format!("Error /departments/Retail {role}"),
            "Error /contractor_domain must be a domain without @, such as partner.example".into(),
            "Error /admin_group must be the object id of a group".into(),
        ];
        assert_eq!(self.findings(&config.to_string()).await, expected, "{}", self.language);
        let nobody = ["Info /admin_group is not set, so that nobody becomes admin"];
        assert_eq!(self.findings(" ").await, nobody, "{}", self.language);
        assert_eq!(self.findings("[]").await, ["Error  the rules must be a JSON object"]);
        for damaged in ["{", "{\"departments\": {}} x", "nul", "01", "{\"a\": \"\\x\"}"] {
            let found = self.findings(damaged).await;
            assert!(found.len() == 1 && found[0].starts_with("Error  not JSON"), "{found:?}");
        }
    }
}

/// A `login.json`, in which everything may be left out.
fn request(login: &Value) -> MappingRequest {
    let text = |key: &str, default: &str| login[key].as_str().unwrap_or(default).to_owned();
    let object = |key: &str| login[key].as_object().cloned().unwrap_or_default();
    let groups = login["groups"].as_array().cloned().unwrap_or_default();
    let claims: Map<String, Value> = object("claims");
    let extra = object("extra");
    MappingRequest {
        purpose: "preview".to_owned(),
        connector: text("connector", "example"),
        kind: text("kind", "oidc"),
        issuer: text("issuer", "https://issuer.example"),
        subject: text("subject", "subject"),
        now: login["now"].as_u64().unwrap_or(1_750_000_000),
        attributes: claims.iter().filter_map(|(name, value)| attribute(name, value)).collect(),
        claims_json: Value::Object(claims).to_string(),
        groups: groups.iter().filter_map(scalar).collect(),
        groups_complete: login["groups_complete"].as_bool().unwrap_or(true),
        extra: extra
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), scalar(value)?)))
            .collect(),
    }
}

fn attribute(name: &str, value: &Value) -> Option<Attribute> {
    let values = match value {
        Value::Array(values) => values.iter().map(scalar).collect::<Option<Vec<_>>>()?,
        single => vec![scalar(single)?],
    };
    Some(Attribute { name: name.to_owned(), values })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[tokio::test]
async fn wp125_the_example_in_rust() {
    Example::load("rust", Class::Standard).await.agrees().await;
}

#[tokio::test]
async fn wp125_the_example_in_javascript() {
    Example::load("javascript", Class::Standard).await.agrees().await;
}

#[tokio::test]
async fn wp125_the_example_in_c() {
    Example::load("c", Class::Standard).await.agrees().await;
}

#[tokio::test]
async fn wp125_wp16_the_example_in_python_in_the_large_class() {
    Example::load("python", Class::Large).await.agrees().await;
}

fn build_info() -> toml::Table {
    fs::read_to_string(dist().join("BUILDINFO.toml")).unwrap().parse().unwrap()
}

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        found.push(path.to_owned());
    } else {
        for entry in fs::read_dir(path).unwrap() {
            files(&entry.unwrap().path(), found);
        }
    }
}

/// As in `plugins/examples/build.sh`.
fn hash_of(inputs: &[toml::Value]) -> String {
    let root = repository();
    let mut found = Vec::new();
    for input in inputs {
        files(&root.join(input.as_str().unwrap()), &mut found);
    }
    let line = |path: &PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        (name, PluginHost::digest_of(&fs::read(path).unwrap()))
    };
    let mut lines: Vec<_> = found.iter().map(line).collect();
    lines.sort();
    let list: String = lines.iter().map(|(name, hash)| format!("{hash}  {name}\n")).collect();
    PluginHost::digest_of(list.as_bytes()).to_string()
}

#[test]
fn wp127_the_examples_are_built_from_these_sources() {
    let info = build_info();
    assert_eq!(info.keys().collect::<Vec<_>>(), LANGUAGES);
    for (language, of) in &info {
        let inputs = of["inputs_of"].as_array().unwrap();
        let own = format!("plugins/examples/{language}/");
        assert!(inputs.iter().any(|one| one.as_str().unwrap().starts_with(&own)));
        let rebuild = format!("run plugins/examples/build.sh {language}");
        assert!(hash_of(inputs) == of["inputs"].as_str().unwrap(), "changed: {rebuild}");
    }
}

#[test]
fn wp126_the_examples_are_the_recorded_ones() {
    for (language, of) in build_info() {
        let bytes = fs::read(dist().join(of["file"].as_str().unwrap())).unwrap();
        let recorded = of["sha256"].as_str().unwrap();
        assert_eq!(PluginHost::digest_of(&bytes).as_str(), recorded, "{language}");
    }
}

#[test]
fn each_folder_carries_the_published_contract_and_the_same_first_case() {
    let published = repository().join("schemas/wit/symbolon-mapping-1.0.0/mapping.wit");
    let cases = examples().join("cases");
    for language in LANGUAGES {
        let folder = examples().join(language);
        if language != "rust" {
            let copy = fs::read(folder.join("wit/mapping.wit")).unwrap();
            assert!(copy == fs::read(&published).unwrap(), "{language}");
        }
        for file in ["config.json", "retail/login.json", "retail/expected.json"] {
            let copy = fs::read(folder.join("cases").join(file)).unwrap();
            assert!(copy == fs::read(cases.join(file)).unwrap(), "{language}: {file}");
        }
    }
}
