//! Applications register themselves, and look after themselves (RFC 7591, RFC 7592). A tenant opens this; whoever
//! registers shows an API key with the scope `apps.register`.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use symbolon_contract::{ApplicationId, ReasonCode};

use super::super::api_key::authenticate_as;
use super::super::{AdminCaller, AdminError, ApiKeyProblem, ApiRefusal, ApiScope};
use super::change::{ApplicationChange, delete_application, replace};
use super::create::{CreatedApplication, NewApplication, register};
use crate::broker::{Broker, Visit};
use crate::downstream::oidc::OauthError;
use crate::downstream::oidc::registration::{Metadata, read, refusal, write};
use crate::downstream::{Application, ApplicationSecretHash};
use crate::tenants::{TenantRecord, issuer};

/// A registration that was refused.
#[derive(Debug)]
pub struct RegistrationRefusal {
    /// What is wrong.
    pub error: OauthError,
    /// Which application, once known.
    pub application: Option<ApplicationId>,
    /// Whether the audit trail has it already.
    pub kept: bool,
}

impl RegistrationRefusal {
    fn of(application: &ApplicationId, error: OauthError) -> Self {
        Self { application: Some(application.clone()), ..Self::from(error) }
    }
}

impl From<OauthError> for RegistrationRefusal {
    fn from(error: OauthError) -> Self {
        Self { error, application: None, kept: false }
    }
}

/// What only the provider says of an application (RFC 7592 2.2).
const OURS: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// Registers an application by its own word; the answer is the client information response (RFC 7591 3.2.1).
///
/// # Errors
/// [`RegistrationRefusal`] with `registration.*`.
pub async fn register_application(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (token, sent): (Option<&SecretString>, &Map<String, Value>),
) -> Result<Value, RegistrationRefusal> {
    let caller = initial_access(broker, tenant, visit, token).await?;
    let Metadata { display_name, settings, public } = read(sent)?;
    let id = broker.ids.new_row_id();
    let id = ApplicationId::parse(id)
        .map_err(|error| OauthError::new(ReasonCode::ServerInternal, error.to_string()))?;
    let new = NewApplication {
        display_name: display_name.unwrap_or_else(|| id.to_string()),
        id,
        settings,
        public,
    };
    let management = broker.new_secret();
    let hash = ApplicationSecretHash::of(management.expose_secret()).as_hex().to_owned();
    let made = register(broker, &caller, tenant, (new, Some(hash))).await.map_err(told)?;
    let mut answer = information(broker, tenant, &made, &management);
    answer.insert("client_id_issued_at".into(), json!(broker.clock.now().timestamp()));
    Ok(Value::Object(answer))
}

async fn initial_access(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    token: Option<&SecretString>,
) -> Result<AdminCaller, RegistrationRefusal> {
    if !tenant.settings.dynamic_registration {
        let detail = "the tenant does not let applications register themselves";
        return Err(OauthError::new(ReasonCode::RegistrationClosed, detail).into());
    }
    let key = (tenant.slug.as_str(), token);
    let access = authenticate_as(broker, visit, key, (ApiScope::AppsRegister, of_the_token)).await;
    let access = access.map_err(|ApiRefusal { problem, .. }| RegistrationRefusal {
        error: OauthError::new(of_the_token(&problem), problem.to_string()),
        application: None,
        kept: true,
    })?;
    Ok(access.caller)
}

/// What is wrong with an initial access token, in the words of the registration.
fn of_the_token(problem: &ApiKeyProblem) -> ReasonCode {
    match problem {
        ApiKeyProblem::Storage(_) => problem.reason(),
        _ => ReasonCode::RegistrationTokenInvalid,
    }
}

/// What an application registered, for whoever shows its registration access token (RFC 7592 2.1). Of its secret
/// only a hash is kept, so it is not told again.
///
/// # Errors
/// [`RegistrationRefusal`] with `registration.token_invalid`, also when there is no such application.
pub async fn read_registration(
    broker: &Broker,
    tenant: &TenantRecord,
    (id, token): (&str, Option<&SecretString>),
) -> Result<Value, RegistrationRefusal> {
    let (application, token) = own(broker, tenant, (id, token)).await?;
    let known = CreatedApplication { application, secret: None };
    Ok(Value::Object(information(broker, tenant, &known, &token)))
}

