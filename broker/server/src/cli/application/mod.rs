//! `symbolon application`.

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, CreatedApplication, NewApplication};
use symbolon_identity::downstream::oidc::issuer;
use symbolon_identity::downstream::{Application, OpenidSettings};
use symbolon_identity::keys::SigningAlgorithm;
use symbolon_identity::tenants::TenantRecord;

use super::arguments::{Algorithm, ApplicationCommand, NewApplicationArguments};
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
        ApplicationCommand::Show { tenant, id } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let found = admin::read_application(broker, &tenant.id, &id).await?;
            let application = found.ok_or_else(|| admin::AdminError::NotFound {
                kind: "application",
                id: id.to_string(),
            })?;
            print::object(&describe(broker, &tenant, &application), json);
            Ok(())
        }
    }
}

async fn create(
    broker: &Broker,
    arguments: NewApplicationArguments,
    json: bool,
) -> anyhow::Result<()> {
    let tenant = admin::read_tenant(broker, &arguments.tenant).await?;
    let settings = OpenidSettings {
        post_logout_redirect_uris: arguments.post_logout_redirect_uri,
        initiate_login_uri: arguments.initiate_login_uri,
        id_token_algorithm: arguments.id_token_algorithm.into(),
        claims_in_id_token: arguments.claims_in_id_token,
        require_pkce: !arguments.without_pkce,
        connectors: arguments.connector,
        ..OpenidSettings::new(arguments.redirect_uri)
    };
    let new = NewApplication {
        display_name: arguments.display_name.unwrap_or_else(|| arguments.id.to_string()),
        id: arguments.id,
        settings,
        public: arguments.public,
    };
    let secret_file = match &arguments.secret_out {
        Some(_) if new.public => anyhow::bail!("--secret-out: a public application has no secret"),
        path => path.as_deref().map(files::SecretFile::reserve).transpose()?,
    };
    let caller = AdminCaller::command_line();
    let CreatedApplication { application, secret } =
        admin::create_application(broker, &caller, &tenant, new).await?;
    let mut shown = describe(broker, &tenant, &application);
    match (&secret, secret_file) {
        (Some(secret), Some(file)) => file.keep(secret.expose_secret())?,
        // The one moment at which it is known; only its hash is kept.
        (Some(secret), None) => {
            print::add(&mut shown, "client_secret", json!(secret.expose_secret()));
        }
        (None, _) => {}
    }
    print::object(&shown, json);
    Ok(())
}

fn describe(broker: &Broker, tenant: &TenantRecord, application: &Application) -> Value {
    let settings = &application.settings;
    json!({
        "client_id": application.id,
        "display_name": application.display_name,
        "active": application.active,
        "public": application.is_public(),
        "issuer": issuer(&broker.settings.public_url, &tenant.slug),
        "redirect_uris": settings.redirect_uris,
        "initiate_login_uri": settings.initiate_login_uri,
        "id_token_algorithm": settings.id_token_algorithm,
        "claims_in_id_token": settings.claims_in_id_token,
        "require_pkce": settings.require_pkce,
        "connectors": settings.connectors,
    })
}

impl From<Algorithm> for SigningAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Es256 => Self::Es256,
            Algorithm::Rs256 => Self::Rs256,
            Algorithm::Eddsa => Self::EdDsa,
            Algorithm::Ps256 => Self::Ps256,
        }
    }
}
