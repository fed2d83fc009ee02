//! Who asks Graph, and may they: scopes of people, permissions of applications.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;

use super::super::world::{Access, Bearer, World};
use super::{Asked, GraphError};

pub(super) const DENIED: &str = "Insufficient privileges to complete the operation.";

/// The access token of a request.
pub(super) fn bearer(world: &World, request: &HttpRequest) -> Result<Access, GraphError> {
    let refuse =
        |text: &str| (StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", text.to_owned());
    let header = request.headers().get("authorization").and_then(|header| header.to_str().ok());
    let word = header
        .and_then(|header| header.strip_prefix("Bearer "))
        .ok_or_else(|| refuse("Access token is empty."))?;
    let access = world
        .with(|state| state.access_tokens.get(word).cloned())
        .ok_or_else(|| refuse("Access token validation failure. Invalid audience."))?;
    if access.expires_at <= world.now() {
        return Err(refuse("Lifetime validation failed, the token is expired."));
    }
    Ok(access)
}

impl Asked<'_> {
    pub(super) fn holds(&self, name: &str) -> bool {
        match &self.access.bearer {
            Bearer::Person { scopes, .. } => scopes.iter().any(|scope| scope == name),
            Bearer::Application { permissions } => permissions.contains(name),
        }
    }

    pub(super) fn holds_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.holds(name))
    }

    /// One of these permissions, or 403.
    pub(super) fn needs(&self, names: &[&str]) -> Result<(), GraphError> {
        if self.holds_any(names) {
            return Ok(());
        }
        Err((StatusCode::FORBIDDEN, "Authorization_RequestDenied", DENIED.to_owned()))
    }
}

pub(super) const READ_USERS: &[&str] =
    &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
pub(super) const READ_GROUPS: &[&str] = &[
    "GroupMember.Read.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const READ_MYSELF: &[&str] =
    &["User.Read", "User.ReadWrite", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];
pub(super) const READ_APPLICATIONS: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.Read.All",
];
pub(super) const READ_ORGANIZATION: &[&str] =
    &["Organization.Read.All", "Directory.Read.All", "User.Read", "User.Read.All"];
