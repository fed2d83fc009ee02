//! The decision is carried out, inside the sign-in's transaction.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use symbolon_contract::{RoleName, UserId};
use symbolon_storage::{
    GrantChanges, IdentityLink, NewGrant, RoleSource, StorageError, StorageResult, TenantRows,
    User, UserStatus,
};

use super::decide::ProvisioningDecision;
use super::facts::{
    DomainTrust, EmailMatch, IdentityKey, LinkedUser, MappedUser, ProvisioningFacts, email_domain,
    normalise_email,
};
use crate::mapping::{Answered, MappingOutcome};

/// What was done, for the audit trail and the gate.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The user as stored now.
    pub user: User,
    /// Whether the user is new.
    pub created: bool,
    /// Whether the identity was linked to a user who was there.
    pub linked: bool,
    /// Roles given by this sign-in.
    pub gained: Vec<String>,
    /// Roles taken by this sign-in.
    pub lost: Vec<String>,
}

/// Reads what the decision looks at.
///
/// # Errors
/// Those of the database.
pub fn read_facts(
    rows: &mut TenantRows<'_>,
    identity: IdentityKey,
    mapped: MappedUser,
) -> StorageResult<ProvisioningFacts> {
    let link =
        rows.identity_links().find(&identity.connector, &identity.issuer, &identity.subject)?;
    let linked = match link {
        None => None,
        Some(link) => rows
            .users()
            .find(&link.user_id)?
            .map(|user| LinkedUser { id: user.id, standing: user.status.into() }),
    };
    let email = mapped.email.clone().filter(|email| !email.is_empty());
    let same_email = match (&linked, &email) {
        (None, Some(email)) => email_matches(rows, email)?,
        _ => Vec::new(),
    };
    let domain = match email.as_deref().and_then(email_domain) {
        None => DomainTrust::default(),
        Some(name) => match rows.domains().find(&name)? {
            None => DomainTrust::default(),
            Some(domain) => DomainTrust {
                owned_by_tenant: domain.verified_at.is_some(),
                assigned_to_connector: domain.connector_id.as_ref() == Some(&identity.connector),
            },
        },
    };
    Ok(ProvisioningFacts { identity, linked, same_email, domain, mapped })
}

fn email_matches(rows: &mut TenantRows<'_>, email: &str) -> StorageResult<Vec<EmailMatch>> {
    let grantable: Vec<String> = rows
        .roles()
        .list()?
        .into_iter()
        .filter(|role| role.grantable_by_mapping)
        .map(|role| role.name.to_string())
        .collect();
    let users = rows.users().find_by_email(&normalise_email(email))?;
    let mut matches = Vec::with_capacity(users.len());
    for user in users {
        let roles = rows.grants().of_user(&user.id)?;
        matches.push(EmailMatch {
            has_identity: !rows.identity_links().of_user(&user.id)?.is_empty(),
            privileged: roles
                .iter()
                .any(|grant| !grantable.iter().any(|r| r == grant.role.as_str())),
            standing: user.status.into(),
            email_verified: user.email_verified,
            id: user.id,
        });
    }
    Ok(matches)
}

/// Carries out a decision that is not a refusal; `None` for one that is.
///
/// # Errors
/// Those of the database.
pub fn apply(
    rows: &mut TenantRows<'_>,
    decision: &ProvisioningDecision,
    facts: &ProvisioningFacts,
    mapping: &MappingOutcome,
    (now, new_id): (DateTime<Utc>, UserId),
) -> StorageResult<Option<Applied>> {
    let (user, created, linked) = match decision {
        ProvisioningDecision::Refuse(_) => return Ok(None),
        ProvisioningDecision::SignIn { user } => {
            let key = &facts.identity;
            rows.identity_links().touch(&key.connector, &key.issuer, &key.subject, now)?;
            (update(rows, user, &facts.mapped, now)?, false, false)
        }
        ProvisioningDecision::LinkAndSignIn { user } => {
            let user = update(rows, user, &facts.mapped, now)?;
            link(rows, &facts.identity, &user.id, now)?;
            (user, false, true)
        }
        ProvisioningDecision::CreateAndSignIn => {
            let user = create(rows, new_id, &facts.mapped, now)?;
            link(rows, &facts.identity, &user.id, now)?;
            (user, true, false)
        }
    };
    let changes = match mapping.answered {
        Answered::Now => {
            let grants = new_grants(mapping, now)?;
            let source = facts.identity.connector.as_str();
            rows.grants().replace_from_source(&user.id, RoleSource::Mapping, source, &grants)?
        }
        // WP-88: what the last good mapping gave stays, with its provenance.
        Answered::LastKnown { .. } => GrantChanges::default(),
    };
    let names = |roles: Vec<RoleName>| roles.into_iter().map(String::from).collect();
    Ok(Some(Applied {
        user,
        created,
        linked,
        gained: names(changes.added),
        lost: names(changes.removed),
    }))
}

