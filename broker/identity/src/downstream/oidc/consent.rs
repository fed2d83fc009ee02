//! What a person agrees to for an application that is not the vendor's own (OpenID Core 3.1.2.4).
//!
//! Owns: what is asked for, in parts that can be put in words, what was given, and taking it back. Does not
//! own: the page, or whose browser answers (`login`).

use chrono::{DateTime, Utc};
use symbolon_contract::{ApplicationId, UserId};
use symbolon_storage::{Consent, StorageResult, TenantRows};

use super::authorize::AuthorizationRequest;
use super::claims::scope_of;
use super::claims_request::ClaimsRequest;
use super::code::CodeGrant;
use crate::downstream::Application;

/// Why families and tokens end when a consent is taken back.
const WITHDRAWN: &str = "consent withdrawn";

/// Claims that tell nothing of a person beyond what every sign-in tells.
const OF_THE_SIGN_IN: [&str; 7] = ["sub", "acr", "amr", "auth_time", "sid", "iss", "aud"];

/// One thing that an application asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// A scope of ours.
    Scope(String),
    /// A scope that means something to a resource server.
    ScopeOfResource {
        /// The scope.
        scope: String,
        /// The resource.
        resource: String,
    },
    /// Tokens for a resource server.
    Resource(String),
    /// A single claim.
    Claim(String),
}

impl Wish {
    /// How it is kept. A scope holds no blank, so the kinds cannot be taken for one another.
    fn key(&self) -> String {
        match self {
            Self::Scope(scope) => scope.clone(),
            Self::ScopeOfResource { scope, resource } => format!("scope {scope} {resource}"),
            Self::Resource(resource) => format!("resource {resource}"),
            Self::Claim(claim) => format!("claim {claim}"),
        }
    }

    /// Reads what was kept.
    #[must_use]
    pub fn of_key(key: &str) -> Self {
        let mut parts = key.splitn(3, ' ');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("scope"), Some(scope), Some(resource)) => {
                Self::ScopeOfResource { scope: scope.to_owned(), resource: resource.to_owned() }
            }
            (Some("resource"), Some(resource), None) => Self::Resource(resource.to_owned()),
            (Some("claim"), Some(claim), None) => Self::Claim(claim.to_owned()),
            _ => Self::Scope(key.to_owned()),
        }
    }
}

/// What is asked for, wherever it stands: in a request that waits, or in a grant that was made.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// Scopes.
    pub scopes: &'a [String],
    /// Where the tokens shall be good (RFC 8707 2).
    pub resources: &'a [String],
    /// Single claims (OpenID Core 5.5).
    pub claims: Option<&'a ClaimsRequest>,
}

impl<'a> From<&'a AuthorizationRequest> for Sought<'a> {
    fn from(request: &'a AuthorizationRequest) -> Self {
        let AuthorizationRequest { scopes, resources, claims, .. } = request;
        Self { scopes, resources, claims: claims.as_ref() }
    }
}

impl<'a> From<&'a CodeGrant> for Sought<'a> {
    fn from(grant: &'a CodeGrant) -> Self {
        let CodeGrant { scopes, resources, claims, .. } = grant;
        Self { scopes, resources, claims: claims.as_ref() }
    }
}

/// Everything that is asked for, in the order in which it is shown.
#[must_use]
pub fn wishes(application: &Application, request: Sought<'_>) -> Vec<Wish> {
    let settings = &application.settings;
    let mut wishes: Vec<Wish> = Vec::new();
    for scope in request.scopes {
        if super::SCOPES.contains(&scope.as_str()) || scope == "offline_access" {
            wishes.push(Wish::Scope(scope.clone()));
        }
    }
    let named = |identifier: &String| {
        request.resources.is_empty() || request.resources.contains(identifier)
    };
    for resource in settings.resources.iter().filter(|one| named(&one.identifier)) {
        for scope in resource.scopes.iter().filter(|scope| request.scopes.contains(scope)) {
            let (scope, resource) = (scope.clone(), resource.identifier.clone());
            wishes.push(Wish::ScopeOfResource { scope, resource });
        }
    }
    wishes.extend(request.resources.iter().cloned().map(Wish::Resource));
    let told = settings.release.iter();
    let told = told.filter(|one| one.scope.as_ref().is_none_or(|s| request.scopes.contains(s)));
    let claims = told.map(|one| one.claim.as_str());
    let asked = request.claims.into_iter().flat_map(ClaimsRequest::names);
    for claim in claims.chain(asked).filter(|claim| !is_covered(claim, request.scopes)) {
        let wish = Wish::Claim(claim.to_owned());
        if !wishes.contains(&wish) {
            wishes.push(wish);
        }
    }
    wishes
}

