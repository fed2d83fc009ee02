//! `symbolon connector secret`, `certificate` and `federated`.

use serde_json::json;
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, NewSecret};

use super::create::end_of;
use super::upkeep::tenant_of;
use crate::cli::arguments::{CertificateCommand, Place, SecretCommand};
use crate::cli::{files, print};

pub(super) async fn run(broker: &Broker, command: SecretCommand, json: bool) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    match command {
        SecretCommand::Set { place, secret_file, ends_on } => {
            let tenant = tenant_of(broker, &place).await?;
            let secret = files::read_secret(&secret_file)?;
            let new = NewSecret { secret, ends_at: ends_on.map(end_of) };
            let done =
                admin::replace_client_secret(broker, &caller, &tenant, (&place.id, new)).await?;
            if !done.proved {
                eprintln!("not proved: this provider tells only when somebody signs in");
            }
            if done.ends_at.is_none() {
                eprintln!("nobody will be warned before it ends: tell the day with --ends-on");
            }
            print::object(&json!(done), json);
        }
        SecretCommand::DropPrevious(place) => {
            let tenant = tenant_of(broker, &place).await?;
            admin::drop_previous_secret(broker, &caller, &tenant, &place.id).await?;
        }
        SecretCommand::Expires { place, on } => {
            let tenant = tenant_of(broker, &place).await?;
            let change = (&place.id, on.map(end_of));
            admin::set_secret_expiry(broker, &caller, &tenant, change).await?;
        }
        SecretCommand::Revoke(place) => {
            let tenant = tenant_of(broker, &place).await?;
            let forgotten = admin::revoke_secrets(broker, &caller, &tenant, &place.id).await?;
            eprintln!("now delete it at the provider as well: it is still valid there");
            print::object(&json!({ "forgotten": forgotten, "mode": "off" }), json);
        }
    }
    Ok(())
}

pub(super) async fn certificate(
    broker: &Broker,
    command: CertificateCommand,
    json: bool,
) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    match command {
        CertificateCommand::Create { place, days } => {
            let tenant = tenant_of(broker, &place).await?;
            let made =
                admin::create_certificate(broker, &caller, &tenant, (&place.id, days)).await?;
            if json {
                let shown = json!({
                    "certificate": made.certificate_pem,
                    "thumbprint": made.thumbprint,
                    "ends_at": made.ends_at,
                });
                print::object(&shown, true);
            } else {
                // The certificate alone on standard output, so that it can go straight into a file.
                print!("{}", made.certificate_pem);
                eprintln!("thumbprint {}, ends {}", made.thumbprint, made.ends_at.date_naive());
                eprintln!(
                    "upload it at Microsoft, then run `symbolon connector certificate activate`"
                );
            }
        }
        CertificateCommand::Activate(place) => {
            let tenant = tenant_of(broker, &place).await?;
            let thumbprint =
                admin::activate_certificate(broker, &caller, &tenant, &place.id).await?;
            print::object(&json!({ "thumbprint": thumbprint }), json);
        }
    }
    Ok(())
}

pub(super) async fn federated(broker: &Broker, place: &Place, json: bool) -> anyhow::Result<()> {
    let tenant = tenant_of(broker, place).await?;
    let trust = admin::federated_trust(broker, &tenant, &place.id).await?;
    print::object(&json!(trust), json);
    Ok(())
}
