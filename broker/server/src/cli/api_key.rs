//! `symbolon api-key`.

use chrono::NaiveTime;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, ApiScope, NewApiKey};
use symbolon_identity::tenants::TenantRecord;

use super::arguments::{ApiKeyCommand, Owner, Scope};
use super::{files, print};

pub(super) async fn run(broker: &Broker, command: ApiKeyCommand, json: bool) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    match command {
        ApiKeyCommand::Create { name, owner, scope, expires_on, secret_out } => {
            let tenant = tenant_of(broker, &owner).await?;
            let file = secret_out.as_deref().map(files::SecretFile::reserve).transpose()?;
            let new = NewApiKey {
                name,
                scopes: scope.into_iter().map(ApiScope::from).collect(),
                expires_at: expires_on.map(|day| day.and_time(NaiveTime::MIN).and_utc()),
            };
            let made = admin::create_api_key(broker, &caller, tenant.as_ref(), new).await?;
            let mut shown = json!(made.facts);
            match file {
                Some(file) => file.keep(made.secret.expose_secret())?,
                // The one moment at which it is known; only its hash is kept.
                None => print::add(&mut shown, "api_key", json!(made.secret.expose_secret())),
            }
            print::object(&shown, json);
        }
        ApiKeyCommand::List { owner } => {
            let tenant = tenant_of(broker, &owner).await?;
            let keys = admin::list_api_keys(broker, tenant.as_ref()).await?;
            let rows: Vec<Value> = keys.iter().map(|key| json!(key)).collect();
            let columns = ["id", "name", "state", "scopes", "expires_at", "last_used_at"];
            print::table(&rows, &columns, json);
        }
        ApiKeyCommand::Revoke { id, owner } => {
            let tenant = tenant_of(broker, &owner).await?;
            admin::revoke_api_key(broker, &caller, tenant.as_ref(), &id).await?;
        }
    }
    Ok(())
}

/// The owner's tenant; none is the operator.
async fn tenant_of(broker: &Broker, owner: &Owner) -> anyhow::Result<Option<TenantRecord>> {
    match &owner.tenant {
        Some(slug) => Ok(Some(admin::read_tenant(broker, slug).await?)),
        None => Ok(None),
    }
}

impl From<Scope> for ApiScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::SsoRead => Self::SsoRead,
            Scope::SsoManage => Self::SsoManage,
            Scope::PluginManage => Self::PluginManage,
            Scope::SignInsRead => Self::SignInsRead,
            Scope::AuditRead => Self::AuditRead,
            Scope::AppsRead => Self::AppsRead,
            Scope::AppsManage => Self::AppsManage,
            Scope::AppsRegister => Self::AppsRegister,
        }
    }
}
