//! `symbolon connector guide`: what to type at Microsoft.

use anyhow::{Context, bail};
use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_identity::Broker;
use symbolon_identity::admin;
use symbolon_identity::connectors::ConnectorSettings;
use symbolon_identity::connectors::connector::callback_url;
use symbolon_identity::connectors::entra::{GuideFacts, RegistrationGuide, registration_guide};
use symbolon_identity::tenants::{TenantRecord, issuer};

/// Prints the guide for the app registration of an Entra connector.
pub(super) async fn run(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
    json: bool,
) -> anyhow::Result<()> {
    let record = admin::read_connector(broker, &tenant.id, id).await?;
    let ConnectorSettings::Entra(settings) = &record.configuration.upstream else {
        bail!("the guide is for connectors to Microsoft Entra ID");
    };
    let cloud = broker.settings.clouds.find(&settings.cloud).context("the cloud is unknown")?;
    let issuer = issuer(&broker.settings.public_url, &tenant.slug);
    let guide = registration_guide(
        settings,
        cloud,
        GuideFacts {
            redirect_uri: &callback_url(broker, &tenant.slug, &record),
            front_channel_logout_url: &format!("{issuer}/logout/frontchannel/{id}"),
            issuer: &issuer,
            connector: id.as_str(),
            name: &format!("Symbolon for {}", tenant.display_name),
        },
    );
    if json {
        println!("{:#}", json!(guide));
    } else {
        print(&guide);
    }
    Ok(())
}

fn print(guide: &RegistrationGuide) {
    println!("You need: {}.\n", guide.prerequisites.join("; "));
    for (number, step) in guide.steps.iter().enumerate() {
        println!("{}. {}", number + 1, step.title);
        for line in &step.lines {
            println!("   {line}");
        }
    }
    println!("\nManifest, optionalClaims:\n{:#}", guide.optional_claims);
    println!("\nThe same by Microsoft's command line:\n{}", guide.script);
}
