//! ID tokens (E-20 to E-32), honest ones and all the others. No `amr`, no `email_verified`, no
//! `at_hash`: Microsoft sends none of them in version 2.

use serde_json::{Map, Value, json};

use super::Directory;
use super::application::{AppRegistration, GroupsStyle};
use super::fault::EntraFault;
use super::person::{GuestHome, Person};
use super::world::{Grant, PERSONAL_DIRECTORY, World, personal_key};
use crate::keys::KeyError;
use crate::values::{random_word, sha256_base64url};

const HOUR: i64 = 3600;

type Claims = Map<String, Value>;

/// The ID token for a grant, with the faults in force.
pub(super) fn issue(
    world: &World,
    application: &AppRegistration,
    grant: &Grant,
    version1: bool,
) -> Result<String, KeyError> {
    let (faults, key, limit, found) = world.with(|state| {
        let found = state
            .person(&grant.tid, &grant.oid)
            .map(|(directory, person)| (directory.clone(), person.clone()));
        let key = state.signing_key(&grant.client_id).cloned();
        (state.faults.clone(), key, state.groups_limit, found)
    });
    let (directory, person) = found.ok_or(KeyError::Generate)?;
    let subject = Subject { directory: &directory, person: &person, application, grant };
    let version1 = version1 || faults.contains(&EntraFault::TokenVersion1);
    let mut claims = subject.base(world, version1);
    subject.optional(world, &mut claims);
    subject.groups_and_roles(&mut claims, overage(&faults, limit));
    claims.extend(person.claims.clone());
    let mut key = key.ok_or(KeyError::Generate)?;
    let mut kid = key.kid.clone();
    let mut turned = false;
    for fault in &faults {
        bend(&mut claims, fault, world);
        match fault {
            EntraFault::TokenUnknownKey => "nobody".clone_into(&mut kid),
            EntraFault::TokenBadSignature => turned = true,
            EntraFault::TokenSignedByPersonalKey => {
                key = personal_key()?;
                kid.clone_from(&key.kid);
            }
            _ => {}
        }
    }
    let mut header = json!({"typ": "JWT", "alg": "RS256", "kid": kid});
    if let Some(header) = header.as_object_mut().filter(|_| version1) {
        header.insert("x5t".to_owned(), json!(kid));
    }
    let token = key.sign(&header, &Value::Object(claims))?;
    Ok(if turned { with_turned_signature(&token) } else { token })
}

struct Subject<'a> {
    directory: &'a Directory,
    person: &'a Person,
    application: &'a AppRegistration,
    grant: &'a Grant,
}

/// When and how group ids are left out.
struct Overage {
    limit: usize,
    as_has_groups: bool,
    endpoint: Option<String>,
}

fn overage(faults: &[EntraFault], limit: usize) -> Overage {
    let always = faults.contains(&EntraFault::GroupsOverage);
    let endpoint = faults.iter().find_map(|fault| match fault {
        EntraFault::OverageEndpoint(url) => Some(url.clone()),
        _ => None,
    });
    let as_has_groups = faults.contains(&EntraFault::OverageAsHasGroups);
    Overage { limit: if always { 0 } else { limit }, as_has_groups, endpoint }
}

