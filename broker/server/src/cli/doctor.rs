//! `symbolon doctor`: each check says what it saw and what to do.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, list_tenants};
use symbolon_identity::clock::{Clock as _, SystemClock};

use super::{load_settings, print};
use crate::config::Settings;
use crate::startup::{build_broker, open_database};
use crate::tls;

pub(super) async fn doctor(files: &[PathBuf], json: bool) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    match load_settings(files) {
        Err(error) => findings.push(bad("configuration", &error, "mend the lines named above")),
        Ok(settings) => {
            findings.push(good("configuration", "complete"));
            findings.push(exposure(&settings));
            findings.extend(certificate(&settings, SystemClock.now()));
            examine(&settings, &mut findings).await;
        }
    }
    let healthy = findings.iter().all(|finding| finding["ok"] == json!("yes"));
    print::table(&findings, &["check", "ok", "seen", "fix"], json);
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine(settings: &Settings, findings: &mut Vec<Value>) {
    let database = match open_database(settings).await {
        Ok(database) => database,
        Err(error) => {
            return findings.push(bad("database", &error, "check database.url and the server"));
        }
    };
    findings.push(match database.pending_migrations().await {
        Ok(pending) if pending.is_empty() => good("database", "reachable, up to date"),
        Ok(pending) => {
            return findings.push(bad(
                "database",
                &anyhow::anyhow!("missing: {}", pending.join(", ")),
                "run `symbolon migrate`",
            ));
        }
        Err(error) => return findings.push(bad("database", &error.into(), "see the log")),
    });
    match build_broker(settings, database) {
        Ok(broker) => findings.push(secrets(&broker).await),
        Err(error) => findings.push(bad("start", &error, "mend the setting that is named")),
    }
}

/// Every tenant's data key opens with the master keys at hand.
async fn secrets(broker: &Broker) -> Value {
    match admin::rotate_secrets(broker, true).await {
        Err(error) => bad("secrets", &error.into(), "configure every master key still in use"),
        Ok(report) if report.unreadable.is_empty() => {
            let tenants = list_tenants(broker, None, 1000).await.map_or(0, |list| list.len());
            good("secrets", &format!("readable; {tenants} tenants"))
        }
        Ok(report) => bad(
            "secrets",
            &anyhow::anyhow!("{} data keys cannot be opened", report.unreadable.len()),
            "configure the master keys that wrapped them under secrets.keys",
        ),
    }
}

fn exposure(settings: &Settings) -> Value {
    let url = &settings.http.public_url;
    if url.is_https() {
        good("public URL", &url.to_string())
    } else {
        good("public URL", &format!("{url} (http: this machine only)"))
    }
}

/// The certificate of the main listener, if it has one.
fn certificate(settings: &Settings, now: DateTime<Utc>) -> Option<Value> {
    const SOON: TimeDelta = TimeDelta::days(21);
    let certificate = match tls::check(settings, now) {
        Ok(certificate) => certificate?,
        Err(error) => {
            return Some(bad("certificate", &error.into(), "mend the file that is named"));
        }
    };
    let host = settings.http.public_url.as_url().host_str().unwrap_or_default();
    if !certificate.names(host) {
        let error = anyhow::anyhow!("does not name {host}, the host of http.public_url");
        return Some(bad("certificate", &error, "get one that names it"));
    }
    let left = certificate.ends_at - now;
    let day = certificate.ends_at.format("%Y-%m-%d");
    let seen = format!("ends {day}, in {} days", left.num_days());
    let fix = (left < SOON).then_some("renew it; new files are taken without a restart");
    Some(json!({ "check": "certificate", "ok": "yes", "seen": seen, "fix": fix }))
}

fn good(check: &str, seen: &str) -> Value {
    json!({ "check": check, "ok": "yes", "seen": seen, "fix": null })
}

fn bad(check: &str, error: &anyhow::Error, fix: &str) -> Value {
    json!({ "check": check, "ok": "no", "seen": format!("{error:#}"), "fix": fix })
}
