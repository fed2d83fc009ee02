//! `symbolon application`.

pub(super) mod settings;

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{
    self, AdminCaller, ApplicationChange, CreatedApplication, NewApplication,
};
use symbolon_identity::downstream::oidc::OpenidProvider;
use symbolon_identity::downstream::{Application, OpenidSettings};
use symbolon_identity::logout;
use symbolon_identity::tenants::TenantRecord;

use super::arguments::{
    ApplicationCommand, ApplicationPlace, ChangeApplicationArguments, ChangeArguments,
    NewApplicationArguments, RegistrationArguments,
};
use super::{files, print};

pub(super) async fn run(
    broker: &Broker,
    command: ApplicationCommand,
    json: bool,
) -> anyhow::Result<()> {
    match command {
        ApplicationCommand::Create(arguments) => create(broker, *arguments, json).await,
        ApplicationCommand::List { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let applications = admin::list_applications(broker, &tenant).await?;
            let rows: Vec<Value> =
                applications.iter().map(|one| describe(broker, &tenant, one)).collect();
            print::table(&rows, &["client_id", "display_name", "active", "redirect_uris"], json);
            Ok(())
        }
        ApplicationCommand::Logouts { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let waiting = logout::undelivered(broker, &tenant.id).await?;
            let rows = waiting.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
            let columns = ["application", "session", "attempts", "next_attempt_at", "problem"];
            print::table(&rows, &columns, json);
            Ok(())
        }
        ApplicationCommand::Show(place) => {
            let (tenant, application) = find(broker, &place).await?;
            print::object(&describe(broker, &tenant, &application), json);
            Ok(())
        }
        ApplicationCommand::Update(arguments) => update(broker, *arguments, json).await,
        ApplicationCommand::RotateSecret { place, secret_out } => {
            let tenant = admin::read_tenant(broker, &place.tenant).await?;
            let file = reserve(secret_out.as_deref())?;
            let caller = AdminCaller::command_line();
            let rotated =
                admin::rotate_application_secret(broker, &caller, &tenant, &place.id).await?;
            let shown = json!({ "client_id": rotated.application.id });
            tell(shown, (rotated.secret, file), json)
        }
        ApplicationCommand::Disable(place) => switch(broker, place, false).await,
        ApplicationCommand::Enable(place) => switch(broker, place, true).await,
        ApplicationCommand::Delete(place) => {
            let tenant = admin::read_tenant(broker, &place.tenant).await?;
            let caller = AdminCaller::command_line();
            Ok(admin::delete_application(broker, &caller, &tenant, &place.id).await?)
        }
    }
}

async fn create(
    broker: &Broker,
    arguments: NewApplicationArguments,
    json: bool,
) -> anyhow::Result<()> {
    let tenant = admin::read_tenant(broker, &arguments.tenant).await?;
    let (new, file) = registration(arguments.registration)?;
    let caller = AdminCaller::command_line();
    let CreatedApplication { application, secret } =
        admin::create_application(broker, &caller, &tenant, new).await?;
    tell(describe(broker, &tenant, &application), (secret, file), json)
}

async fn update(
    broker: &Broker,
    arguments: ChangeApplicationArguments,
    json: bool,
) -> anyhow::Result<()> {
    let ChangeApplicationArguments { tenant, change: arguments } = arguments;
    let place = ApplicationPlace { tenant, id: arguments.id.clone() };
    let (tenant, known) = find(broker, &place).await?;
    let (change, file) = change(known, arguments)?;
    let (caller, change) = (AdminCaller::command_line(), (&place.id, change));
    let CreatedApplication { application, secret } =
        admin::replace_application(broker, &caller, &tenant, change).await?;
    tell(describe(broker, &tenant, &application), (secret, file), json)
}

async fn switch(broker: &Broker, place: ApplicationPlace, active: bool) -> anyhow::Result<()> {
    let tenant = admin::read_tenant(broker, &place.tenant).await?;
    let caller = AdminCaller::command_line();
    admin::set_application_active(broker, &caller, &tenant, (&place.id, active)).await?;
    Ok(())
}

async fn find(
    broker: &Broker,
    place: &ApplicationPlace,
) -> anyhow::Result<(TenantRecord, Application)> {
    let tenant = admin::read_tenant(broker, &place.tenant).await?;
    let application = admin::read_application(broker, &tenant.id, &place.id).await?;
    Ok((tenant, application))
}

/// What is to be registered, and where its secret goes.
pub(super) fn registration(
    arguments: RegistrationArguments,
) -> anyhow::Result<(NewApplication, Option<files::SecretFile>)> {
    let RegistrationArguments { id, display_name, public, settings, secret_out } = arguments;
    if public && secret_out.is_some() {
        anyhow::bail!("--secret-out: a public application has no secret");
    }
    let display_name = display_name.unwrap_or_else(|| id.to_string());
    let settings = settings::laid_over(OpenidSettings::new(Vec::new()), settings)?;
    Ok((NewApplication { id, display_name, settings, public }, reserve(secret_out.as_deref())?))
}

/// What an application is from now on, and where a new secret goes.
pub(super) fn change(
    known: Application,
    arguments: ChangeArguments,
) -> anyhow::Result<(ApplicationChange, Option<files::SecretFile>)> {
    let change = ApplicationChange {
        display_name: arguments.display_name,
        settings: settings::laid_over(known.settings, arguments.settings)?,
        public: None,
        seen_version: Some(arguments.if_version.unwrap_or(known.version)),
    };
    Ok((change, reserve(arguments.secret_out.as_deref())?))
}

pub(super) fn reserve(path: Option<&Path>) -> anyhow::Result<Option<files::SecretFile>> {
    path.map(files::SecretFile::reserve).transpose()
}

/// Prints what was made. This is the one moment at which a secret is known; only its hash is kept.
pub(super) fn tell(
    mut shown: Value,
    (secret, file): (Option<SecretString>, Option<files::SecretFile>),
    json: bool,
) -> anyhow::Result<()> {
    match (&secret, file) {
        (Some(secret), Some(file)) => file.keep(secret.expose_secret())?,
        (Some(secret), None) => {
            print::add(&mut shown, "client_secret", json!(secret.expose_secret()));
        }
        (None, _) => {}
    }
    print::object(&shown, json);
    Ok(())
}

/// What is worth knowing always, and every setting that has not its default value.
pub(super) fn describe(broker: &Broker, tenant: &TenantRecord, application: &Application) -> Value {
    let settings = &application.settings;
    let mut shown = json!({
        "client_id": application.id,
        "display_name": application.display_name,
        "active": application.active,
        "public": application.is_public(),
        "version": application.version,
        "issuer": OpenidProvider::of(broker, tenant, application).issuer,
        "redirect_uris": settings.redirect_uris,
        "initiate_login_uri": settings.initiate_login_uri,
        "grant_types": settings.grant_types,
        "authentication": settings.authentication,
        "profile": settings.profile,
        "id_token_algorithm": settings.id_token_algorithm,
        "claims_in_id_token": settings.claims_in_id_token,
        "require_pkce": settings.require_pkce,
        "connectors": settings.connectors,
    });
    let (registered, usual) = (json!(settings), json!(OpenidSettings::new(Vec::new())));
    for (name, value) in registered.as_object().into_iter().flatten() {
        if usual.get(name) != Some(value) {
            print::add(&mut shown, name, value.clone());
        }
    }
    shown
}
