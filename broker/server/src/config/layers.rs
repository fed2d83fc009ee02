//! The sources of a configuration: files in the order given, then the environment.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use config::{ConfigError, Map, Source, Value, ValueKind};

use super::known::{KeyForm, KnownKeys, suggestion};
use super::problems::Problems;

/// What every environment variable of ours begins with.
const PREFIX: &str = "SYMBOLON__";

/// One source, already read; each value remembers where it came from.
#[derive(Clone, Default)]
pub(super) struct Layer(Map<String, Value>);

/// Not derived: a layer holds secrets.
impl std::fmt::Debug for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Layer(***)")
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

/// Reads one TOML file. The excerpt that the parser would show is left out: it may be a secret.
pub(super) fn file(path: &Path, problems: &mut Problems) -> Layer {
    let name = path.display().to_string();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            problems.refuse(name, format!("cannot be read: {error}"));
            return Layer::default();
        }
    };
    match text.parse::<toml::Table>() {
        Ok(table) => Layer(table.into_iter().map(|(k, v)| (k, from_toml(v, &name))).collect()),
        Err(error) => {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            problems.refuse(format!("{name}:{line}"), format!("not TOML: {}", error.message()));
            Layer::default()
        }
    }
}

fn from_toml(value: toml::Value, origin: &String) -> Value {
    let kind = match value {
        toml::Value::String(text) => ValueKind::String(text),
        toml::Value::Integer(number) => ValueKind::I64(number),
        toml::Value::Float(number) => ValueKind::Float(number),
        toml::Value::Boolean(truth) => ValueKind::Boolean(truth),
        toml::Value::Datetime(time) => ValueKind::String(time.to_string()),
        toml::Value::Array(items) => {
            ValueKind::Array(items.into_iter().map(|item| from_toml(item, origin)).collect())
        }
        toml::Value::Table(table) => {
            ValueKind::Table(table.into_iter().map(|(k, v)| (k, from_toml(v, origin))).collect())
        }
    };
    Value::new(Some(origin), kind)
}

/// Reads `SYMBOLON__SECTION__KEY` variables; unknown ones are refused by their own name.
pub(super) fn environment(
    variables: impl IntoIterator<Item = (String, String)>,
    known: &KnownKeys,
    problems: &mut Problems,
) -> Layer {
    let mut layer = Layer::default();
    for (name, text) in variables {
        if let Some(path) = name.strip_prefix(PREFIX) {
            let path = path.to_ascii_lowercase();
            let parts: Vec<&str> = path.split("__").collect();
            match place(&parts, known) {
                Ok(form) => layer.insert(&parts, value(&text, &form, &name)),
                Err(message) => problems.refuse(name, message),
            }
        } else if name.starts_with("SYMBOLON_") && name.contains("__") {
            problems.refuse(name, format!("unknown: the prefix is \"{PREFIX}\""));
        }
    }
    layer
}

/// Checks that a variable names a key, and says which form its value has.
fn place(parts: &[&str], known: &KnownKeys) -> Result<KeyForm, String> {
    let (section, rest) = parts.split_first().ok_or("names no section")?;
    if !known.sections().any(|name| name == *section) {
        let rest: String = rest.iter().map(|part| format!("__{part}")).collect();
        let show = |name: &str| format!("{PREFIX}{name}{rest}").to_ascii_uppercase();
        return Err(format!("unknown section{}", suggestion(section, known.sections(), show)));
    }
    let (key, rest) = rest.split_first().ok_or("names a section but no key")?;
    let Some(form) = known.form(section, key) else {
        let show = |name: &str| format!("{PREFIX}{section}__{name}").to_ascii_uppercase();
        return Err(format!("unknown key{}", suggestion(key, known.keys(section), show)));
    };
    below(&format!("{PREFIX}{section}__{key}").to_ascii_uppercase(), form, rest)
}

/// The form of what stands below a key.
fn below(name: &str, form: &KeyForm, rest: &[&str]) -> Result<KeyForm, String> {
    let field = |fields: &BTreeMap<String, KeyForm>, above: String, key: &str| {
        fields.get(key).cloned().ok_or_else(|| {
            let show = |name: &str| format!("{above}__{name}").to_ascii_uppercase();
            let known = fields.keys().map(String::as_str);
            format!("unknown key{}", suggestion(key, known, show))
        })
    };
    match (form, rest) {
        (KeyForm::Single | KeyForm::List, []) => Ok(form.clone()),
        (KeyForm::Single | KeyForm::List, _) => Err("names more than a section and a key".into()),
        (KeyForm::Names, [_]) => Ok(KeyForm::Single),
        (KeyForm::Names, _) => Err(format!("expected {name}__NAME")),
        (KeyForm::Fields(fields), [key]) => field(fields, name.to_owned(), key),
        (KeyForm::Fields(fields), _) => {
            let names = fields.keys().map(|key| format!("{name}__{}", key.to_ascii_uppercase()));
            Err(format!("expected {}", names.collect::<Vec<_>>().join(" or ")))
        }
        (KeyForm::Groups(fields), [group, key]) => field(fields, format!("{name}__{group}"), key),
        (KeyForm::Groups(_), _) => Err(format!("expected {name}__NAME__KEY")),
    }
}

fn value(text: &str, form: &KeyForm, variable: &str) -> Value {
    let origin = format!("environment variable {variable}");
    let single = |text: &str| Value::new(Some(&origin), ValueKind::String(text.to_owned()));
    if *form == KeyForm::List {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let items = items.map(single).collect();
        return Value::new(Some(&origin), ValueKind::Array(items));
    }
    single(text)
}

impl Layer {
    /// Puts a value below its section, making the tables on the way.
    fn insert(&mut self, parts: &[&str], value: Value) {
        let mut table = &mut self.0;
        let Some((last, tables)) = parts.split_last() else {
            return;
        };
        for name in tables {
            let entry = table
                .entry((*name).to_owned())
                .or_insert_with(|| Value::new(None, ValueKind::Table(Map::new())));
            let ValueKind::Table(inner) = &mut entry.kind else {
                return;
            };
            table = inner;
        }
        table.insert((*last).to_owned(), value);
    }
}
