//! The ends of credentials as an iCalendar file (RFC 5545, B36): one all-day event each, with reminders.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use symbolon_contract::{ConnectorId, TenantSlug};
use url::Url;

use super::credentials::{self, CredentialFacts};
use super::health::WARNING_DAYS;
use crate::admin::{AdminError, list_connectors};
use crate::broker::Broker;
use crate::connectors::ConnectorRecord;
use crate::tenants::TenantRecord;

/// A line may have this many octets, its end not counted (RFC 5545 3.1).
const LINE: usize = 75;

/// The calendar of one connector, or of all connectors of a tenant.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn credential_calendar(
    broker: &Broker,
    tenant: &TenantRecord,
    only: Option<&ConnectorId>,
) -> Result<String, AdminError> {
    let mut connectors = list_connectors(broker, tenant).await?;
    if let Some(only) = only {
        connectors.retain(|one| one.id == *only);
        if connectors.is_empty() {
            return Err(AdminError::NotFound { kind: "connector", id: only.to_string() });
        }
    }
    let id = tenant.id.clone();
    let read = broker.database.read(move |conn| {
        let mut found = Vec::with_capacity(connectors.len());
        for connector in connectors {
            let stored = credentials::stored(conn, &id, &connector)?;
            found.push((connector, stored));
        }
        Ok(found)
    });
    let host = Url::parse(&broker.settings.public_url).ok();
    let host = host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    Ok(calendar((&tenant.slug, &host), &read.await?, broker.clock.now()))
}

fn calendar(
    (tenant, host): (&TenantSlug, &str),
    connectors: &[(ConnectorRecord, Vec<CredentialFacts>)],
    now: DateTime<Utc>,
) -> String {
    let mut text = String::new();
    for fixed in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Symbolon//Credentials//EN"] {
        line(&mut text, fixed);
    }
    for (connector, stored) in connectors {
        for credential in stored {
            event(&mut text, (tenant, host), (connector, credential), now);
        }
    }
    line(&mut text, "END:VCALENDAR");
    text
}

fn event(
    text: &mut String,
    (tenant, host): (&TenantSlug, &str),
    (connector, credential): (&ConnectorRecord, &CredentialFacts),
    now: DateTime<Utc>,
) {
    let Some(ends_at) = credential.ends_at else {
        return;
    };
    let CredentialFacts { which, .. } = credential;
    let (id, day) = (&connector.id, ends_at.date_naive());
    let summary = format!("{which} of {} ends ({tenant})", connector.display_name);
    let what_to_do = match *which {
        "certificate of the identity provider" => {
            "Ask its admin for the next one and add it beside the old one; with metadata by address it comes by \
             itself."
                .to_owned()
        }
        "own keys" | "new own keys" | "previous own keys" => {
            format!("Make new ones: symbolon connector keys new {tenant} {id}")
        }
        _ => format!(
            "Make a new one at the provider and store it: symbolon connector secret set {tenant} {id}"
        ),
    };
    let description =
        format!("The {which} of the connector {id} of the tenant {tenant} ends. {what_to_do}");
    line(text, "BEGIN:VEVENT");
    line(text, &format!("UID:{}-{tenant}-{id}@{host}", which.replace(' ', "-")));
    line(text, &format!("DTSTAMP:{}", now.format("%Y%m%dT%H%M%SZ")));
    line(text, &format!("DTSTART;VALUE=DATE:{}", day.format("%Y%m%d")));
    line(text, &format!("DTEND;VALUE=DATE:{}", (day + TimeDelta::days(1)).format("%Y%m%d")));
    line(text, &format!("SUMMARY:{}", escaped(&summary)));
    line(text, &format!("DESCRIPTION:{}", escaped(&description)));
    line(text, "TRANSP:TRANSPARENT");
    for days in WARNING_DAYS.iter().filter(|days| **days > 0) {
        line(text, "BEGIN:VALARM");
        line(text, "ACTION:DISPLAY");
        line(text, &format!("TRIGGER:-P{days}D"));
        line(text, &format!("DESCRIPTION:{}", escaped(&summary)));
        line(text, "END:VALARM");
    }
    line(text, "END:VEVENT");
}

/// RFC 5545 3.3.11.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                let _ = write!(escaped, "\\{c}");
            }
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// A content line: folded after 75 octets, never inside a character (RFC 5545 3.1).
fn line(text: &mut String, content: &str) {
    let mut used = 0;
    for c in content.chars() {
        if used + c.len_utf8() > LINE {
            text.push_str("\r\n ");
            used = 1;
        }
        text.push(c);
        used += c.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feat_b36_lines_are_folded_at_75_octets_and_never_inside_a_character() {
        for content in ["x".repeat(200), "é".repeat(100), format!("a{}", "✓".repeat(60))] {
            let mut text = String::new();
            line(&mut text, &content);
            assert!(text.ends_with("\r\n"));
            let lines: Vec<&str> = text.trim_end_matches("\r\n").split("\r\n").collect();
            assert!(lines.len() > 1 && lines.iter().all(|one| one.len() <= LINE), "{lines:?}");
            assert_eq!(lines.join("\r\n").replace("\r\n ", ""), content);
        }
        let mut short = String::new();
        line(&mut short, &"x".repeat(LINE));
        assert_eq!(short.len(), LINE + 2, "75 octets fit");
    }

    #[test]
    fn feat_b36_texts_are_escaped() {
        assert_eq!(escaped("a,b;c\\d\ne\rf"), "a\\,b\\;c\\\\d\\nef");
    }
}
