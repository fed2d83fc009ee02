//! Profile fields that the ID token does not carry (DEC-5, N44 to N46).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Graph, GraphError};
use crate::connectors::entra::settings::ProfileField;

impl Graph<'_> {
    /// The fields of the person whose token it is, under Graph's names; empty ones are left out.
    pub(crate) async fn profile(
        &self,
        fields: &BTreeSet<ProfileField>,
        object_id: &str,
    ) -> Result<Map<String, Value>, GraphError> {
        let names: Vec<&str> = fields.iter().map(|field| field.graph_name()).collect();
        let select =
            std::iter::once("id").chain(names.iter().copied()).collect::<Vec<_>>().join(",");
        let answer = self.get(self.url("me", &[("$select", &select)])?).await?;
        // As with UserInfo (P-6): an answer about somebody else is not believed.
        let about = answer.get("id").and_then(Value::as_str).unwrap_or_default();
        if !about.eq_ignore_ascii_case(object_id) {
            return Err(GraphError::Malformed("the profile of somebody else".into()));
        }
        let present = |name: &&str| answer.get(*name).is_some_and(|value| !value.is_null());
        let kept = names.iter().filter(|name| present(name));
        Ok(kept.filter_map(|name| Some(((*name).to_owned(), answer.get(*name)?.clone()))).collect())
    }
}
