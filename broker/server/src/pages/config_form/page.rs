//! The page that shows a configuration form.

use serde::Serialize;
use serde_json::json;

use super::ConfigForm;
use crate::pages::{HiddenField, Page};

/// The configuration of one plugin, to be edited or only looked at.
#[derive(Debug, Clone, Serialize)]
pub struct ConfigFormPage {
    /// The plugin's name.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// What it says it does.
    pub summary: String,
    /// Where the form is sent; a preview has no button.
    pub action: Option<String>,
    /// Sent with it: the CSRF field among them.
    pub hidden: Vec<HiddenField>,
    /// The form.
    pub form: ConfigForm,
}

impl Page for ConfigFormPage {
    const TEMPLATE: &'static str = "plugins/config_form";

    fn title(&self) -> String {
        format!("Configuration of {}", self.plugin)
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let schema = json!({
            "type": "object",
            "properties": {
                "group_roles": {
                    "description": "Every row whose group fits grants its role.",
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "group": { "type": "string" },
                            "role": { "enum": ["admin", "viewer"] },
                        },
                        "required": ["group", "role"],
                    },
                },
                "limit": { "title": "Limit <b>", "type": "integer", "default": 7 },
                "names": { "type": "object", "additionalProperties": { "type": "string" } },
                "sync": { "type": "array", "items": { "type": "string" } },
                "source": {
                    "anyOf": [
                        { "description": "One claim.", "type": "string" },
                        { "type": "array", "items": { "type": "string" } },
                        { "type": "null" },
                    ],
                },
                "anything": {},
            },
        });
        let config = json!({
            "group_roles": [{ "group": "\"><script>alert(1)</script>", "role": "admin" }],
            "names": { "Retail": "store" },
            "sync": ["email", "name"],
            "source": ["mail", "email"],
            "anything": { "a": [1, null] },
            "stray": true,
        });
        let filled = Self {
            plugin: "example".into(),
            version: "0.1.0".into(),
            summary: "Maps <i>things</i>.".into(),
            action: Some("/t/contoso/plugins/example".into()),
            hidden: vec![HiddenField::new("csrf", "c0ffee")],
            form: ConfigForm::draw(&schema.to_string(), &config),
        };
        let preview = Self {
            action: None,
            hidden: Vec::new(),
            form: ConfigForm::draw("not a schema", &json!({})),
            ..filled.clone()
        };
        vec![("filled", filled), ("preview", preview)]
    }
}
