//! Which claims a scope releases (OpenID Core 5.4), each of the type that the standard demands (OD-8).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use symbolon_storage::{RoleGrant, StorageResult, TenantRows, User};

use crate::mapping::has_a_meaning;

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

/// The claims that these scopes release, without `sub`.
#[must_use]
pub fn released(person: &Person, scopes: &[String]) -> Map<String, Value> {
    let mut claims = Map::new();
    let asked = |scope: &str| scopes.iter().any(|held| held == scope);
    let user = &person.user;
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            claims.insert(name.to_owned(), json!(value));
        }
    };
    if asked("profile") {
        put("name", user.display_name.as_deref());
        put("preferred_username", user.username.as_deref());
        if let Value::Object(metadata) = &user.metadata {
            for (name, value) in metadata {
                put(name, value.as_str().filter(|_| !has_a_meaning(name)));
            }
        }
    }
    if asked("email") {
        put("email", user.email.as_deref());
        if user.email.is_some() {
            claims.insert("email_verified".into(), json!(user.email_verified));
        }
    }
    if asked("profile") {
        claims.insert("updated_at".into(), json!(user.updated_at.timestamp()));
    }
    if asked("roles") {
        claims.insert("roles".into(), json!(person.roles));
    }
    claims
}
