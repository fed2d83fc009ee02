//! `symbolon platform`: the operator's applications and the keys of their issuer.

use serde_json::{Value, json};
use symbolon_contract::ApplicationId;
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller};

use super::application::{change, describe, registration, reserve, tell};
use super::arguments::{
    ChangeArguments, PlatformApplicationCommand, PlatformCommand, PlatformKeysCommand,
    RegistrationArguments,
};
use super::{keys, print};

pub(super) async fn run(
    broker: &Broker,
    command: PlatformCommand,
    json: bool,
) -> anyhow::Result<()> {
    match command {
        PlatformCommand::Application(command) => applications(broker, command, json).await,
        PlatformCommand::Keys(PlatformKeysCommand::List) => {
            let platform = admin::read_platform(broker).await?;
            keys::list(broker, &platform, json).await
        }
        PlatformCommand::Keys(PlatformKeysCommand::Rotate { algorithm }) => {
            let platform = admin::read_platform(broker).await?;
            keys::rotate(broker, (&platform, algorithm), json).await
        }
        PlatformCommand::Keys(PlatformKeysCommand::ForgetRetired) => {
            let platform = admin::read_platform(broker).await?;
            keys::forget_retired(broker, &platform, json).await
        }
    }
}

async fn applications(
    broker: &Broker,
    command: PlatformApplicationCommand,
    json: bool,
) -> anyhow::Result<()> {
    use PlatformApplicationCommand as Command;
    let caller = AdminCaller::command_line();
    match command {
        Command::Create(arguments) => create(broker, *arguments, json).await?,
        Command::Update(arguments) => update(broker, *arguments, json).await?,
        Command::List => list(broker, json).await?,
        Command::Show { id } => {
            let platform = admin::read_platform(broker).await?;
            let found = admin::read_platform_application(broker, &id).await?;
            let mut shown = describe(broker, &platform, &found.application);
            print::add(&mut shown, "offered_to", json!(found.offered_to));
            print::object(&shown, json);
        }
        Command::RotateSecret { id, secret_out } => {
            let platform = admin::read_platform(broker).await?;
            let file = reserve(secret_out.as_deref())?;
            let rotated = admin::rotate_application_secret(broker, &caller, &platform, &id).await?;
            tell(json!({ "client_id": id }), (rotated.secret, file), json)?;
        }
        Command::Disable { id } => switch(broker, &id, false).await?,
        Command::Enable { id } => switch(broker, &id, true).await?,
        Command::Delete { id } => {
            let platform = admin::read_platform(broker).await?;
            admin::delete_application(broker, &caller, &platform, &id).await?;
        }
        Command::Offer { id, tenant, connector } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            admin::offer_application(broker, &caller, &tenant, (&id, connector)).await?;
        }
        Command::Withdraw { id, tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            admin::withdraw_application(broker, &caller, &tenant, &id).await?;
        }
    }
    Ok(())
}

async fn create(
    broker: &Broker,
    arguments: RegistrationArguments,
    json: bool,
) -> anyhow::Result<()> {
    let (new, file) = registration(arguments)?;
    let caller = AdminCaller::command_line();
    let created = admin::create_platform_application(broker, &caller, new).await?;
    let platform = admin::read_platform(broker).await?;
    tell(describe(broker, &platform, &created.application), (created.secret, file), json)
}

async fn update(broker: &Broker, arguments: ChangeArguments, json: bool) -> anyhow::Result<()> {
    let known = admin::read_platform_application(broker, &arguments.id).await?.application;
    let id = known.id.clone();
    let (change, file) = change(known, arguments)?;
    let (caller, platform) = (AdminCaller::command_line(), admin::read_platform(broker).await?);
    let changed = admin::replace_application(broker, &caller, &platform, (&id, change)).await?;
    tell(describe(broker, &platform, &changed.application), (changed.secret, file), json)
}

async fn list(broker: &Broker, json: bool) -> anyhow::Result<()> {
    let found = admin::list_platform_applications(broker).await?;
    let rows: Vec<Value> = found
        .iter()
        .map(|one| {
            json!({
                "client_id": one.application.id,
                "display_name": one.application.display_name,
                "active": one.application.active,
                "offered_to": one.offered_to,
            })
        })
        .collect();
    print::table(&rows, &["client_id", "display_name", "active", "offered_to"], json);
    Ok(())
}

async fn switch(broker: &Broker, id: &ApplicationId, active: bool) -> anyhow::Result<()> {
    let (caller, platform) = (AdminCaller::command_line(), admin::read_platform(broker).await?);
    admin::set_application_active(broker, &caller, &platform, (id, active)).await?;
    Ok(())
}
