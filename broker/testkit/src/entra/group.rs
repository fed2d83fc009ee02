//! Groups of a directory.

use serde_json::{Map, Value, json};

/// A group in a directory.
#[derive(Clone, Debug)]
pub struct Group {
    pub(super) id: String,
    pub(super) properties: Map<String, Value>,
    /// Groups that this one is put into when it is added.
    pub(super) groups: Vec<String>,
}

impl Group {
    /// A security group with this object id and display name.
    #[must_use]
    pub fn new(id: &str, display_name: &str) -> Self {
        let mut properties = Map::new();
        properties.insert("displayName".to_owned(), json!(display_name));
        properties.insert("securityEnabled".to_owned(), json!(true));
        properties.insert("mailEnabled".to_owned(), json!(false));
        properties.insert("groupTypes".to_owned(), json!([]));
        Self { id: id.to_ascii_lowercase(), properties, groups: Vec::new() }
    }

    /// Nests it in another group.
    #[must_use]
    pub fn inside(mut self, parent: &str) -> Self {
        self.groups.push(parent.to_owned());
        self
    }

    /// A Microsoft 365 group, which `securityEnabledOnly` leaves out.
    #[must_use]
    pub fn microsoft_365(self) -> Self {
        self.property("securityEnabled", json!(false))
            .property("mailEnabled", json!(true))
            .property("groupTypes", json!(["Unified"]))
    }

    /// Another display name.
    #[must_use]
    pub fn display_name(self, name: &str) -> Self {
        self.property("displayName", json!(name))
    }

    /// Any property of Graph's group resource.
    #[must_use]
    pub fn property(mut self, name: &str, value: Value) -> Self {
        self.properties.insert(name.to_owned(), value);
        self
    }

    /// Its object id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn name(&self) -> &str {
        self.properties.get("displayName").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn is_security_group(&self) -> bool {
        self.properties.get("securityEnabled") == Some(&json!(true))
    }
}
