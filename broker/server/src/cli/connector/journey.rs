//! `symbolon connector test-sign-in`, `consent-link` and `alias`.

use std::process::ExitCode;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller};
use symbolon_identity::connectors::connector::callback_url;
use symbolon_identity::tenants::TenantRecord;
use symbolon_identity::test_sign_in::{TestReport, Verdict};

use crate::cli::arguments::JourneyCommand;
use crate::cli::print;

pub(super) async fn run(
    broker: &Broker,
    command: JourneyCommand,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let caller = AdminCaller::command_line();
    match command {
        JourneyCommand::TestSignIn { tenant, show: Some(test), .. } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            return show(broker, &tenant, &test, json).await;
        }
        JourneyCommand::TestSignIn { tenant, id, show: None } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let link = admin::begin_test_sign_in(broker, &caller, &tenant, &id).await?;
            let shown = json!({
                "id": link.id,
                "url": link.url.expose_secret(),
                "expires_at": link.expires_at,
            });
            print::object(&shown, json);
        }
        JourneyCommand::ConsentLink { tenant, id } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let link = admin::consent_link(broker, &tenant, &id).await?;
            let shown = json!({
                "url": link.url,
                "redirect_uri": link.redirect_uri,
                "expires_at": link.expires_at,
            });
            print::object(&shown, json);
            if !json {
                println!("register the redirect_uri at Microsoft first, platform Web");
            }
        }
        JourneyCommand::Alias { tenant, id, path, .. } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let version = match &path {
                Some(path) => {
                    admin::set_callback_alias(broker, &caller, &tenant, (&id, path)).await?
                }
                None => admin::clear_callback_alias(broker, &caller, &tenant, &id).await?,
            };
            let connector = admin::read_connector(broker, &tenant.id, &id).await?;
            let shown = json!({
                "callback_url": callback_url(broker, &tenant.slug, &connector),
                "settings_version": version,
            });
            print::object(&shown, json);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(
    broker: &Broker,
    tenant: &TenantRecord,
    test: &str,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let Some(report) = admin::read_test_sign_in(broker, tenant, test).await? else {
        anyhow::bail!("nobody has come back from this test sign-in yet");
    };
    if json {
        println!("{:#}", json!(report));
    } else {
        print_report(&report);
    }
    let passed = report.verdict == Verdict::Passed;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_report(report: &TestReport) {
    println!("{}", report.in_words());
    if let Some(refusal) = &report.refusal {
        println!("reason  {}: {}", refusal.reason, refusal.detail);
        println!("cause   {}", refusal.cause);
        println!("fix     {}", refusal.fix);
    }
    for warning in &report.warnings {
        let reason = warning.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        println!("warn    {}{reason}", warning.detail);
    }
    let mut rows: Vec<Value> = Vec::new();
    let mut row = |name: &str, value: String| rows.push(json!({ "name": name, "value": value }));
    let proved = if report.redirect_uri_proved { "proved" } else { "not proved" };
    row("redirect uri", format!("{} ({proved})", report.redirect_uri));
    if let Some(fate) = &report.user {
        row("user", fate.in_words());
    }
    for role in &report.roles {
        let because = role.because.as_deref().unwrap_or("no reason given");
        row("role", format!("{} because of {because}", role.role));
    }
    for field in &report.fields {
        row(&format!("field {}", field.name), field.value.clone());
    }
    if let Some(said) = &report.statement {
        row("groups claim", said.groups.in_words());
        row("directory roles", said.directory_roles.join(", "));
        for claim in said.optional_claims.iter().filter(|claim| !claim.arrived) {
            row(&format!("missing {}", claim.name), claim.purpose.clone());
        }
        for claim in &said.claims {
            row(&format!("claim {}", claim.name), claim.value.clone());
        }
    }
    print::table(&rows, &["name", "value"], false);
}
