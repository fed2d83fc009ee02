//! `symbolon connector saml`, `saml-metadata` and `keys`.

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, SamlKeyFacts};

use super::upkeep::tenant_of;
use crate::cli::arguments::{Place, SamlKeysCommand};
use crate::cli::print;

pub(super) async fn setup(broker: &Broker, place: &Place, json: bool) -> anyhow::Result<()> {
    let tenant = tenant_of(broker, place).await?;
    let setup = admin::saml_setup(broker, &tenant, &place.id).await?;
    let mut shown = json!(setup);
    if json {
        print::object(&shown, true);
        return Ok(());
    }
    // Text of several lines would tear the columns apart.
    if let Value::Object(fields) = &mut shown {
        fields.retain(|name, _| !name.ends_with("_certificate"));
    }
    print::object(&shown, false);
    println!("\nSigning certificate:\n{}", setup.signing_certificate.trim_end());
    println!("\nEncryption certificate:\n{}", setup.encryption_certificate.trim_end());
    Ok(())
}

pub(super) async fn metadata(
    broker: &Broker,
    place: &Place,
    out: Option<&Path>,
) -> anyhow::Result<()> {
    let tenant = tenant_of(broker, place).await?;
    let xml = admin::saml_metadata(broker, &tenant, &place.id).await?;
    match out {
        Some(file) => std::fs::write(file, xml).with_context(|| file.display().to_string())?,
        None => println!("{xml}"),
    }
    Ok(())
}

pub(super) async fn keys(
    broker: &Broker,
    command: SamlKeysCommand,
    json: bool,
) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    let keys = match command {
        SamlKeysCommand::List(place) => {
            let tenant = tenant_of(broker, &place).await?;
            admin::list_saml_keys(broker, &tenant, &place.id).await?
        }
        SamlKeysCommand::New(place) => {
            let tenant = tenant_of(broker, &place).await?;
            let keys = admin::create_saml_keys(broker, &caller, &tenant, &place.id).await?;
            eprintln!(
                "published; when the identity provider knows them, run `symbolon connector keys activate`"
            );
            keys
        }
        SamlKeysCommand::Activate(place) => {
            let tenant = tenant_of(broker, &place).await?;
            admin::activate_saml_keys(broker, &caller, &tenant, &place.id).await?
        }
        SamlKeysCommand::DropPrevious(place) => {
            let tenant = tenant_of(broker, &place).await?;
            admin::drop_previous_saml_keys(broker, &caller, &tenant, &place.id).await?
        }
    };
    show(&keys, json);
    Ok(())
}

fn show(keys: &[SamlKeyFacts], json: bool) {
    let rows: Vec<Value> = keys.iter().map(|one| json!(one)).collect();
    print::table(&rows, &["which", "used_for", "ends_at", "fingerprint"], json);
}
