//! The last look at what leaves: names and types of the standard (OD-8).
//!
//! A mapping that sets a reserved name or several values where the standard has one string is refused before, when
//! it answers. What still has a wrong type here comes of a registration that renames claims; it is left out, the
//! rest is told, and the log says so: no application shall meet a type that the standard rules out, and none shall
//! lose its sign-ins over one claim.

use serde_json::{Map, Value, json};

use crate::mapping::{ClaimKind, is_claim_name, kind_of};

/// Takes out whatever the standard forbids. Returns the names of what is gone.
pub(super) fn settle(claims: &mut Map<String, Value>) -> Vec<String> {
    let mut left_out = Vec::new();
    for (name, value) in std::mem::take(claims) {
        match typed(&name, value) {
            Some(value) => {
                claims.insert(name, value);
            }
            None => left_out.push(name.chars().take(128).collect()),
        }
    }
    if !claims.contains_key("email") && claims.remove("email_verified").is_some() {
        left_out.push("email_verified".to_owned());
    }
    left_out
}

/// The value as a claim of this name may have it.
fn typed(name: &str, value: Value) -> Option<Value> {
    if !is_claim_name(name) {
        return None;
    }
    match (kind_of(name), value) {
        (ClaimKind::Protocol, _) | (_, Value::Null) => None,
        (ClaimKind::Flag, value) => value.is_boolean().then_some(value),
        (ClaimKind::Time, value) => value.is_number().then_some(value),
        (ClaimKind::Text, value) => value.is_string().then_some(value),
        (ClaimKind::Address, Value::Object(members)) => {
            members.values().all(Value::is_string).then_some(Value::Object(members))
        }
        (ClaimKind::Address, _) => None,
        // One value is a list of one.
        (ClaimKind::List, Value::String(one)) => Some(json!([one])),
        (ClaimKind::List, value) => {
            let strings = value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
            strings.then_some(value)
        }
        (ClaimKind::Own, value) => Some(value),
    }
}

/// The claim with the most values, and how many.
pub(super) fn longest_list(claims: &Map<String, Value>) -> Option<(&str, usize)> {
    let lists =
        claims.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_array()?.len())));
    lists.max_by_key(|(_, count)| *count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a relying party's library would accept, written apart from the code above.
    fn is_conformant(name: &str, value: &Value) -> bool {
        match name {
            "email_verified" | "phone_number_verified" => value.is_boolean(),
            "updated_at" => value.is_number(),
            "address" => value.is_object(),
            "name" | "given_name" | "family_name" | "middle_name" | "nickname"
            | "preferred_username" | "profile" | "picture" | "website" | "email" | "gender"
            | "birthdate" | "zoneinfo" | "locale" | "phone_number" => value.is_string(),
            "iss" | "sub" | "aud" | "exp" | "iat" | "nbf" | "jti" | "azp" | "nonce"
            | "auth_time" | "acr" | "amr" | "sid" | "at_hash" | "c_hash" | "cnf" | "act"
            | "scope" | "client_id" | "tenant" => false,
            _ => !value.is_null(),
        }
    }

    fn names() -> impl Strategy<Value = String> {
        let known = [
            "name",
            "email",
            "email_verified",
            "updated_at",
            "address",
            "roles",
            "groups",
            "sub",
            "iss",
            "aud",
            "nonce",
            "tenant",
            "phone_number",
            "phone_number_verified",
            "locale",
            "team",
            "https://wiki.example/team",
            "cnf",
            "acr",
        ];
        prop_oneof![8 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => ".{0,20}"]
    }

    fn values() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
            prop::collection::vec(".{0,4}", 0..3).prop_map(|list| json!(list)),
            prop::collection::vec(any::<i8>(), 1..3).prop_map(|list| json!(list)),
            ".{0,4}".prop_map(|text| json!({ "locality": text })),
            any::<i8>().prop_map(|number| json!({ "locality": number })),
        ]
    }

    proptest! {
        #[test]
        fn od8_nothing_of_a_wrong_type_is_ever_told(
            claims in prop::collection::btree_map(names(), values(), 0..12)
        ) {
            let mut told: Map<String, Value> = claims.clone().into_iter().collect();
            let left_out = settle(&mut told);
            for (name, value) in &told {
                prop_assert!(is_conformant(name, value), "{name}: {value}");
            }
            prop_assert_eq!(told.len() + left_out.len(), claims.len());
        }
    }

    #[test]
    fn od8_one_value_is_a_list_of_one_and_no_address_is_verified_without_an_address() {
        let mut claims = json!({
            "groups": "staff", "roles": ["a", 1], "email_verified": true, "email": 7, "team": ["x"],
        });
        let claims = claims.as_object_mut().unwrap();
        assert_eq!(settle(claims), ["email", "roles", "email_verified"]);
        assert_eq!(Value::Object(claims.clone()), json!({ "groups": ["staff"], "team": ["x"] }));
        assert_eq!(longest_list(claims).map(|(_, count)| count), Some(1));
    }
}
