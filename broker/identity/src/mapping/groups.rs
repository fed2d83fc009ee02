//! How many groups a plugin is told of (P-10, WP-51).
//!
//! A person may be in thousands. The bundled plugin can only use those that its rules name, so it is told of
//! these and the list is still whole for it. For a plugin of the tenant's own nobody knows which ones count:
//! it is told of the first thousand and that there are more.

use std::borrow::Cow;

use serde_json::{Value, json};
use symbolon_contract::Claims;
use symbolon_plugin_host::PluginHost;

use super::run::ActiveMapping;

/// Groups in one request to a plugin.
const MAX_GROUPS: usize = 1000;

/// The claims as the active plugin is told them.
pub(super) fn for_plugin<'a>(claims: &'a Claims, active: &ActiveMapping) -> Cow<'a, Claims> {
    if claims.groups.len() <= MAX_GROUPS {
        return Cow::Borrowed(claims);
    }
    let mut told = claims.clone();
    if active.plugin == *PluginHost::bundled().0 {
        let rules = active.configuration.to_lowercase();
        told.groups.retain(|group| rules.contains(&group.to_lowercase()));
    }
    if told.groups.len() > MAX_GROUPS {
        told.groups.truncate(MAX_GROUPS);
        told.groups_complete = false;
    }
    // The raw list says the same as the short one: it would not fit either.
    if told.raw.get("groups").is_some_and(Value::is_array) {
        told.raw.insert("groups".into(), json!(told.groups));
    }
    Cow::Owned(told)
}

#[cfg(test)]
mod tests {
    use symbolon_contract::PluginDigest;

    use super::*;

    fn claims(count: usize) -> Claims {
        let groups: Vec<String> = (0..count).map(|n| format!("GROUP-{n:05}")).collect();
        let raw = json!({ "groups": groups });
        Claims {
            email: None,
            email_verified: false,
            name: None,
            preferred_username: None,
            groups,
            groups_complete: true,
            raw: raw.as_object().unwrap().clone(),
        }
    }

    #[test]
    fn entra_p10_the_bundled_plugin_is_told_of_the_groups_that_its_rules_name() {
        let bundled = PluginHost::bundled().0.clone();
        let rules = json!({ "group_roles": [{ "group": "group-04999", "role": "admin" }] });
        let active = ActiveMapping::for_tests(bundled, rules.to_string());
        let (few, many) = (claims(1000), claims(5000));
        assert_eq!(for_plugin(&few, &active).groups.len(), 1000);
        let told = for_plugin(&many, &active);
        assert_eq!(told.groups, ["GROUP-04999"]);
        assert!(told.groups_complete, "nothing that could count is missing");
        assert_eq!(told.raw["groups"], json!(["GROUP-04999"]));
    }

    #[test]
    fn entra_p10_any_other_plugin_is_told_that_there_are_more() {
        let digest = PluginDigest::parse("ab".repeat(32)).unwrap();
        let active = ActiveMapping::for_tests(digest, "{}".into());
        let many = claims(5000);
        let told = for_plugin(&many, &active);
        assert_eq!((told.groups.len(), told.groups_complete), (1000, false));
    }
}
