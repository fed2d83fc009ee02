//! What is known of a person, as claims, and which scope releases which (OpenID Core 5.1, 5.4).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use symbolon_storage::{RoleGrant, StorageResult, TenantRows, User};

use crate::mapping::{ClaimKind, kind_of};

/// A user and the roles that all sources together give.
#[derive(Debug, Clone)]
pub struct Person {
    /// The row.
    pub user: User,
    /// Role names, sorted.
    pub roles: Vec<String>,
}

impl Person {
    /// Reads a user with the roles held.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read(rows: &mut TenantRows<'_>, user: User) -> StorageResult<Self> {
        let grants = rows.grants().of_user(&user.id)?;
        Ok(Self { user, roles: role_names(&grants) })
    }
}

/// The distinct roles of grants, sorted.
#[must_use]
pub fn role_names(grants: &[RoleGrant]) -> Vec<String> {
    grants.iter().map(|grant| grant.role.to_string()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The scope that releases a claim (OpenID Core 5.4); `profile` also releases the tenant's own fields. No scope
/// releases groups: there may be thousands, and what they are called is nobody else's business.
#[must_use]
pub fn scope_of(claim: &str) -> Option<&'static str> {
    match claim {
        "email" | "email_verified" => Some("email"),
        "address" => Some("address"),
        "phone_number" | "phone_number_verified" => Some("phone"),
        "roles" => Some("roles"),
        "groups" | "entitlements" => None,
        other => (kind_of(other) != ClaimKind::Protocol).then_some("profile"),
    }
}

/// Everything that is known of a person, as claims, without `sub` and groups.
#[must_use]
pub fn known(person: &Person) -> Map<String, Value> {
    let user = &person.user;
    let mut claims = own_fields(&user.metadata);
    let mut put = |name: &str, value: Option<&str>| {
        claims.remove(name);
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            claims.insert(name.to_owned(), json!(value));
        }
    };
    put("name", user.display_name.as_deref());
    put("preferred_username", user.username.as_deref());
    put("email", user.email.as_deref());
    if user.email.is_some() {
        claims.insert("email_verified".into(), json!(user.email_verified));
    }
    if claims.contains_key("phone_number") {
        // Nobody has called the person: that an upstream knows a number proves nothing.
        claims.insert("phone_number_verified".into(), json!(false));
    }
    claims.insert("updated_at".into(), json!(user.updated_at.timestamp()));
    claims.insert("roles".into(), json!(person.roles));
    claims
}

/// Members of an address (OpenID Core 5.1.1); the fields are called `address.locality` and so on.
const ADDRESS: [&str; 6] =
    ["formatted", "street_address", "locality", "region", "postal_code", "country"];

/// The fields that the tenant's mapping keeps of a person: standard claims, and names of its own.
fn own_fields(metadata: &Value) -> Map<String, Value> {
    let (mut claims, mut address) = (Map::new(), Map::new());
    for (name, value) in metadata.as_object().into_iter().flatten() {
        let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
            continue;
        };
        let member = name.strip_prefix("address.").filter(|member| ADDRESS.contains(member));
        match (member, kind_of(name)) {
            (Some(member), _) => {
                address.insert(member.to_owned(), json!(text));
            }
            (None, ClaimKind::Address) => {
                address.entry("formatted").or_insert(json!(text));
            }
            (None, ClaimKind::Text | ClaimKind::Own) => {
                claims.insert(name.clone(), json!(text));
            }
            _ => {}
        }
    }
    if !address.is_empty() {
        claims.insert("address".into(), Value::Object(address));
    }
    claims
}
