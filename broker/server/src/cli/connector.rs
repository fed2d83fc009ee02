//! `symbolon connector`.

use std::process::ExitCode;

use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, NewConnector};
use symbolon_identity::connectors::oidc::{
    ClientAuthentication, OidcSettings, ResponseMode, TrustEmail,
};
use symbolon_identity::connectors::{
    ConnectionReport, ConnectorConfiguration, ConnectorRecord, ConnectorSettings, Pilot,
};
use symbolon_identity::downstream::oidc::issuer;
use symbolon_identity::keys::SigningAlgorithm;
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::ProvisioningPolicy;
use symbolon_identity::tenants::TenantRecord;

use super::arguments::{Authentication, ConnectorCommand, Kind, Mode, NewConnectorArguments};
use super::{files, print};

pub(super) async fn run(
    broker: &Broker,
    command: ConnectorCommand,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let caller = AdminCaller::command_line();
    match command {
        ConnectorCommand::Create(arguments) => {
            let tenant = admin::read_tenant(broker, &arguments.tenant).await?;
            let new = new_connector(*arguments)?;
            let connector = admin::create_connector(broker, &caller, &tenant, new).await?;
            print::object(&describe(broker, &tenant, &connector), json);
        }
        ConnectorCommand::List { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let connectors = admin::list_connectors(broker, &tenant).await?;
            let rows: Vec<Value> =
                connectors.iter().map(|one| describe(broker, &tenant, one)).collect();
            print::table(&rows, &["id", "kind", "mode", "display_name", "callback_url"], json);
        }
        ConnectorCommand::Show { tenant, id } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let connector = admin::read_connector(broker, &tenant.id, &id).await?;
            let mut shown = describe(broker, &tenant, &connector);
            print::add(&mut shown, "settings", json!(connector.configuration));
            print::object(&shown, json);
        }
        ConnectorCommand::Mode { tenant, id, mode } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            admin::set_connector_mode(broker, &caller, &tenant, (&id, mode.into())).await?;
        }
        ConnectorCommand::Update { tenant, id, settings } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let configuration = serde_json::from_str(&files::read_text(&settings)?)?;
            admin::update_connector(broker, &caller, &tenant, (&id, configuration)).await?;
        }
        ConnectorCommand::Test { tenant, id } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let report = admin::test_connection(broker, &tenant, &id).await?;
            return Ok(print_report(&report, json));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn new_connector(arguments: NewConnectorArguments) -> anyhow::Result<NewConnector> {
    let client_secret =
        arguments.client_secret_file.as_deref().map(files::read_secret).transpose()?;
    let Kind::Oidc = arguments.kind;
    let settings = OidcSettings {
        client_authentication: arguments.client_authentication.into(),
        scopes: arguments.scopes.split_whitespace().map(str::to_owned).collect(),
        response_mode: if arguments.form_post {
            ResponseMode::FormPost
        } else {
            ResponseMode::Query
        },
        endpoint_hosts: arguments.endpoint_host,
        trust_email: if arguments.trust_email {
            TrustEmail::WhenVerified
        } else {
            TrustEmail::Never
        },
        ..OidcSettings::new(arguments.issuer, arguments.client_id)
    };
    let default_role = Some(arguments.default_role).filter(|role| role != "none");
    Ok(NewConnector {
        display_name: arguments.display_name.unwrap_or_else(|| arguments.id.to_string()),
        id: arguments.id,
        mode: arguments.mode.into(),
        configuration: ConnectorConfiguration {
            upstream: ConnectorSettings::Oidc(settings),
            provisioning: ProvisioningPolicy {
                auto_provision: arguments.auto_provision,
                ..ProvisioningPolicy::default()
            },
            pilot: Pilot::default(),
            required_amr: Vec::new(),
        },
        client_secret,
        rules: json!({ "sync_fields": arguments.sync_fields, "default_role": default_role })
            .to_string(),
    })
}

fn describe(broker: &Broker, tenant: &TenantRecord, connector: &ConnectorRecord) -> Value {
    let issuer = issuer(&broker.settings.public_url, &tenant.slug);
    json!({
        "id": connector.id,
        "kind": connector.configuration.upstream.kind(),
        "display_name": connector.display_name,
        "mode": connector.mode.as_str(),
        "version": connector.version,
        "callback_url": format!("{issuer}/callback/{}", connector.id),
    })
}

fn print_report(report: &ConnectionReport, json: bool) -> ExitCode {
    if json {
        println!("{:#}", json!(report));
    } else {
        for check in &report.checks {
            match check.reason {
                None => println!("ok    {}: {}", check.name, check.detail),
                Some(reason) => {
                    println!("FAIL  {}: {} ({reason})", check.name, check.detail);
                    println!("      fix: {}", reason.entry().fix);
                }
            }
        }
        for unproved in &report.unproved {
            println!("not proved: {unproved}");
        }
    }
    if report.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl From<Mode> for ConnectorMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Off => Self::Off,
            Mode::Test => Self::Test,
            Mode::Pilot => Self::Pilot,
            Mode::On => Self::On,
            Mode::Enforced => Self::Enforced,
        }
    }
}

impl From<Authentication> for ClientAuthentication {
    fn from(authentication: Authentication) -> Self {
        let signed = |algorithm| Self::PrivateKeyJwt { algorithm };
        match authentication {
            Authentication::ClientSecretBasic => Self::ClientSecretBasic,
            Authentication::ClientSecretPost => Self::ClientSecretPost,
            Authentication::PrivateKeyJwtEs256 => signed(SigningAlgorithm::Es256),
            Authentication::PrivateKeyJwtRs256 => signed(SigningAlgorithm::Rs256),
        }
    }
}
