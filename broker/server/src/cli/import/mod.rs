//! `symbolon import`: a connector from what another sign-in was configured with.
//!
//! | file | holds |
//! |---|---|
//! | `python` | a settings file as text: which names it sets to which literals |
//! | `backend` | the backends of python-social-auth for Entra |
//! | `plan`, `reading`, `warnings` | what would be made, what stands in its way, what changes for people |
//! | `show` | the plan as a person and as a program read it |
//!
//! Owns: reading foreign settings. Does not own: what a connector may be (`identity::admin`). The file is never
//! run, and nothing is changed without `--apply`.

mod backend;
mod plan;
mod python;
mod reading;
mod show;
mod warnings;

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, AdminError, NewConnector};
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings, Pilot};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::ProvisioningPolicy;
use symbolon_identity::tenants::TenantRecord;

use self::plan::{Draft, Given, Warning, WarningKind};
use self::python::PythonFile;
use self::show::{Outcome, Target};
use super::arguments::{ImportCommand, PythonSocialAuthArguments};
use super::files;

pub(super) async fn run(
    broker: &Broker,
    command: ImportCommand,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let ImportCommand::PythonSocialAuth(arguments) = command;
    let text = read_text(&arguments.settings)?;
    let file = PythonFile::read(&text)
        .with_context(|| format!("{} cannot be read", arguments.settings.display()))?;
    let tenant = admin::read_tenant(broker, &arguments.tenant).await?;
    let mut plan = plan::plan(&file, &given(&arguments)?, &broker.settings.clouds);
    let connectors = admin::list_connectors(broker, &tenant).await?;
    if connectors.iter().any(|connector| connector.id == arguments.connector) {
        plan.problems.push(format!(
            "there is already a connector {}: choose another id, --connector",
            arguments.connector
        ));
    }
    let target = Target {
        public_url: broker.settings.public_url.clone(),
        tenant: tenant.slug.clone(),
        connector: arguments.connector.clone(),
        display_name: arguments.display_name.clone(),
    };
    let applicable = plan.problems.is_empty() && plan.draft.is_some();
    let mut outcome = if applicable { Outcome::Planned } else { Outcome::Refused };
    if let Some(draft) = plan.draft.as_ref().filter(|_| applicable && arguments.apply) {
        let taken = apply(broker, &tenant, &target, draft).await?;
        outcome = Outcome::Applied { old_path: taken.is_none() };
        plan.warnings.extend(taken);
    }
    show::print(&show::report(&plan, &target, outcome), json);
    Ok(if applicable { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn given(arguments: &PythonSocialAuthArguments) -> anyhow::Result<Given> {
    let client_secret =
        arguments.client_secret_file.as_deref().map(files::read_secret).transpose()?;
    Ok(Given {
        backend: arguments.backend.clone(),
        tenant_id: arguments.tenant_id.clone(),
        client_id: arguments.client_id.clone(),
        client_secret,
    })
}

/// The text of a settings file, no longer than the reader takes; `-` is standard input.
fn read_text(path: &Path) -> anyhow::Result<String> {
    let unreadable = || format!("{} cannot be read", path.display());
    let mut text = Vec::new();
    let longest = u64::try_from(python::LONGEST)? + 1;
    if path == Path::new("-") {
        std::io::stdin().take(longest).read_to_end(&mut text).with_context(unreadable)?;
    } else {
        let file = std::fs::File::open(path).with_context(unreadable)?;
        file.take(longest).read_to_end(&mut text).with_context(unreadable)?;
    }
    if text.len() > python::LONGEST {
        return Err(python::ReadError::TooLong).with_context(unreadable);
    }
    // The error would quote the bytes.
    String::from_utf8(text).map_err(|_| anyhow::anyhow!("{}: not UTF-8", unreadable()))
}

/// Makes the connector, in mode `test`: it is tried before people see it. Users come without a role, as from
/// NetBox (DEC-8). A warning comes back when the old path cannot lead here.
async fn apply(
    broker: &Broker,
    tenant: &TenantRecord,
    target: &Target,
    draft: &Draft,
) -> anyhow::Result<Option<Warning>> {
    let caller = AdminCaller::command_line();
    let provisioning = ProvisioningPolicy {
        auto_provision: draft.auto_provision,
        ..ProvisioningPolicy::default()
    };
    let new = NewConnector {
        id: target.connector.clone(),
        display_name: target.display_name.clone(),
        mode: ConnectorMode::Test,
        untested: false,
        configuration: ConnectorConfiguration {
            upstream: ConnectorSettings::Entra(draft.settings.clone()),
            provisioning,
            pilot: Pilot::default(),
            landing_url: None,
            callback_path: None,
            required_amr: Vec::new(),
        },
        client_secret: Some(draft.client_secret.clone()),
        secret_ends_at: None,
        rules: json!({ "sync_fields": ["email", "name"], "default_role": null }).to_string(),
    };
    admin::create_connector(broker, &caller, tenant, new).await?;
    let (id, path) = (&target.connector, draft.old_path.as_str());
    match admin::set_callback_alias(broker, &caller, tenant, (id, path)).await {
        Ok(_) => Ok(None),
        // The path is another's, or one that we cannot have: the connector has its own callback then.
        Err(error @ (AdminError::Exists { .. } | AdminError::Invalid(_))) => {
            let text = format!("{path} does not lead to the connector: {error}");
            Ok(Some(Warning { about: WarningKind::CallbackPath, text }))
        }
        Err(error) => Err(error).with_context(|| {
            format!("connector {id} was made, but its old path {path} was not set")
        }),
    }
}