impl Subject<'_> {
    fn base(&self, world: &World, version1: bool) -> Claims {
        let Self { directory, person, grant, .. } = self;
        let now = world.now();
        let upn = person.upn(&directory.domain);
        let mut claims = Claims::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("aud", json!(grant.client_id));
        put("iat", json!(now));
        put("nbf", json!(now));
        put("exp", json!(now + HOUR));
        put("aio", json!(random_word()));
        put("rh", json!(format!("1.{}", random_word())));
        put("uti", json!(random_word().chars().take(22).collect::<String>()));
        put("sub", json!(pairwise(&grant.client_id, &directory.id, &person.id)));
        put("tid", json!(directory.id));
        if let Some(nonce) = &grant.nonce {
            put("nonce", json!(nonce));
        }
        if version1 {
            put("iss", json!(world.issuer_version1(&directory.id)));
            put("ver", json!("1.0"));
            put("amr", json!(["pwd"]));
            put("oid", json!(person.id));
            put("name", json!(person.text("displayName")));
            put("unique_name", json!(upn));
            put("upn", json!(upn));
            return claims;
        }
        put("iss", json!(world.issuer(&directory.id)));
        put("ver", json!("2.0"));
        if grant.scopes.iter().any(|scope| scope == "profile") {
            put("oid", json!(person.id));
            put("name", json!(person.text("displayName")));
            put("preferred_username", json!(upn));
        }
        if !grant.acrs.is_empty() {
            put("acrs", json!(grant.acrs));
        }
        claims
    }

    /// Claims that the app registration (E-32) or the request has to ask for.
    fn optional(&self, world: &World, claims: &mut Claims) {
        let Self { directory, person, application, grant } = self;
        let is_guest = person.is_guest();
        let mail_scope = grant.scopes.iter().any(|scope| scope == "email");
        if let Some(mail) = person.text("mail")
            && (is_guest || mail_scope || application.emits("email"))
        {
            claims.insert("email".to_owned(), json!(mail));
        }
        let idp = match &person.identity_provider {
            Some(GuestHome::Directory(home)) => Some(world.issuer_version1(home)),
            Some(GuestHome::Personal) => Some("live.com".to_owned()),
            None => None,
        };
        let own_issuer = || world.issuer(&directory.id);
        let mut put_if_asked = |name: &str, value: Option<Value>| {
            let asked = grant.asked_claims.iter().any(|asked| asked == name);
            if let Some(value) = value.filter(|_| asked || application.emits(name)) {
                claims.insert(name.to_owned(), value);
            }
        };
        put_if_asked("acct", Some(json!(i32::from(is_guest))));
        put_if_asked("xms_edov", person.domain_verified.map(|verified| json!(verified)));
        put_if_asked("auth_time", Some(json!(grant.auth_time)));
        put_if_asked("sid", Some(json!(grant.sid)));
        put_if_asked("login_hint", Some(json!(person.login_hint())));
        put_if_asked("upn", Some(json!(person.upn(&directory.domain))));
        put_if_asked("idp", Some(json!(idp.clone().unwrap_or_else(own_issuer))));
        put_if_asked("given_name", person.text("givenName").map(|name| json!(name)));
        put_if_asked("family_name", person.text("surname").map(|name| json!(name)));
        if !person.directory_roles.is_empty() {
            put_if_asked("wids", Some(json!(person.directory_roles)));
        }
        if let Some(idp) = idp {
            claims.insert("idp".to_owned(), json!(idp));
        }
    }

    fn groups_and_roles(&self, claims: &mut Claims, overage: Overage) {
        let Self { directory, person, application, .. } = self;
        let direct = directory.direct_groups(&person.id);
        let assigned = |assignee: &String| *assignee == person.id || direct.contains(assignee);
        let mut roles: Vec<&String> = application
            .app_roles
            .iter()
            .filter(|(assignee, _)| assigned(assignee))
            .map(|(_, value)| value)
            .collect();
        let style = application.groups_style;
        let groups = match style {
            _ if !application.emits("groups") => Vec::new(),
            GroupsStyle::DisplayNames => {
                let groups = direct.iter().filter_map(|id| directory.find_group(id));
                groups.map(|group| group.name().to_owned()).collect()
            }
            GroupsStyle::ObjectIds | GroupsStyle::AsRoles => directory
                .groups_of(&person.id)
                .filter(|group| group.is_security_group())
                .map(|group| group.id.clone())
                .collect(),
        };
        let name = if style == GroupsStyle::AsRoles { "roles" } else { "groups" };
        if groups.len() > overage.limit {
            if overage.as_has_groups {
                claims.insert("hasgroups".to_owned(), json!(true));
            } else {
                // Microsoft still names the retired host; nobody may follow it.
                let endpoint = overage.endpoint.unwrap_or_else(|| {
                    format!(
                        "https://graph.windows.net/{}/users/{}/getMemberObjects",
                        directory.id, person.id
                    )
                });
                claims.insert("_claim_names".to_owned(), json!({name: "src1"}));
                claims.insert("_claim_sources".to_owned(), json!({"src1": {"endpoint": endpoint}}));
            }
        } else if !groups.is_empty() {
            claims.insert(name.to_owned(), json!(groups));
        }
        if style != GroupsStyle::AsRoles && !roles.is_empty() {
            roles.sort();
            roles.dedup();
            claims.insert("roles".to_owned(), json!(roles));
        }
    }
}

/// The same person has another `sub` in each application (OpenID Connect Core 8.1).
fn pairwise(client_id: &str, tid: &str, oid: &str) -> String {
    sha256_base64url(&format!("{client_id}|{tid}|{oid}"))
}

fn bend(claims: &mut Claims, fault: &EntraFault, world: &World) {
    let now = world.now();
    let (name, value) = match fault {
        EntraFault::TokenTid(tid) => ("tid", json!(tid)),
        EntraFault::TokenIssuerOf(tid) => ("iss", json!(world.issuer(tid))),
        EntraFault::TokenIssuerTemplate => ("iss", json!(world.issuer("{tenantid}"))),
        EntraFault::TokenPersonalAccount => {
            claims.insert("tid".to_owned(), json!(PERSONAL_DIRECTORY));
            ("iss", json!(world.issuer(PERSONAL_DIRECTORY)))
        }
        EntraFault::TokenSubjectChanged => ("sub", json!(sha256_base64url("another subject"))),
        EntraFault::TokenExpired => {
            claims.insert("iat".to_owned(), json!(now - 2 * HOUR));
            claims.insert("nbf".to_owned(), json!(now - 2 * HOUR));
            ("exp", json!(now - HOUR))
        }
        EntraFault::TokenFromTheFuture => {
            claims.insert("exp".to_owned(), json!(now + 2 * HOUR));
            claims.insert("nbf".to_owned(), json!(now + HOUR));
            ("iat", json!(now + HOUR))
        }
        EntraFault::TokenWrongNonce => ("nonce", json!("another-nonce")),
        EntraFault::TokenWrongAudience => ("aud", json!("somebody-else")),
        EntraFault::TokenClaim(name, value) => (name.as_str(), value.clone()),
        EntraFault::TokenWithoutOid => {
            claims.remove("oid");
            return;
        }
        EntraFault::TokenWithoutClaim(name) => {
            claims.remove(name);
            return;
        }
        _ => return,
    };
    claims.insert(name.to_owned(), value);
}

/// Swaps one letter in the middle of the signature: still well formed, no longer true.
fn with_turned_signature(token: &str) -> String {
    let Some((signed, signature)) = token.rsplit_once('.') else {
        return token.to_owned();
    };
    let (before, after) = signature.split_at(signature.len() / 2);
    let turned = if after.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{before}{turned}{}", after.get(1..).unwrap_or_default())
}
