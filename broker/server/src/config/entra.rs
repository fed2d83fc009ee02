//! `[entra.clouds.NAME]`: clouds of Microsoft Entra ID beside those that are built in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use symbolon_identity::connectors::entra::{Cloud, Clouds};
use url::{Host, Url};

use super::problems::Problems;
use super::public_url::{PublicUrl, PublicUrlError};
use super::secrets::is_key_name;

/// What connectors to Microsoft Entra ID may name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EntraSettings {
    /// Clouds beside the built-in ones; one with the name of a built-in cloud replaces it. Only the
    /// operator can add a cloud, a tenant never.
    pub clouds: BTreeMap<String, CloudSettings>,
}

/// One cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloudSettings {
    /// Where people sign in and tokens come from: `https://` and a host, no path.
    pub authority: CloudUrl,
    /// Microsoft Graph of this cloud, in the same form; without it groups and profiles cannot be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CloudUrl")]
    pub graph: Option<CloudUrl>,
    /// Other host names of the authority, for addresses that admins paste.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Other host names of Graph that this cloud's documents may name.
    #[serde(default)]
    pub graph_aliases: Vec<String>,
    /// The audience of a federated credential in this cloud.
    #[serde(default = "token_exchange_audience")]
    pub token_exchange_audience: String,
}

fn token_exchange_audience() -> String {
    "api://AzureADTokenExchange".to_owned()
}

/// An origin that the broker trusts with secrets: https, or plain http on this machine (B5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CloudUrl(PublicUrl);

impl TryFrom<String> for CloudUrl {
    type Error = PublicUrlError;
    fn try_from(text: String) -> Result<Self, PublicUrlError> {
        PublicUrl::parse(&text).map(Self)
    }
}

impl From<CloudUrl> for String {
    fn from(url: CloudUrl) -> Self {
        url.0.to_string()
    }
}

impl CloudUrl {
    fn to_url(&self) -> Url {
        self.0.as_url().clone()
    }
}

impl JsonSchema for CloudUrl {
    fn schema_name() -> Cow<'static, str> {
        "CloudUrl".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "uri" })
    }
}

impl EntraSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        for (name, cloud) in &self.clouds {
            let key = format!("entra.clouds.{name}");
            let expected = "a cloud's name has 1 to 32 characters of a-z, 0-9 or _";
            problems.require(is_key_name(name), &key, expected);
            let lists = [("aliases", &cloud.aliases), ("graph_aliases", &cloud.graph_aliases)];
            for (list, hosts) in lists {
                problems.require(
                    hosts.iter().all(|host| is_host_name(host)),
                    &format!("{key}.{list}"),
                    "expected host names such as \"login.example.com\", without https:// and path",
                );
            }
            problems.require(
                !cloud.token_exchange_audience.trim().is_empty(),
                &format!("{key}.token_exchange_audience"),
                "must not be empty",
            );
        }
    }

    /// The built-in clouds and these.
    #[must_use]
    pub fn clouds(&self) -> Clouds {
        Clouds::default().with(self.clouds.iter().map(|(name, cloud)| Cloud {
            name: name.clone(),
            authority: cloud.authority.to_url(),
            aliases: cloud.aliases.clone(),
            graph: cloud.graph.as_ref().map(CloudUrl::to_url),
            graph_aliases: cloud.graph_aliases.clone(),
            token_exchange_audience: cloud.token_exchange_audience.clone(),
        }))
    }
}

/// As a URL would hold it: documents are compared with that form.
fn is_host_name(text: &str) -> bool {
    Host::parse(text).is_ok_and(|host| host.to_string() == text)
}
