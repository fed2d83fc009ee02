//! Layers to sections: unknown keys, wrong values and secrets in files, one problem each.

use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Map, Source as _, Value, ValueKind};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;

use super::known::{KeyForm, KnownKeys, suggestion};
use super::layers::Layer;
use super::problems::Problems;
use super::secrets::{MasterKey, SecretSettings, is_key_name};
use super::{Settings, secret_file};

type Table = Map<String, Value>;

/// Merges the layers (later wins) and reads every section, whatever the others hold.
pub(super) fn read(
    layers: Vec<Layer>,
    files: &[PathBuf],
    known: &KnownKeys,
    problems: &mut Problems,
) -> Settings {
    let mut tree = match merge(layers) {
        Ok(tree) => tree,
        Err(error) => {
            problems.refuse("configuration", describe(error));
            return Settings::default();
        }
    };
    let mut reader = SectionReader { known, problems };
    let (mut http, http_keys) = reader.section("http", &mut tree);
    super::http::HttpSettings::complete(&mut http, http_keys.iter().any(|key| key == "public_url"));
    let (database, _) = reader.section("database", &mut tree);
    let secrets = reader.secrets(&mut tree, files);
    let settings = Settings {
        http,
        api: reader.section("api", &mut tree).0,
        database,
        secrets,
        keys: reader.section("keys", &mut tree).0,
        sessions: reader.section("sessions", &mut tree).0,
        sign_in: reader.section("sign_in", &mut tree).0,
        outgoing: reader.section("outgoing", &mut tree).0,
        plugins: reader.section("plugins", &mut tree).0,
        entra: reader.section("entra", &mut tree).0,
        telemetry: reader.section("telemetry", &mut tree).0,
        limits: reader.section("limits", &mut tree).0,
        rate_limits: reader.section("rate_limits", &mut tree).0,
    };
    for (section, value) in tree {
        let hint = suggestion(&section, known.sections(), |name| format!("[{name}]"));
        problems.refuse(section, format!("unknown section{hint}{}", place(&value)));
    }
    settings
}

fn merge(layers: Vec<Layer>) -> Result<Table, ConfigError> {
    let mut builder = Config::builder();
    for layer in layers {
        builder = builder.add_source(layer);
    }
    builder.build()?.collect()
}

struct SectionReader<'a> {
    known: &'a KnownKeys,
    problems: &'a mut Problems,
}

