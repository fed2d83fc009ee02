//! The groups of one person: transitive, in one call where it fits, by pages where it does not (E-28).

use serde_json::{Value, json};

use super::{Graph, GraphError};

/// Whom is asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// The person whose token it is.
    Me,
    /// Anybody, by `oid`.
    Person(&'a str),
}

impl Whose<'_> {
    fn path(self) -> String {
        match self {
            Self::Me => "me".to_owned(),
            Self::Person(object_id) => format!("users/{object_id}"),
        }
    }
}

impl Graph<'_> {
    /// The ids of all groups that a person is in, through other groups too.
    pub(crate) async fn groups_of(
        &self,
        whose: Whose<'_>,
        security_only: bool,
    ) -> Result<Vec<String>, GraphError> {
        let url = self.url(&format!("{}/getMemberGroups", whose.path()), &[])?;
        match self.post(url, &json!({ "securityEnabledOnly": security_only })).await {
            Ok(answer) => ids(answer.get("value")),
            Err(error) if error.is_too_long() => self.groups_by_pages(whose, security_only).await,
            Err(error) => Err(error),
        }
    }

    async fn groups_by_pages(
        &self,
        whose: Whose<'_>,
        security_only: bool,
    ) -> Result<Vec<String>, GraphError> {
        let path = format!("{}/transitiveMemberOf/microsoft.graph.group", whose.path());
        let url = self.url(&path, &[("$select", "id,securityEnabled"), ("$top", "999")])?;
        let counts = |row: &Value| {
            !security_only || row.get("securityEnabled").and_then(Value::as_bool) == Some(true)
        };
        let rows = self.list(url).await?;
        rows.iter()
            .filter(|row| counts(row))
            .map(|row| row.get("id").and_then(Value::as_str).map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| GraphError::Malformed("a group without an id".into()))
    }
}

fn ids(value: Option<&Value>) -> Result<Vec<String>, GraphError> {
    let rows = value.and_then(Value::as_array);
    let ids =
        rows.and_then(|rows| rows.iter().map(|row| row.as_str().map(str::to_owned)).collect());
    ids.ok_or_else(|| GraphError::Malformed("no list of group ids".into()))
}
