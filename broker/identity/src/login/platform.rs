//! Stop 1 at the platform's issuer: which tenant's people does the application mean (design.md "Tenancy")?
//!
//! A hint is enough: the tenant's name, an ID token of before, an e-mail address of a domain that one tenant has
//! proved to own. Otherwise the person is asked; there is no list to choose from. Only tenants to which the
//! application is offered count, and all others look the same from outside: nobody learns who is a customer.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use symbolon_contract::{ApplicationId, ReasonCode, TenantSlug};
use symbolon_storage::StorageResult;

use super::Refused;
use super::refuse::refuse_request;
use crate::broker::{Broker, Visit};
use crate::downstream::oidc::authorize::Parameters;
use crate::downstream::oidc::{OauthError, OpenidProvider, pushed};
use crate::downstream::{Application, GrantType};
use crate::provisioning::facts::email_domain;
use crate::tenants::{TenantRecord, UnknownTenant, resolve};

/// The parameter that names a tenant.
pub const TENANT: &str = "tenant";
/// The field in which people say it: a name or an e-mail address.
pub const ORGANISATION: &str = "organisation";

/// Longer than any name, and than any e-mail address (RFC 5321 4.5.3.1).
const LONGEST: usize = 254;

/// Where an authorization request goes on.
#[derive(Debug, Clone)]
pub enum Entrance {
    /// At this tenant; at the platform's own when nobody can be asked or the request is wrong anyhow: there it is
    /// refused.
    At(TenantRecord),
    /// The person said it: on by a page that names the tenant, because a form's redirect may not leave our origin.
    Lead(TenantRecord),
    /// Ask the person.
    Ask {
        /// The application, by the name that people know; not told before they sign in with a device's code.
        application: Option<String>,
        /// What the person typed, where it led nowhere.
        typed: Option<String>,
    },
}

/// For whom a tenant is sought: it counts only if this may be used there.
#[derive(Debug, Clone, Copy)]
enum Sought<'a> {
    /// An application that is offered to it.
    Application(&'a ApplicationId),
    /// Any offered application whose devices people let in: which one a code says, and codes are looked at only once
    /// somebody is signed in.
    Device,
}

impl Sought<'_> {
    /// What of it the tenant knows.
    async fn at(self, broker: &Broker, tenant: &TenantRecord) -> StorageResult<Vec<Application>> {
        let id = tenant.id.clone();
        let Self::Application(application) = self else {
            let rows = broker.database.read(move |conn| conn.tenant(&id).applications().list());
            let all = rows.await?.into_iter().map(Application::try_from);
            let all = all.collect::<StorageResult<Vec<_>>>()?;
            return Ok(all.into_iter().filter(|one| one.may(GrantType::DeviceCode)).collect());
        };
        Ok(Application::find(&broker.database, &id, application).await?.into_iter().collect())
    }
}

/// Finds the tenant of a person who comes to the platform's issuer to let a device in (RFC 8628 3.3).
///
/// # Errors
/// A [`Refused`] to show: the address names a tenant that does not count.
pub async fn find_tenant_of_device(
    broker: &Broker,
    platform: &TenantRecord,
    visit: &Visit,
    parameters: &Parameters,
) -> Result<Entrance, Box<Refused>> {
    match for_device(broker, parameters).await {
        Ok(entrance) => Ok(entrance),
        Err(error) => Err(refuse_request(broker, Some(platform), visit, error, None).await),
    }
}

async fn for_device(broker: &Broker, parameters: &Parameters) -> Result<Entrance, OauthError> {
    if let Some(typed) = parameters.get(ORGANISATION) {
        let found = by_words(broker, Sought::Device, typed.trim()).await?;
        let typed = Some(typed.chars().take(LONGEST).collect());
        return Ok(found.map_or(Entrance::Ask { application: None, typed }, Entrance::Lead));
    }
    let Some(named) = named(parameters, parameters)? else {
        return Ok(Entrance::Ask { application: None, typed: None });
    };
    let found = offered(broker, Sought::Device, &named).await?;
    found.map(Entrance::At).ok_or_else(|| {
        let detail = format!("tenant {named:?}: unknown, suspended, or no device is offered to it");
        OauthError::new(ReasonCode::TenantNotOffered, detail)
    })
}

/// Finds the tenant of an authorization request at the platform's issuer.
///
/// # Errors
/// A [`Refused`] to show: the request names a tenant that does not count.
pub async fn find_tenant(
    broker: &Broker,
    platform: &TenantRecord,
    visit: &Visit,
    parameters: &Parameters,
) -> Result<Entrance, Box<Refused>> {
    let application = parameters.get("client_id").and_then(|id| ApplicationId::parse(id).ok());
    let found = find(broker, platform, (parameters, application.as_ref())).await;
    match found {
        Ok(entrance) => Ok(entrance),
        Err(error) => Err(refuse_request(broker, Some(platform), visit, error, application).await),
    }
}

