//! `symbolon explain`: what an error means and what to do. It reads the catalogue of reason codes and
//! nothing else: no configuration, no database.

use serde_json::{Value, json};
use symbolon_contract::ReasonCode;

use super::print;

/// What people report in words, and the reason codes to look at, the likeliest first.
const SYMPTOMS: &[(&str, &[&str])] = &[
    ("redirect_uri must be https", &["connector.https_required"]),
    ("redirect uri mismatch", &["entra.redirect_uri_mismatch"]),
    ("does not match the redirect uris", &["entra.redirect_uri_mismatch"]),
    ("secret expired", &["entra.secret_expired"]),
    ("invalid client secret", &["entra.secret_invalid", "entra.secret_expired"]),
    ("invalid_client", &["entra.secret_expired", "entra.secret_invalid"]),
    (
        "user not found in directory",
        &["entra.mail_missing", "entra.user_disabled", "entra.user_unknown"],
    ),
    (
        "button not appearing",
        &[
            "connector.off",
            "connector.test_only",
            "connector.not_pilot",
            "policy.connector_for_application",
        ],
    ),
    (
        "can't log in after sso enabled",
        &["policy.not_provisioned", "connector.not_pilot", "entra.user_not_assigned"],
    ),
    (
        "not logged in",
        &["attempt.other_browser", "entra.secret_invalid", "entra.application_unknown"],
    ),
];

/// Prints every reason that the text names.
pub(super) fn explain(text: &str, json: bool) -> anyhow::Result<()> {
    let found = find(text);
    if found.is_empty() {
        return Err(unknown(text));
    }
    if json {
        let rows: Vec<Value> = found.iter().map(describe).collect();
        println!("{:#}", Value::Array(rows));
        return Ok(());
    }
    for (place, one) in found.iter().map(describe).enumerate() {
        if place > 0 {
            println!();
        }
        for (name, label) in LINES {
            match one.get(name) {
                Some(Value::String(text)) => println!("{label:13} {text}"),
                Some(Value::Array(values)) => println!("{label:13} {}", listed(values)),
                _ => {}
            }
        }
    }
    Ok(())
}

/// The lines for people, in the order in which they are read.
const LINES: [(&str, &str); 6] = [
    ("code", "code"),
    ("microsoft", "Microsoft"),
    ("where", "where"),
    ("cause", "cause"),
    ("fix", "fix"),
    ("person_reads", "people read"),
];

fn listed(values: &[Value]) -> String {
    values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// A reason, and Microsoft's number when that led to it.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    number: Option<u32>,
    code: ReasonCode,
}

/// Numbers go before codes, codes before words: the more exact one decides.
fn find(text: &str) -> Vec<Found> {
    let by_number = numbers(text).into_iter().filter_map(|number| {
        Some(Found { number: Some(number), code: ReasonCode::from_aadsts(number)? })
    });
    let found: Vec<Found> = by_number.collect();
    if !found.is_empty() {
        return found;
    }
    let mut codes: Vec<ReasonCode> = codes(text).collect();
    if codes.is_empty() && numbers(text).is_empty() {
        codes = symptom(text);
    }
    codes.dedup();
    codes.into_iter().map(|code| Found { number: None, code }).collect()
}

/// The numbers after `AADSTS`, each once; or the text itself when it is one.
fn numbers(text: &str) -> Vec<u32> {
    if let Ok(number) = text.trim().parse() {
        return vec![number];
    }
    let upper = text.to_ascii_uppercase();
    let mut numbers = Vec::new();
    for rest in upper.split("AADSTS").skip(1) {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(number) = digits.parse()
            && !numbers.contains(&number)
        {
            numbers.push(number);
        }
    }
    numbers
}

/// The reason codes among the words.
fn codes(text: &str) -> impl Iterator<Item = ReasonCode> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    text.split(move |c| !part(c)).filter_map(|word| ReasonCode::parse(word.trim_matches('.')))
}

fn symptom(text: &str) -> Vec<ReasonCode> {
    let said = text.to_lowercase().replace('\u{2019}', "'");
    let row = SYMPTOMS.iter().find(|(words, _)| said.contains(words));
    row.map_or_else(Vec::new, |(_, codes)| {
        codes.iter().filter_map(|code| ReasonCode::parse(code)).collect()
    })
}

fn describe(found: &Found) -> Value {
    let entry = found.code.entry();
    let mut shown = json!({ "code": entry.code, "status": entry.status });
    let numbers = found.number.as_ref().map_or(entry.aadsts, std::slice::from_ref);
    if !numbers.is_empty() {
        let numbers: Vec<String> = numbers.iter().map(|number| format!("AADSTS{number}")).collect();
        let places: Vec<&str> = entry.seen_at.iter().map(|place| place.describe()).collect();
        print::add(&mut shown, "microsoft", json!(numbers));
        print::add(&mut shown, "where", json!(places));
    }
    print::add(&mut shown, "cause", json!(entry.cause));
    print::add(&mut shown, "fix", json!(entry.fix));
    print::add(&mut shown, "person_reads", json!(entry.person));
    shown
}

fn unknown(text: &str) -> anyhow::Error {
    match numbers(text).first() {
        Some(number) => anyhow::anyhow!(
            "AADSTS{number} is not in the catalogue; Microsoft explains it at \
             https://login.microsoftonline.com/error?code={number}"
        ),
        None => anyhow::anyhow!(
            "the text holds neither an AADSTS number nor a reason code; give one, as in \
             `symbolon explain AADSTS50011` or `symbolon explain entra.secret_expired`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_symptoms_names_codes_that_exist_and_is_reached_row_by_row() {
        for (words, codes) in SYMPTOMS {
            let expected: Vec<ReasonCode> =
                codes.iter().map(|code| ReasonCode::parse(code).unwrap()).collect();
            assert_eq!(symptom(&words.to_uppercase()), expected, "{words}");
        }
    }

    #[test]
    fn a_number_is_read_wherever_it_stands_and_only_once() {
        assert_eq!(numbers(" 50011 "), [50011]);
        assert_eq!(numbers("aadsts50011: x AADSTS7 AADSTS50011 AADSTS"), [50011, 7]);
        assert_eq!(numbers("error 50011"), [0; 0]);
        assert_eq!(numbers("AADSTS99999999999"), [0; 0]);
    }
}
