//! Groups of any OpenID provider: which of the two documents they are taken from, and what is said of those that
//! cannot be read. Where they stand is the settings' word; how they are read is `claims::groups`.

use serde_json::{Map, Value};
use symbolon_contract::ReasonCode;

use super::settings::{OidcSettings, UserinfoUse};
use super::userinfo::PROTOCOL_CLAIMS;
use crate::claims::{groups_at, value_at};
use crate::connectors::assertion::AssertionWarning;

/// The groups of the document that counts, or of the other one where it says nothing of them. Both may have the object
/// in which they stand (Keycloak's `realm_access`), so merging documents name by name would lose them.
pub(super) fn stated(
    token: &Map<String, Value>,
    userinfo: &Map<String, Value>,
    settings: &OidcSettings,
) -> Option<Value> {
    let documents = match settings.userinfo {
        UserinfoUse::Off => return None,
        UserinfoUse::FillGaps => [token, userinfo],
        UserinfoUse::Override => [userinfo, token],
    };
    let name = settings.claims.groups.as_str();
    let mut found = documents.into_iter().filter_map(|claims| value_at(claims, name));
    found.find(|value| !value.is_null()).cloned()
}

/// Puts them where they are looked for: an exact name wins over a path into objects.
pub(super) fn put(claims: &mut Map<String, Value>, groups: Option<Value>, name: &str) {
    if let Some(groups) = groups
        && value_at(claims, name) != Some(&groups)
        && is_free(name)
    {
        claims.insert(name.to_owned(), groups);
    }
}

/// What says who somebody is has rules of its own, whatever the settings call groups.
fn is_free(name: &str) -> bool {
    !PROTOCOL_CLAIMS.contains(&name) && name != "email" && name != "email_verified"
}

/// What an admin should know of groups that count for nothing; the sign-in takes place all the same.
pub(super) fn warning(
    claims: &Map<String, Value>,
    settings: &OidcSettings,
) -> Option<AssertionWarning> {
    let detail = groups_at(claims, &settings.claims.groups).problem?;
    Some(AssertionWarning { reason: ReasonCode::OidcGroupsUnreadable, detail })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn taken(token: &Value, userinfo: &Value, how: UserinfoUse) -> Option<Value> {
        let mut settings = OidcSettings::new("https://idp.example", "broker");
        settings.userinfo = how;
        settings.claims.groups = "realm_access.roles".to_owned();
        stated(token.as_object().unwrap(), userinfo.as_object().unwrap(), &settings)
    }

    #[test]
    fn the_document_that_counts_is_asked_first_and_the_other_one_where_it_is_silent() {
        use UserinfoUse::{FillGaps, Override};
        let access = |roles: Value| json!({ "realm_access": { "roles": roles } });
        let silent = [json!({}), json!({ "realm_access": { "verify_caller": true } })];
        let (one, two) = (access(json!(["one"])), access(json!(["two"])));
        assert_eq!(taken(&one, &two, FillGaps), Some(json!(["one"])));
        assert_eq!(taken(&one, &two, Override), Some(json!(["two"])));
        for silent in silent.into_iter().chain([access(Value::Null)]) {
            for how in [FillGaps, Override] {
                assert_eq!(taken(&silent, &two, how), Some(json!(["two"])), "{silent}");
                assert_eq!(taken(&two, &silent, how), Some(json!(["two"])), "{silent}");
            }
            assert_eq!(taken(&silent, &silent, FillGaps), None, "{silent}");
        }
    }

    #[test]
    fn they_are_put_where_they_are_looked_for_and_never_over_what_says_who_somebody_is() {
        let mut claims = json!({ "realm_access": { "verify_caller": true }, "acr": "1" });
        let claims = claims.as_object_mut().unwrap();
        for name in ["realm_access.roles", "acr", "email"] {
            put(claims, Some(json!(["two"])), name);
        }
        assert_eq!(groups_at(claims, "realm_access.roles").names, ["two"]);
        assert_eq!((claims.get("acr"), claims.get("email")), (Some(&json!("1")), None));
        let same = claims.clone();
        put(claims, None, "groups");
        assert_eq!(*claims, same);
    }
}
