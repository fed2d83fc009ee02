//! `symbolon connector status` and `preview`.

use serde_json::json;
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, Button, ConnectorStatus, WhoCanSignIn};
use symbolon_identity::policy::ConnectorMode;

use super::upkeep::tenant_of;
use crate::cli::arguments::Place;

pub(super) async fn status(broker: &Broker, place: &Place, json: bool) -> anyhow::Result<()> {
    let tenant = tenant_of(broker, place).await?;
    let status = admin::connector_status(broker, &tenant, &place.id).await?;
    if json {
        println!("{:#}", json!(status));
    } else {
        print_status(&status);
    }
    Ok(())
}

fn print_status(status: &ConnectorStatus) {
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339())
    };
    println!("Provider:            {}", status.provider);
    println!("Status:              {}", status.status_line);
    println!("Last sync:           {} ({})", time(status.last_sync), status.sync);
    println!("Users synced:        {}", status.users_synced);
    println!("Failed logins (24h): {}", status.failed_logins_24h);
    match &status.next_expiry {
        Some(end) => {
            println!("Next expiry:         {} on {}, in {} days", end.which, end.date, end.days);
            if let Some(note) = &end.note {
                println!("                     {note}");
            }
        }
        None => println!("Next expiry:         not known"),
    }
    println!("Mode:                {}", status.mode);
    let tested = if status.tested { "tested" } else { "not tested" };
    println!("Settings:            version {}, {tested}", status.settings_version);
    println!("Last look:           {}", time(status.checked_at));
    if let Some(error) = &status.last_error {
        println!("Last error:          {} at {}", error.reason, error.at.to_rfc3339());
        println!("  seen:  {}", error.detail);
        println!("  cause: {}", error.cause);
        println!("  fix:   {}", error.fix);
        if let Some(trace) = &error.trace_id {
            println!("  trace: {trace}");
        }
    }
    for line in &status.help {
        println!("Help ({}): {}", line.about, line.text);
    }
    print_people(&status.button, &status.who);
}

pub(super) async fn preview(
    broker: &Broker,
    (place, mode): (&Place, ConnectorMode),
    json: bool,
) -> anyhow::Result<()> {
    let tenant = tenant_of(broker, place).await?;
    let preview = admin::preview_mode(broker, &tenant, (&place.id, mode)).await?;
    if json {
        println!("{:#}", json!(preview));
    } else {
        println!("Mode:                {} -> {}", preview.from, preview.to);
        print_people(&preview.button, &preview.who);
    }
    Ok(())
}

fn print_people(button: &Button, who: &[WhoCanSignIn]) {
    println!("Button:              {}", if button.shown { "shown" } else { "hidden" });
    for why in &button.why_hidden {
        println!("  {}: {}", why.reason, why.text);
    }
    println!("Who can sign in:");
    for line in who {
        let word = if line.may { "yes" } else { "no " };
        let count = line.count.map(|count| format!(" ({count})")).unwrap_or_default();
        println!("  {word}  {}{count}: {}", line.people, line.how);
    }
}