/// Whether a claim is told already by a granted scope, or by the sign-in itself (OpenID Core 5.4).
fn is_covered(claim: &str, scopes: &[String]) -> bool {
    let granted = |scope: &str| scopes.iter().any(|held| held == scope);
    OF_THE_SIGN_IN.contains(&claim) || scope_of(claim).is_some_and(granted)
}

/// Whether the person must be asked before this request is answered.
///
/// # Errors
/// Those of the database.
pub(crate) fn is_needed(
    rows: &mut TenantRows<'_>,
    (application, request): (&Application, &AuthorizationRequest),
    user: &UserId,
) -> StorageResult<bool> {
    if !application.settings.third_party {
        return Ok(false);
    }
    if request.prompt.consent {
        return Ok(true);
    }
    let given = rows.consents().find(user, &application.id)?;
    let given = given.map(|consent| consent.scopes).unwrap_or_default();
    Ok(wishes(application, request.into()).iter().any(|wish| !given.contains(&wish.key())))
}

/// Keeps that the person agreed; what was agreed before stays. Says what is agreed now.
///
/// # Errors
/// Those of the database.
pub(crate) fn give(
    rows: &mut TenantRows<'_>,
    (application, sought): (&Application, Sought<'_>),
    user: &UserId,
    now: DateTime<Utc>,
) -> StorageResult<Vec<String>> {
    let before = rows.consents().find(user, &application.id)?;
    let created_at = before.as_ref().map_or(now, |consent| consent.created_at);
    let mut scopes = before.map(|consent| consent.scopes).unwrap_or_default();
    scopes.extend(wishes(application, sought).iter().map(Wish::key));
    scopes.sort();
    scopes.dedup();
    rows.consents().put(&Consent {
        user_id: user.clone(),
        application_id: application.id.clone(),
        scopes: scopes.clone(),
        created_at,
        updated_at: now,
    })?;
    Ok(scopes)
}

/// Whether all that a grant stands for is agreed to still, without a break since the grant was made. What the caller
/// writes in the same transaction because of it, [`withdraw`] finds.
///
/// # Errors
/// Those of the database.
pub(crate) fn stands(
    rows: &mut TenantRows<'_>,
    application: &Application,
    grant: &CodeGrant,
) -> StorageResult<bool> {
    if !application.settings.third_party {
        return Ok(true);
    }
    let wishes = wishes(application, grant.into());
    if wishes.is_empty() {
        return Ok(true);
    }
    let given = rows.consents().hold(&grant.user, &application.id)?;
    // One that was taken back and given anew speaks for later grants only.
    let given = given.filter(|consent| consent.created_at <= grant.made_at);
    let covers = |consent: Consent| wishes.iter().all(|wish| consent.scopes.contains(&wish.key()));
    Ok(given.is_some_and(covers))
}

/// Takes a consent back, with every token that the application holds for the person. False when there was none.
///
/// # Errors
/// Those of the database.
pub(crate) fn withdraw(
    rows: &mut TenantRows<'_>,
    user: &UserId,
    application: &ApplicationId,
    now: DateTime<Utc>,
) -> StorageResult<bool> {
    // First, so that a grant that is being redeemed either sees it or is seen below.
    let taken_back = rows.consents().delete(user, application)?;
    rows.token_families().revoke_by_user(user, Some(application), now, WITHDRAWN)?;
    rows.access_tokens().revoke_by_user(user, application, now)?;
    Ok(taken_back)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_can_be_read_and_no_kind_passes_for_another() {
        let all = [
            Wish::Scope("email".into()),
            Wish::Scope("claim".into()),
            Wish::ScopeOfResource { scope: "read".into(), resource: "https://api.example/".into() },
            Wish::Resource("https://api.example/".into()),
            Wish::Claim("email".into()),
        ];
        for wish in &all {
            assert_eq!(Wish::of_key(&wish.key()), *wish);
        }
    }
}