async fn find(
    broker: &Broker,
    platform: &TenantRecord,
    (parameters, id): (&Parameters, Option<&ApplicationId>),
) -> Result<Entrance, OauthError> {
    let Some(id) = id else {
        return Ok(Entrance::At(platform.clone()));
    };
    let application = Application::find(&broker.database, &platform.id, id).await;
    let Some(application) = application?.filter(|one| one.active) else {
        return Ok(Entrance::At(platform.clone()));
    };
    if let Some(typed) = parameters.get(ORGANISATION) {
        let found = by_words(broker, Sought::Application(id), typed.trim()).await?;
        let typed = Some(typed.chars().take(LONGEST).collect());
        let ask = Entrance::Ask { application: Some(application.display_name), typed };
        return Ok(found.map_or(ask, Entrance::Lead));
    }
    let Some(meant) = meant(broker, platform, &application, parameters).await else {
        return Ok(Entrance::At(platform.clone()));
    };
    if let Some(named) = named(&meant, parameters)? {
        let found = offered(broker, Sought::Application(id), &named).await?;
        return found.map(Entrance::At).ok_or_else(|| {
            let detail =
                format!("tenant {named:?}: unknown, suspended, or {id} is not offered to it");
            OauthError::new(ReasonCode::TenantNotOffered, detail)
        });
    }
    let hint = meant.get("login_hint").unwrap_or_default();
    if let Some(tenant) = by_domain(broker, Sought::Application(id), hint).await? {
        return Ok(Entrance::At(tenant));
    }
    if meant.words("prompt").any(|word| word == "none") {
        return Ok(Entrance::At(platform.clone()));
    }
    Ok(Entrance::Ask { application: Some(application.display_name), typed: None })
}

/// The request that was pushed or signed, or the one that stands here; nothing for one that was not pushed here. It
/// is only asked for hints, so a signature is left to the tenant's own endpoint.
async fn meant(
    broker: &Broker,
    platform: &TenantRecord,
    application: &Application,
    parameters: &Parameters,
) -> Option<Parameters> {
    if let Some(uri) = parameters.get("request_uri") {
        let provider = OpenidProvider::at(broker, platform);
        return pushed::find(broker, &provider, application, uri).await.ok();
    }
    let Some(Value::Object(claims)) = parameters.get("request").and_then(claims_of_jwt) else {
        return Some(parameters.clone());
    };
    let texts = claims.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    });
    Some(Parameters::new(texts.collect()))
}

/// What the request says of a tenant, by name or by an ID token; then what stands beside it, which may be what the
/// person said.
fn named(meant: &Parameters, beside: &Parameters) -> Result<Option<String>, OauthError> {
    let single = |parameters: &Parameters| {
        let named = parameters.single(TENANT).map(|found| found.map(str::to_owned));
        named.map_err(|_| {
            OauthError::new(ReasonCode::AuthorizeDuplicateParameter, "tenant stands more than once")
        })
    };
    let hinted = || meant.get("id_token_hint").and_then(tenant_of_jwt).map(String::from);
    let named = single(meant)?.or(single(beside)?).or_else(hinted);
    Ok(named.map(|text| text.chars().take(LONGEST).collect()))
}

/// The `tenant` claim of a JWT. Nothing is proved: it only says at which tenant to prove it.
#[must_use]
pub fn tenant_of_jwt(token: &str) -> Option<TenantSlug> {
    TenantSlug::parse(claims_of_jwt(token)?.get(TENANT)?.as_str()?).ok()
}

fn claims_of_jwt(token: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

async fn by_words(
    broker: &Broker,
    sought: Sought<'_>,
    typed: &str,
) -> StorageResult<Option<TenantRecord>> {
    if typed.contains('@') {
        by_domain(broker, sought, typed).await
    } else {
        offered(broker, sought, &typed.to_lowercase()).await
    }
}

/// The one tenant that proved to own the address's domain; with two nobody can tell.
async fn by_domain(
    broker: &Broker,
    sought: Sought<'_>,
    email: &str,
) -> StorageResult<Option<TenantRecord>> {
    let Some(domain) = email_domain(email).filter(|_| email.len() <= LONGEST) else {
        return Ok(None);
    };
    let owners = broker.database.read(move |conn| {
        let owners = conn.operator().owners_of_domain(&domain)?;
        let rows = owners.iter().map(|id| conn.operator().tenant_by_id(id));
        rows.collect::<StorageResult<Vec<_>>>()
    });
    let mut found = Vec::new();
    for owner in owners.await?.into_iter().flatten() {
        found.extend(offered(broker, sought, owner.slug.as_str()).await?);
    }
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// The tenant of this name, if it is active and what is sought is offered to it.
async fn offered(
    broker: &Broker,
    sought: Sought<'_>,
    name: &str,
) -> StorageResult<Option<TenantRecord>> {
    let tenant = match resolve(&broker.database, name).await {
        Ok(tenant) => tenant.at_platform(),
        Err(UnknownTenant::Storage(error)) => return Err(error),
        Err(UnknownTenant::NoSuchTenant | UnknownTenant::Suspended(_)) => return Ok(None),
    };
    let found = sought.at(broker, &tenant).await?;
    let counts = found.iter().any(|one| one.speaks_to(&tenant) && one.active);
    Ok(counts.then_some(tenant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        Parameters::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn the_tenant_is_named_by_itself_or_an_id_token_inside_before_beside() {
        let hint = format!("x.{}.y", URL_SAFE_NO_PAD.encode(r#"{"tenant":"fabrikam"}"#));
        let (hint, said) = (("id_token_hint", hint.as_str()), ("tenant", "Contoso Ltd"));
        let cases = [
            (vec![said, hint], vec![], Some("Contoso Ltd")),
            (vec![("tenant", "inside")], vec![said], Some("inside")),
            (vec![hint], vec![said], Some("Contoso Ltd")),
            (vec![hint], vec![], Some("fabrikam")),
            (vec![("id_token_hint", "x.!.y")], vec![], None),
            (vec![], vec![], None),
        ];
        for (inside, beside, expected) in cases {
            let found = named(&parameters(&inside), &parameters(&beside)).unwrap();
            assert_eq!(found.as_deref(), expected, "{inside:?} {beside:?}");
        }
        let twice = parameters(&[("tenant", "a"), ("tenant", "b")]);
        assert!(named(&twice, &parameters(&[])).is_err());
    }
}
