//! The configuration: one file per section, each with its defaults and its `validate`.
//!
//! Owns: reading TOML files and `SYMBOLON__SECTION__KEY` variables, secrets from files, refusing
//! unknown keys, and reporting every problem at once. Does not own: tenants, connectors and
//! applications, which are data and change while the broker runs. The crate `config` merges the
//! layers; nothing outside this folder names it.

mod api;
mod database;
mod entra;
mod http;
mod human_duration;
mod keys;
mod known;
mod layers;
mod limits;
mod loader;
mod networks;
mod outgoing;
mod plugins;
mod problems;
mod public_url;
mod rate_limits;
mod secret_file;
mod secrets;
mod sessions;
mod sign_in;
mod telemetry;
#[cfg(test)]
mod tests;
mod tls;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

pub use self::api::ApiSettings;
pub use self::database::{DatabaseSettings, DatabaseUrl, InvalidDatabaseUrl};
pub use self::entra::{CloudSettings, CloudUrl, EntraSettings};
pub use self::http::HttpSettings;
pub use self::human_duration::{HumanDuration, InvalidDuration};
pub use self::keys::KeySettings;
pub use self::limits::LimitSettings;
pub use self::outgoing::OutgoingSettings;
pub use self::plugins::PluginSettings;
pub use self::problems::{ConfigErrors, ConfigProblem};
pub use self::public_url::{PublicUrl, PublicUrlError};
pub use self::rate_limits::{Rate, RateLimitSettings};
pub use self::secrets::{InvalidMasterKey, MasterKey, SecretSettings};
pub use self::sessions::SessionSettings;
pub use self::sign_in::SignInSettings;
pub use self::telemetry::{InvalidLogFormat, LogFormat, TelemetrySettings};
pub use self::tls::TlsSettings;

pub(crate) use self::secret_file::permission_bits;

use self::known::KnownKeys;
use self::problems::Problems;

/// The whole configuration, checked. Made only by [`Settings::load`].
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(title = "Symbolon configuration", deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// Where the broker listens and how the world calls it.
    #[schemars(default)]
    pub http: HttpSettings,
    /// Where the admin API is served.
    #[schemars(default)]
    pub api: ApiSettings,
    /// Where the rows live.
    #[schemars(default)]
    pub database: DatabaseSettings,
    /// The master keys that seal every secret in the database.
    pub secrets: SecretSettings,
    /// When the keys change that sign for tenants. Each key is published, then signs, then stays published
    /// until what it signed is over.
    #[schemars(default)]
    pub keys: KeySettings,
    /// How long a person stays signed in at the broker.
    #[schemars(default)]
    pub sessions: SessionSettings,
    /// How long the steps of one sign-in stay valid.
    #[schemars(default)]
    pub sign_in: SignInSettings,
    /// What the broker may call, and how long it waits.
    #[schemars(default)]
    pub outgoing: OutgoingSettings,
    /// What one call of a mapping plugin may use.
    #[schemars(default)]
    pub plugins: PluginSettings,
    /// What connectors to Microsoft Entra ID may name.
    #[schemars(default)]
    pub entra: EntraSettings,
    /// What is logged, and in which form.
    #[schemars(default)]
    pub telemetry: TelemetrySettings,
    /// What one request, and the end of the process, may take.
    #[schemars(default)]
    pub limits: LimitSettings,
    /// How often one caller may ask. An address is one IPv4 address or one /64 network of IPv6, as
    /// `http.trusted_proxies` report it. Each process counts for itself.
    #[schemars(default)]
    pub rate_limits: RateLimitSettings,
}

impl Settings {
    /// Reads the files in order (later wins), then the environment, and checks everything.
    ///
    /// # Errors
    /// [`ConfigErrors`] with every problem found.
    pub fn load(
        files: &[PathBuf],
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigErrors> {
        let known = KnownKeys::of(&Self::schema());
        let mut problems = Problems::default();
        let mut layers: Vec<_> =
            files.iter().map(|path| layers::file(path, &mut problems)).collect();
        layers.push(layers::environment(environment, &known, &mut problems));
        let settings = loader::read(layers, files, &known, &mut problems);
        settings.validate(&mut problems);
        problems.into_result(settings)
    }

    fn validate(&self, problems: &mut Problems) {
        self.http.validate(problems);
        self.database.validate(problems);
        self.keys.validate(problems);
        self.sessions.validate(problems);
        self.sign_in.validate(problems);
        self.outgoing.validate(problems);
        self.plugins.validate(problems);
        self.entra.validate(problems);
        self.telemetry.validate(problems);
        self.limits.validate(problems);
        self.rate_limits.validate(problems);
    }

    /// The configuration in force as TOML, defaults included, secrets as `***`.
    #[must_use]
    pub fn print_redacted(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_else(|error| format!("# cannot be shown: {error}\n"))
    }

    /// The JSON Schema of a configuration file.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        let inline = schemars::generate::SchemaSettings::draft2020_12()
            .with(|settings| settings.inline_subschemas = true);
        let mut schema = inline.into_generator().into_root_schema_for::<Self>().to_value();
        let database = schema.pointer_mut("/properties/database/properties");
        if let Some(keys) = database.and_then(serde_json::Value::as_object_mut) {
            let description = "A file that holds `url`, readable by its owner alone.";
            let url_file = serde_json::json!({ "type": "string", "description": description });
            keys.insert("url_file".to_owned(), url_file);
        }
        schema
    }
}