impl SectionReader<'_> {
    /// Reads one section key by key, so that each wrong value is reported and none hides another.
    /// Also says which keys were given.
    fn section<T: DeserializeOwned + Default>(
        &mut self,
        section: &str,
        tree: &mut Table,
    ) -> (T, Vec<String>) {
        let mut table = self.table(section, tree);
        self.secret_from_file(section, &mut table);
        table.retain(|key, value| {
            if !matches!(self.known.form(section, key), Some(KeyForm::Groups(_))) {
                return self.fits::<T>(&format!("{section}.{key}"), value, &[key]);
            }
            if let ValueKind::Table(groups) = &mut value.kind {
                groups.retain(|name, group| {
                    self.fits::<T>(&format!("{section}.{key}.{name}"), group, &[key, name])
                });
                return true;
            }
            self.fits::<T>(&format!("{section}.{key}"), value, &[key])
        });
        let given = table.keys().cloned().collect();
        let whole = Value::new(None, ValueKind::Table(table)).try_deserialize::<T>();
        (whole.unwrap_or_default(), given)
    }

    /// Whether a value is right, alone in its section at this path.
    fn fits<T: DeserializeOwned>(&mut self, name: &str, value: &Value, path: &[&str]) -> bool {
        let section = path.iter().rev().fold(value.clone(), |below, key| {
            let alone = Table::from_iter([((*key).to_owned(), below)]);
            Value::new(None, ValueKind::Table(alone))
        });
        match section.try_deserialize::<T>() {
            Ok(_) => true,
            Err(error) => {
                let message = format!("{}{}", describe(error), place(value));
                self.problems.refuse(name, message);
                false
            }
        }
    }

    /// The keys of a section, without unknown ones.
    fn table(&mut self, section: &str, tree: &mut Table) -> Table {
        let mut table = match tree.remove(section) {
            None => Table::new(),
            Some(Value { kind: ValueKind::Table(table), .. }) => table,
            Some(_) => {
                self.problems.refuse(section, format!("expected a section: [{section}]"));
                Table::new()
            }
        };
        table.retain(|key, value| {
            if self.known.form(section, key).is_some() {
                return true;
            }
            let hint =
                suggestion(key, self.known.keys(section), |name| format!("{section}.{name}"));
            let message = format!("unknown key{hint}{}", place(value));
            self.problems.refuse(format!("{section}.{key}"), message);
            false
        });
        table
    }

    /// `database.url_file` becomes `database.url`.
    fn secret_from_file(&mut self, section: &str, table: &mut Table) {
        let names: Vec<String> =
            table.keys().filter(|key| key.ends_with("_file")).cloned().collect();
        for name in names {
            let key = name.trim_end_matches("_file");
            if self.known.form(section, key).is_none() {
                continue; // a key that is a file in its own right, as outgoing.extra_ca_file
            }
            if let Some(text) = self.file_variant(section, &name, table) {
                table.insert(key.to_owned(), text);
            }
            table.remove(&name);
        }
    }

    /// The content of the file that `NAME_file` names.
    fn file_variant(&mut self, section: &str, name: &str, table: &Table) -> Option<Value> {
        let key = name.trim_end_matches("_file");
        let full = format!("{section}.{name}");
        if table.contains_key(key) {
            self.problems.refuse(full, format!("{section}.{key} is given too: give only one"));
            return None;
        }
        let path = table.get(name)?.clone().into_string();
        let Ok(path) = path else {
            self.problems.refuse(full, "expected the path of a file");
            return None;
        };
        match secret_file::read(Path::new(&path)) {
            Ok(text) => {
                let text = text.expose_secret().to_owned();
                Some(Value::new(Some(&path), ValueKind::String(text)))
            }
            Err(error) => {
                self.problems.refuse(full, format!("the file {path} {error}"));
                None
            }
        }
    }

    /// `[secrets]` is read by hand: no message may repeat what stands there.
    fn secrets(&mut self, tree: &mut Table, files: &[PathBuf]) -> SecretSettings {
        let mut table = self.table("secrets", tree);
        let mut settings = SecretSettings::default();
        match table.remove("active").map(Value::into_string) {
            Some(Ok(name)) => settings.active = name,
            Some(Err(_)) => self.problems.refuse("secrets.active", "expected the name of a key"),
            None => {}
        }
        let mut refused = 0;
        let mut keys = match table.remove("keys").map(|value| value.kind) {
            Some(ValueKind::Table(keys)) => keys,
            None => Table::new(),
            Some(_) => {
                refused += 1;
                self.problems.refuse("secrets.keys", "expected a section: [secrets.keys]");
                Table::new()
            }
        };
        let names: Vec<String> = keys.keys().cloned().collect();
        for name in names {
            match self.master_key(&name, &keys, files) {
                Some(key) => {
                    settings.keys.insert(name.trim_end_matches("_file").to_owned(), key);
                }
                None => refused += 1,
            }
        }
        keys.clear();
        settings.complete();
        settings.validate(refused, self.problems);
        settings
    }

    fn master_key(&mut self, name: &str, keys: &Table, files: &[PathBuf]) -> Option<MasterKey> {
        let full = format!("secrets.keys.{name}");
        if !is_key_name(name.trim_end_matches("_file")) {
            let expected = "a key's name has 1 to 32 characters of a-z, 0-9 or _";
            self.problems.refuse("secrets.keys", expected);
            return None;
        }
        let value = if name.ends_with("_file") {
            self.file_variant("secrets.keys", name, keys)?
        } else {
            keys.get(name)?.clone()
        };
        // A key inside a configuration file makes that file a secret.
        let inline = value.origin().map(Path::new).filter(|path| files.iter().any(|f| f == path));
        if let Some(Err(error)) = inline.map(secret_file::refuse_open_mode) {
            let path = value.origin().unwrap_or_default();
            self.problems.refuse(full, format!("stands in {path}, which {error}"));
            return None;
        }
        let parsed = value.into_string().map(|text| MasterKey::parse(&text));
        match parsed {
            Ok(Ok(key)) => Some(key),
            Ok(Err(error)) => {
                self.problems.refuse(full, error.to_string());
                None
            }
            Err(_) => {
                self.problems.refuse(full, "expected text");
                None
            }
        }
    }
}

/// ` (in FILE)` or ` (in environment variable NAME)`.
fn place(value: &Value) -> String {
    value.origin().map(|origin| format!(" (in {origin})")).unwrap_or_default()
}

fn describe(error: ConfigError) -> String {
    match error {
        ConfigError::Type { unexpected, expected, .. } => {
            format!("expected {expected}, found {unexpected}")
        }
        ConfigError::At { error, .. } => describe(*error),
        ConfigError::Message(message) => message,
        other => other.to_string(),
    }
}
