//! `symbolon connector`: what a connector needs after it was made.

use symbolon_identity::Broker;
use symbolon_identity::admin;
use symbolon_identity::tenants::TenantRecord;

use super::{groups, saml, secret, status, versions};
use crate::cli::arguments::{Place, UpkeepCommand};

pub(super) async fn run(broker: &Broker, command: UpkeepCommand, json: bool) -> anyhow::Result<()> {
    match command {
        UpkeepCommand::Secret(command) => secret::run(broker, command, json).await,
        UpkeepCommand::Certificate(command) => secret::certificate(broker, command, json).await,
        UpkeepCommand::Federated(place) => secret::federated(broker, &place, json).await,
        UpkeepCommand::Saml(place) => saml::setup(broker, &place, json).await,
        UpkeepCommand::SamlMetadata { place, out } => {
            saml::metadata(broker, &place, out.as_deref()).await
        }
        UpkeepCommand::Keys(command) => saml::keys(broker, command, json).await,
        UpkeepCommand::Status(place) => status::status(broker, &place, json).await,
        UpkeepCommand::Preview { place, mode } => {
            status::preview(broker, (&place, mode.into()), json).await
        }
        UpkeepCommand::Calendar { tenant, id } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            print!("{}", admin::credential_calendar(broker, &tenant, id.as_ref()).await?);
            Ok(())
        }
        UpkeepCommand::Versions(place) => versions::list(broker, &place, json).await,
        UpkeepCommand::Diff { place, from, to } => {
            versions::diff(broker, &place, (from, to), json).await
        }
        UpkeepCommand::Restore { place, version, note } => {
            versions::restore(broker, &place, (version, note), json).await
        }
        UpkeepCommand::Groups { place, find, ids } => {
            groups::run(broker, &place, (find, ids), json).await
        }
    }
}

pub(super) async fn tenant_of(broker: &Broker, place: &Place) -> anyhow::Result<TenantRecord> {
    Ok(admin::read_tenant(broker, &place.tenant).await?)
}