fn new_grants(mapping: &MappingOutcome, now: DateTime<Utc>) -> StorageResult<Vec<NewGrant>> {
    mapping
        .mapping
        .grants
        .iter()
        .map(|grant| {
            // The catalogue was asked before, and holds only names that parse.
            let role = RoleName::parse(grant.role.clone())
                .map_err(|error| StorageError::Other(error.to_string()))?;
            Ok(NewGrant {
                role,
                plugin_digest: Some(mapping.plugin.clone()),
                mapping_version: Some(mapping.version),
                because: grant.because.clone(),
                granted_at: now,
            })
        })
        .collect()
}

fn link(
    rows: &mut TenantRows<'_>,
    key: &IdentityKey,
    user: &UserId,
    now: DateTime<Utc>,
) -> StorageResult<()> {
    // Who is in asks no more.
    rows.access_requests().delete(&key.connector, &key.issuer, &key.subject)?;
    rows.identity_links().insert(&IdentityLink {
        connector_id: key.connector.clone(),
        issuer: key.issuer.clone(),
        subject: key.subject.clone(),
        user_id: user.clone(),
        created_at: now,
        last_sign_in_at: Some(now),
        upstream_sub: None,
        groups: None,
        groups_at: None,
    })
}

fn create(
    rows: &mut TenantRows<'_>,
    id: UserId,
    mapped: &MappedUser,
    now: DateTime<Utc>,
) -> StorageResult<User> {
    let mut user = User {
        id,
        status: UserStatus::Active,
        email: None,
        email_normalised: None,
        email_verified: false,
        display_name: None,
        username: None,
        metadata: json!({}),
        created_at: now,
        updated_at: now,
        last_sign_in_at: Some(now),
        version: 1,
    };
    fill(&mut user, mapped);
    rows.users().insert(&user)?;
    Ok(user)
}

fn update(
    rows: &mut TenantRows<'_>,
    id: &UserId,
    mapped: &MappedUser,
    now: DateTime<Utc>,
) -> StorageResult<User> {
    let mut user = rows.users().find(id)?.ok_or(StorageError::StaleVersion)?;
    let before = user.clone();
    fill(&mut user, mapped);
    if user != before {
        user.updated_at = now;
    }
    user.last_sign_in_at = Some(now);
    let expected = user.version;
    user.version = expected + 1;
    rows.users().update(&user, expected)?;
    Ok(user)
}

/// A field that the mapping leaves out is left alone; an empty text clears it.
fn fill(user: &mut User, mapped: &MappedUser) {
    let set = |field: &mut Option<String>, value: &Option<String>| {
        if let Some(value) = value {
            *field = Some(value.clone()).filter(|value| !value.is_empty());
        }
    };
    if mapped.email.is_some() {
        set(&mut user.email, &mapped.email);
        user.email_normalised = user.email.as_deref().map(normalise_email);
        user.email_verified = mapped.email_verified;
    }
    set(&mut user.display_name, &mapped.display_name);
    set(&mut user.username, &mapped.username);
    let mut metadata = match std::mem::take(&mut user.metadata) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    for (name, value) in &mapped.metadata {
        if value.is_empty() {
            metadata.remove(name);
        } else {
            metadata.insert(name.clone(), json!(value));
        }
    }
    user.metadata = Value::Object(metadata);
}
