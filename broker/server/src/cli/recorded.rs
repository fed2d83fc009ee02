//! `symbolon recorded`.

use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, RecordedQuery};
use symbolon_identity::mapping::CaseLogin;
use symbolon_identity::tenants::RecordingKeep;
use symbolon_identity::traces::RecordedOutcome;

use super::arguments::{Keep, Outcome, RecordedCommand, RecordedListArguments, RecordingArguments};
use super::print;

pub(super) async fn run(
    broker: &Broker,
    command: RecordedCommand,
    json: bool,
) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    match command {
        RecordedCommand::List(which) => list(broker, which, json).await?,
        RecordedCommand::Show { tenant, record } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let opened = admin::read_recorded(broker, &caller, &tenant, &record).await?;
            if json {
                print::object(&json!(opened), json);
                return Ok(());
            }
            print::object(&json!(opened.facts), json);
            for step in &opened.steps {
                println!("\n{}", word(&step.stop));
                println!("  before  {}", step.before);
                println!("  after   {}", step.after);
                if let Some(reason) = step.reason {
                    println!("  ended   {reason}: {}", step.detail.as_deref().unwrap_or_default());
                }
            }
        }
        RecordedCommand::Case { tenant, record } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let input = admin::failing_input(broker, &caller, &tenant, &record).await?;
            println!("{:#}", json!(CaseLogin::from(&input)));
        }
        RecordedCommand::Settings(change) => settings(broker, change, json).await?,
    }
    Ok(())
}

fn word(stop: &impl serde::Serialize) -> String {
    json!(stop).as_str().unwrap_or_default().to_owned()
}

async fn list(broker: &Broker, which: RecordedListArguments, json: bool) -> anyhow::Result<()> {
    let tenant = admin::read_tenant(broker, &which.tenant).await?;
    let query = RecordedQuery {
        before: which.before,
        after: which.after,
        user: which.user,
        outcome: which.outcome.map(|word| match word {
            Outcome::SignedIn => RecordedOutcome::SignedIn,
            Outcome::Refused => RecordedOutcome::Refused,
        }),
        limit: Some(which.limit),
    };
    let records = admin::list_recorded(broker, &tenant, &which.connector, query).await?;
    let rows: Vec<Value> = records.iter().map(|one| json!(one)).collect();
    let columns = ["id", "at", "outcome", "reason", "user", "mapping_version", "expires_at"];
    print::table(&rows, &columns, json);
    Ok(())
}

async fn settings(broker: &Broker, change: RecordingArguments, json: bool) -> anyhow::Result<()> {
    let tenant = admin::read_tenant(broker, &change.tenant).await?;
    let before = tenant.settings.recording.clone();
    let mut settings = before.clone();
    if let Some(keep) = change.keep {
        settings.keep = match keep {
            Keep::Off => RecordingKeep::Off,
            Keep::Redacted => RecordingKeep::Redacted,
            Keep::Full => RecordingKeep::Full,
        };
    }
    settings.days = change.days.unwrap_or(settings.days);
    settings.most = change.most.unwrap_or(settings.most);
    settings.redact = change.redact.unwrap_or(settings.redact);
    settings.reveal = change.reveal.unwrap_or(settings.reveal);
    let mut shown = json!(settings);
    if settings != before {
        let caller = AdminCaller::command_line();
        let deleted = admin::set_recording(broker, &caller, &tenant, settings).await?;
        print::add(&mut shown, "deleted", deleted.into());
    }
    print::object(&shown, json);
    Ok(())
}
