//! How many groups a plugin is told of (P-10, WP-51).
//!
//! A person may be in thousands. The bundled plugin can only use those that its rules name, so it is told of
//! these and the list is still whole for it. For a plugin of the tenant's own nobody knows which ones count:
//! it is told of the first thousand and that there are more.

use std::borrow::Cow;

use serde_json::{Value, json};
use symbolon_contract::{Claims, PluginDigest};
use symbolon_plugin_host::PluginHost;

use crate::claims::names_in;

/// Groups in one request to a plugin.
const MAX_GROUPS: usize = 1000;

/// The claims as the active plugin is told them.
pub(super) fn for_plugin<'a>(
    claims: &'a Claims,
    (plugin, configuration): (&PluginDigest, &str),
) -> Cow<'a, Claims> {
    if claims.groups.len() <= MAX_GROUPS {
        return Cow::Borrowed(claims);
    }
    let mut told = claims.clone();
    if *plugin == *PluginHost::bundled().0 && !has_expression_about_groups(configuration) {
        let rules = configuration.to_lowercase();
        told.groups.retain(|group| rules.contains(&group.to_lowercase()));
    }
    if told.groups.len() > MAX_GROUPS {
        told.groups.truncate(MAX_GROUPS);
        told.groups_complete = false;
    }
    // The raw list says the same as the short one, whatever it is called: it would not fit either.
    let short = json!(told.groups);
    told.raw.values_mut().for_each(|value| shorten(value, &claims.groups, &short));
    Cow::Owned(told)
}

/// Puts the short list in the place of the long one, wherever that stands.
fn shorten(value: &mut Value, long: &[String], short: &Value) {
    match value {
        Value::Array(entries) if names_in(entries) == long => *value = short.clone(),
        Value::Object(members) => {
            members.values_mut().for_each(|member| shorten(member, long, short));
        }
        _ => {}
    }
}

/// Whether an expression of the bundled plugin's rules looks at groups: it may look at any of them.
fn has_expression_about_groups(configuration: &str) -> bool {
    let rules: Value = serde_json::from_str(configuration).unwrap_or_default();
    let rows = ["attributes", "group_roles", "deny"].map(|table| rules.get(table));
    let rows = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
    let mut expressions = rows.flat_map(|row| ["expression", "when"].map(|key| row.get(key)));
    expressions.any(|text| text.and_then(Value::as_str).is_some_and(|text| text.contains("groups")))
}

#[cfg(test)]
mod tests {
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
        let rules = rules.to_string();
        let active = (&bundled, rules.as_str());
        let (few, many) = (claims(1000), claims(5000));
        assert_eq!(for_plugin(&few, active).groups.len(), 1000);
        let told = for_plugin(&many, active);
        assert_eq!(told.groups, ["GROUP-04999"]);
        assert!(told.groups_complete, "nothing that could count is missing");
        assert_eq!(told.raw["groups"], json!(["GROUP-04999"]));
    }

    #[test]
    fn entra_p10_any_other_plugin_is_told_that_there_are_more() {
        let digest = PluginDigest::parse("ab".repeat(32)).unwrap();
        let active = (&digest, "{}");
        let many = claims(5000);
        let told = for_plugin(&many, active);
        assert_eq!((told.groups.len(), told.groups_complete), (1000, false));
    }

    #[test]
    fn the_raw_list_is_as_short_whatever_it_is_called() {
        let mut many = claims(5000);
        let groups = json!(many.groups);
        let raw = json!({ "realm_access": { "roles": groups, "other": ["x"] }, "cognito:groups": groups });
        many.raw = raw.as_object().unwrap().clone();
        let digest = PluginDigest::parse("ab".repeat(32)).unwrap();
        let told = for_plugin(&many, (&digest, "{}")).into_owned();
        let lists = [&told.raw["realm_access"]["roles"], &told.raw["cognito:groups"]];
        assert_eq!(lists.map(|list| list.as_array().unwrap().len()), [1000, 1000]);
        assert_eq!(told.raw["realm_access"]["other"], json!(["x"]));
    }

    #[test]
    fn entra_p10_an_expression_may_look_at_any_group() {
        let bundled = PluginHost::bundled().0.clone();
        let row = json!({ "when": "groups.exists(g, g.endsWith('1'))", "role": "admin" });
        let rules = json!({ "group_roles": [row] }).to_string();
        let many = claims(5000);
        let told = for_plugin(&many, (&bundled, &rules));
        assert_eq!((told.groups.len(), told.groups_complete), (1000, false));
    }
}
