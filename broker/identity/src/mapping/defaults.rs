//! The rules with which a connector begins: the documents' tables as configuration of the bundled plugin.

use serde_json::{Value, json};

use crate::connectors::ConnectorSettings;

/// The first rules of a connector. For Entra these are the documents' attribute rows (N42 to N46): Graph's
/// name for a field first, where Graph is asked, then the ID token's.
#[must_use]
pub fn default_rules(
    upstream: &ConnectorSettings,
    sync_fields: &[String],
    default_role: Option<&str>,
) -> Value {
    let mut rules = json!({ "sync_fields": sync_fields, "default_role": default_role });
    if let (ConnectorSettings::Entra(_), Some(members)) = (upstream, rules.as_object_mut()) {
        let rows = json!([
            { "from": ["mail", "email"], "to": "email" },
            { "from": ["displayName", "name"], "to": "display_name" },
            { "from": "preferred_username", "to": "username" },
            { "from": "department", "to": "metadata.department" },
            { "from": "jobTitle", "to": "metadata.job_title" },
            { "from": "officeLocation", "to": "metadata.office" },
        ]);
        members.insert("attributes".into(), rows);
    }
    rules
}