/// Replaces what an application registered (RFC 7592 2.2).
///
/// # Errors
/// [`RegistrationRefusal`] with `registration.*`.
pub async fn replace_registration(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (id, token, sent): (&str, Option<&SecretString>, &Map<String, Value>),
) -> Result<Value, RegistrationRefusal> {
    let (known, token) = own(broker, tenant, (id, token)).await?;
    let of_it = |error| RegistrationRefusal::of(&known.id, error);
    unchanged(&known, sent).map_err(of_it)?;
    let Metadata { display_name, settings, public } = read(sent).map_err(of_it)?;
    let change = ApplicationChange {
        display_name: Some(display_name.unwrap_or_else(|| known.id.to_string())),
        settings,
        public: Some(public),
        seen_version: None,
    };
    let caller = itself(visit, &known);
    let changed = replace(broker, &caller, tenant, (&known.id, change, None)).await;
    let changed = changed.map_err(|error| of_it(told(error)))?;
    Ok(Value::Object(information(broker, tenant, &changed, &token)))
}

/// Deletes an application (RFC 7592 2.3).
///
/// # Errors
/// [`RegistrationRefusal`] with `registration.token_invalid`.
pub async fn delete_registration(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (id, token): (&str, Option<&SecretString>),
) -> Result<(), RegistrationRefusal> {
    let (known, _) = own(broker, tenant, (id, token)).await?;
    let caller = itself(visit, &known);
    let deleted = delete_application(broker, &caller, tenant, &known.id).await;
    deleted.map_err(|error| RegistrationRefusal::of(&known.id, told(error)))
}

/// The application of a registration access token. No application and a wrong token look the same (RFC 7592 2.1).
async fn own(
    broker: &Broker,
    tenant: &TenantRecord,
    (id, token): (&str, Option<&SecretString>),
) -> Result<(Application, SecretString), RegistrationRefusal> {
    let refuse = |detail: &str| OauthError::new(ReasonCode::RegistrationTokenInvalid, detail);
    let token = token.ok_or_else(|| refuse("the request carries no registration access token"))?;
    let unknown = || refuse("no application of this id has this registration access token");
    let id = ApplicationId::parse(id).map_err(|_| unknown())?;
    let found = Application::find(&broker.database, &tenant.id, &id).await;
    let found = found.map_err(OauthError::from)?.filter(|found| found.speaks_to(tenant));
    let fits = |found: &Application| {
        found.registration.as_ref().is_some_and(|hash| hash.matches(token.expose_secret()))
    };
    let application = found.filter(fits).ok_or_else(unknown)?;
    if !application.active {
        let detail = "the application is disabled".to_owned();
        let error = OauthError { reason: ReasonCode::ApplicationDisabled, detail };
        return Err(RegistrationRefusal::of(&application.id, error));
    }
    Ok((application, token.clone()))
}

/// An update names its application, and nothing that only we say (RFC 7592 2.2).
fn unchanged(known: &Application, sent: &Map<String, Value>) -> Result<(), OauthError> {
    if let Some(name) = OURS.into_iter().find(|name| sent.contains_key(*name)) {
        return Err(refusal(&[format!("{name}: an update does not hold it")]));
    }
    if sent.get("client_id") != Some(&json!(known.id)) {
        return Err(refusal(&["client_id: not that of the application".to_owned()]));
    }
    let secret = sent.get("client_secret").map(|value| value.as_str().unwrap_or_default());
    let its_own = |secret| known.secret.as_ref().is_some_and(|hash| hash.matches(secret));
    if secret.is_some_and(|secret| !its_own(secret)) {
        return Err(refusal(&["client_secret: not the present one".to_owned()]));
    }
    Ok(())
}

fn itself(visit: &Visit, known: &Application) -> AdminCaller {
    let name = format!("application {} itself", known.id);
    AdminCaller { kind: "application", name, visit: Some(visit.clone()) }
}

fn information(
    broker: &Broker,
    tenant: &TenantRecord,
    made: &CreatedApplication,
    management: &SecretString,
) -> Map<String, Value> {
    let issuer = issuer(&broker.settings.public_url, &tenant.slug);
    let mut fields = write(&made.application);
    if let Some(secret) = &made.secret {
        fields.insert("client_secret".into(), json!(secret.expose_secret()));
        fields.insert("client_secret_expires_at".into(), json!(0));
    }
    let uri = format!("{issuer}/register/{}", made.application.id);
    fields.insert("registration_client_uri".into(), json!(uri));
    fields.insert("registration_access_token".into(), json!(management.expose_secret()));
    fields
}

/// In the form of the standard.
fn told(error: AdminError) -> OauthError {
    match error {
        AdminError::Invalid(problems) => refusal(&problems),
        AdminError::Storage(error) => error.into(),
        other => OauthError::new(other.reason(), other.to_string()),
    }
}
