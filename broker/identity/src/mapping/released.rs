//! Which claims a mapping may release to an application, and of which type (WP-97, openid-provider.md OD-8).
//!
//! Owns: the names that no mapping may set, because they say who the person is or what the protocol is doing.

use serde_json::{Map, Value, json};
use symbolon_contract::Field;

use super::MappingError;

/// Claims of the protocol and of identity: only the host sets them (RFC 7519 4.1, OpenID Core 2 and 5.1,
/// RFC 9068 2.2). `roles` is made of the grants.
const RESERVED: [&str; 29] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "azp",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "at_hash",
    "c_hash",
    "s_hash",
    "cnf",
    "act",
    "may_act",
    "client_id",
    "scope",
    "tenant",
    "roles",
    "email_verified",
    "phone_number_verified",
    "updated_at",
    "address",
    "_claim_names",
    "_claim_sources",
];

/// Standard claims that are one string (OpenID Core 5.1).
const STRINGS: [&str; 15] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
];

/// Claims that are a list, however many values they have.
const LISTS: [&str; 2] = ["groups", "entitlements"];

/// What the name of a claim obliges its value to be (OpenID Core 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimKind {
    /// It says who the person is or what the protocol is doing: only the protocol's own code sets it.
    Protocol,
    /// A boolean.
    Flag,
    /// Seconds.
    Time,
    /// An object of strings (OpenID Core 5.1.1).
    Address,
    /// One string.
    Text,
    /// A list.
    List,
    /// No standard knows it.
    Own,
}

/// What a claim of this name must be.
pub(crate) fn kind_of(name: &str) -> ClaimKind {
    match name {
        "email_verified" | "phone_number_verified" => ClaimKind::Flag,
        "updated_at" => ClaimKind::Time,
        "address" => ClaimKind::Address,
        "roles" => ClaimKind::List,
        _ if LISTS.contains(&name) => ClaimKind::List,
        _ if STRINGS.contains(&name) => ClaimKind::Text,
        _ if RESERVED.contains(&name) => ClaimKind::Protocol,
        _ => ClaimKind::Own,
    }
}

/// The longest name of a claim.
const LONGEST: usize = 128;

/// Names the fields of a decision about an application as claims, and checks them. A mapping may speak of the
/// user's fields, as at a connector, or of claims.
pub(super) fn check(fields: &mut [Field]) -> Result<(), MappingError> {
    for field in fields {
        field.name = claim_name(&field.name).to_owned();
        if let Some(why) = problem(field) {
            return Err(MappingError::FieldRefused { field: field.name.clone(), why });
        }
    }
    Ok(())
}

/// The claim that a field of the user becomes; a claim's own name stays.
pub(crate) fn claim_name(field: &str) -> &str {
    match field {
        "display_name" => "name",
        "username" => "preferred_username",
        other => other.strip_prefix("metadata.").unwrap_or(other),
    }
}

/// Whether a claim can have this name.
pub(crate) fn is_claim_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
    !name.is_empty() && name.len() <= LONGEST && name.chars().all(plain)
}

fn problem(field: &Field) -> Option<&'static str> {
    let name = field.name.as_str();
    if !is_claim_name(name) {
        return Some("no claim can have this name");
    }
    if RESERVED.contains(&name) {
        return Some("only the broker says that");
    }
    if STRINGS.contains(&name) && field.values.len() > 1 {
        return Some("the standard has one string here");
    }
    None
}

/// Writes the fields over the claims that the scopes release. No value takes a claim away.
pub(crate) fn write(fields: &[Field], claims: &mut Map<String, Value>) {
    for Field { name, values } in fields {
        let before = claims.remove(name);
        match values.as_slice() {
            [] => {}
            [one] if !LISTS.contains(&name.as_str()) => {
                if name == "email" && before.as_ref() != Some(&json!(one)) {
                    // What was proved is the user's own address, not this one.
                    claims.insert("email_verified".to_owned(), json!(false));
                }
                claims.insert(name.clone(), json!(one));
            }
            many => {
                claims.insert(name.clone(), json!(many));
            }
        }
        if name == "email" && values.is_empty() {
            claims.remove("email_verified");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, values: &[&str]) -> Field {
        Field { name: name.into(), values: values.iter().map(|one| (*one).to_owned()).collect() }
    }

    #[test]
    fn wp93_what_says_who_the_person_is_cannot_be_set() {
        for name in RESERVED {
            assert!(check(&mut [field(name, &["x"])]).is_err(), "{name}");
        }
        for name in ["", "a b", "ä", "a\"b", &"x".repeat(129)] {
            assert!(check(&mut [field(name, &["x"])]).is_err(), "{name:?}");
        }
        for name in ["department", "https://wiki.example/team", "urn:x:y", "groups"] {
            assert!(check(&mut [field(name, &["x", "y"])]).is_ok(), "{name}");
        }
    }

    #[test]
    fn mp3_the_names_of_user_fields_become_claims() {
        let mut fields =
            ["display_name", "username", "metadata.team", "email"].map(|name| field(name, &["x"]));
        check(&mut fields).unwrap();
        let names = fields.each_ref().map(|field| field.name.as_str());
        assert_eq!(names, ["name", "preferred_username", "team", "email"]);
        assert!(check(&mut [field("metadata.sub", &["x"])]).is_err(), "and are checked as such");
    }

    #[test]
    fn wp97_standard_claims_keep_their_type() {
        assert!(check(&mut [field("name", &["a", "b"])]).is_err());
        let mut claims = Map::new();
        let fields = [field("name", &["Ada"]), field("groups", &["g"]), field("team", &["a", "b"])];
        write(&fields, &mut claims);
        assert_eq!(
            Value::Object(claims),
            json!({ "name": "Ada", "groups": ["g"], "team": ["a", "b"] })
        );
    }

    #[test]
    fn wp96_another_email_is_not_a_proved_one() {
        let claims = || {
            let user = json!({ "email": "a@b.example", "email_verified": true, "name": "A" });
            user.as_object().unwrap().clone()
        };
        for (values, expected) in [
            (
                &["a@b.example"][..],
                json!({ "email": "a@b.example", "email_verified": true, "name": "A" }),
            ),
            (
                &["x@y.example"],
                json!({ "email": "x@y.example", "email_verified": false, "name": "A" }),
            ),
            (&[], json!({ "name": "A" })),
        ] {
            let mut seen = claims();
            write(&[field("email", values)], &mut seen);
            assert_eq!(Value::Object(seen), expected);
        }
    }
}
