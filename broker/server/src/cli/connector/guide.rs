//! `symbolon connector guide`: what to enter at the identity provider.

use anyhow::{Context, bail};
use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, ProductGuide, saml_guide};
use symbolon_identity::connectors::ConnectorSettings;
use symbolon_identity::connectors::connector::callback_url;
use symbolon_identity::connectors::entra::{GuideFacts, RegistrationGuide, registration_guide};
use symbolon_identity::tenants::{TenantRecord, issuer};

/// Prints the guide of a connector whose other side is known: an app registration of Entra's, or a SAML identity
/// provider.
pub(super) async fn run(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
    json: bool,
) -> anyhow::Result<()> {
    let record = admin::read_connector(broker, &tenant.id, id).await?;
    let settings = match &record.configuration.upstream {
        ConnectorSettings::Entra(settings) => settings,
        ConnectorSettings::Saml(_) => {
            let setup = admin::saml_setup(broker, tenant, id).await?;
            print_products(&saml_guide(&setup), json);
            return Ok(());
        }
        ConnectorSettings::Oidc(_) => {
            bail!("there is a guide for connectors to Microsoft Entra ID and to SAML providers")
        }
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

/// As text the first alone, which is the connector's own product; the page of the connector has them all.
fn print_products(guides: &[ProductGuide], json: bool) {
    if json {
        println!("{:#}", json!(guides));
        return;
    }
    let Some(guide) = guides.first() else {
        return;
    };
    println!("{}\n", guide.name);
    for (number, step) in guide.steps.iter().enumerate() {
        println!("{}. {}", number + 1, step.place);
        for line in &step.lines {
            match &line.value {
                Some(value) => println!("   {}: {value}", line.text.trim_end_matches(':')),
                None => println!("   {}", line.text),
            }
        }
    }
    let others: Vec<&str> = guides.iter().skip(1).map(|guide| guide.name).collect();
    println!("\nOther products ({}): with --json.", others.join("; "));
}
