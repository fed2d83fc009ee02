//! What an admin looks up: permissions, groups by name, names of groups, credentials of the registration.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Graph, GraphError};

/// Ids in one `getByIds` request (E-30).
const IDS_AT_ONCE: usize = 1000;

/// A group, by id with its name beside it (N48).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FoundGroup {
    /// The object id: what rules hold.
    pub id: String,
    /// The display name: what people read. It may change, and may not be unique.
    pub display_name: String,
}

/// A secret or certificate of the app registration, as Graph lists it (E-54).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RegisteredCredential {
    /// `secret` or `certificate`.
    pub kind: &'static str,
    /// The first characters of a secret, as Microsoft shows them.
    pub hint: Option<String>,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Graph<'_> {
    /// Whether users can be read.
    pub(crate) async fn can_read_users(&self) -> Result<(), GraphError> {
        self.get(self.url("users", &[("$top", "1"), ("$select", "id")])?).await.map(|_| ())
    }

    /// Whether groups can be read.
    pub(crate) async fn can_read_groups(&self) -> Result<(), GraphError> {
        self.get(self.url("groups", &[("$top", "1"), ("$select", "id")])?).await.map(|_| ())
    }

    /// The directory's own name.
    pub(crate) async fn organization(&self) -> Result<Option<String>, GraphError> {
        let answer = self.get(self.url("organization", &[("$select", "id,displayName")])?).await?;
        let row = answer.get("value").and_then(|rows| rows.get(0));
        Ok(row.and_then(|row| row.get("displayName")?.as_str()).map(str::to_owned))
    }

    /// Groups whose display name begins with this.
    pub(crate) async fn find_groups(&self, name: &str) -> Result<Vec<FoundGroup>, GraphError> {
        // OData writes a quote inside a text twice.
        let filter = format!("startswith(displayName,'{}')", name.replace('\'', "''"));
        let query = [("$filter", filter.as_str()), ("$select", "id,displayName"), ("$top", "100")];
        let answer = self.get(self.url("groups", &query)?).await?;
        Ok(groups(answer.get("value")))
    }

    /// The display names of groups, a thousand at a time (E-30).
    pub(crate) async fn group_names(&self, ids: &[String]) -> Result<Vec<FoundGroup>, GraphError> {
        let mut found = Vec::new();
        for batch in ids.chunks(IDS_AT_ONCE) {
            let body = json!({ "ids": batch, "types": ["group"] });
            let url = self.url("directoryObjects/getByIds", &[("$select", "id,displayName")])?;
            found.extend(groups(self.post(url, &body).await?.get("value")));
        }
        Ok(found)
    }

    /// The secrets and certificates of a registration. The service principal's list lags; this is the
    /// application's own (E-54).
    pub(crate) async fn registered_credentials(
        &self,
        client_id: &str,
    ) -> Result<Vec<RegisteredCredential>, GraphError> {
        let path = format!("applications(appId='{client_id}')");
        let query = [("$select", "passwordCredentials,keyCredentials")];
        let answer = self.get(self.url(&path, &query)?).await?;
        let of = |name: &str, kind| {
            let rows = answer.get(name).and_then(Value::as_array).into_iter().flatten();
            rows.map(move |row| credential(row, kind)).collect::<Vec<_>>()
        };
        let mut found = of("passwordCredentials", "secret");
        found.extend(of("keyCredentials", "certificate"));
        Ok(found)
    }
}

fn groups(value: Option<&Value>) -> Vec<FoundGroup> {
    let text = |row: &Value, name: &str| row.get(name)?.as_str().map(str::to_owned);
    let rows = value.and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(|row| {
        let display_name = text(row, "displayName").unwrap_or_default();
        Some(FoundGroup { id: text(row, "id")?, display_name })
    })
    .collect()
}

fn credential(row: &Value, kind: &'static str) -> RegisteredCredential {
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    RegisteredCredential {
        kind,
        hint: text("hint").map(str::to_owned),
        ends_at: text("endDateTime")
            .and_then(|at| DateTime::parse_from_rfc3339(at).ok())
            .map(|at| at.with_timezone(&Utc)),
    }
}
