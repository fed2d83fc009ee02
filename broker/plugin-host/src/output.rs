//! What may leave a plugin: counts and lengths (WP-53), reserved fields (WP-93), characters (WP-95).
//!
//! Parts of a decision are refused, texts for the admin (failures, diagnostics, descriptions) are cleaned.

use serde_json::Value;
use symbolon_contract::{Description, Diagnostic, Failure, Mapping, MappingDecision};

use crate::error::CallError;
use crate::limits::OutputLimits;

/// Set by the host from the verified assertion; a plugin that names one breaks the contract.
const RESERVED: [&str; 6] =
    ["sub", "tenant_id", "email_verified", "subject", "issuer", "connector"];

pub(crate) fn check_decision(
    decision: &MappingDecision,
    limits: &OutputLimits,
) -> Result<(), CallError> {
    match decision {
        MappingDecision::Allow(mapping) => check_mapping(mapping, limits),
        MappingDecision::Deny(denial) => {
            text("code", &denial.code, limits.value_bytes)?;
            text("message", &denial.message, limits.value_bytes)
        }
    }
}

fn check_mapping(mapping: &Mapping, limits: &OutputLimits) -> Result<(), CallError> {
    count("fields", mapping.fields.len(), limits.fields)?;
    count("grants", mapping.grants.len(), limits.grants)?;
    count("notes", mapping.notes.len(), limits.notes)?;
    for (at, field) in mapping.fields.iter().enumerate() {
        text(&format!("fields[{at}].name"), &field.name, limits.value_bytes)?;
        if RESERVED.contains(&field.name.as_str()) {
            return Err(refused(&format!("fields[{at}].name"), "is reserved for the broker"));
        }
        for (value_at, value) in field.values.iter().enumerate() {
            text(&format!("fields[{at}].values[{value_at}]"), value, limits.value_bytes)?;
        }
    }
    for (at, grant) in mapping.grants.iter().enumerate() {
        text(&format!("grants[{at}].role"), &grant.role, limits.value_bytes)?;
        let because = grant.because.as_deref().unwrap_or_default();
        text(&format!("grants[{at}].because"), because, limits.value_bytes)?;
    }
    for (at, note) in mapping.notes.iter().enumerate() {
        text(&format!("notes[{at}]"), note, limits.note_bytes)?;
    }
    Ok(())
}

fn count(field: &str, seen: usize, limit: usize) -> Result<(), CallError> {
    if seen > limit {
        return Err(refused(field, &format!("has {seen} entries, at most {limit} are allowed")));
    }
    Ok(())
}

fn text(field: &str, text: &str, limit: usize) -> Result<(), CallError> {
    if text.len() > limit {
        let seen = text.len();
        return Err(refused(field, &format!("has {seen} bytes, at most {limit} are allowed")));
    }
    if let Some(bad) = text.chars().find(|c| is_deceptive(*c)) {
        let code = u32::from(bad);
        return Err(refused(field, &format!("contains the control character U+{code:04X}")));
    }
    Ok(())
}

fn refused(field: &str, why: &str) -> CallError {
    CallError::OutputRefused { field: field.to_owned(), why: why.to_owned() }
}

/// C0, C1 and the bidi controls: they forge log lines and reverse what a person reads.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

pub(crate) fn failure(failure: Failure, limits: &OutputLimits) -> Failure {
    Failure {
        code: cleaned(&failure.code, limits.value_bytes),
        message: cleaned(&failure.message, limits.value_bytes),
        path: failure.path.map(|path| cleaned(&path, limits.value_bytes)),
    }
}

pub(crate) fn diagnostics(
    diagnostics: Vec<Diagnostic>,
    limits: &OutputLimits,
) -> Result<Vec<Diagnostic>, CallError> {
    count("diagnostics", diagnostics.len(), limits.grants)?;
    let clean = |one: Diagnostic| Diagnostic {
        severity: one.severity,
        path: cleaned(&one.path, limits.value_bytes),
        message: cleaned(&one.message, limits.value_bytes),
    };
    Ok(diagnostics.into_iter().map(clean).collect())
}

/// The schema and the example must be JSON; they are data for our forms and never shown as markup.
pub(crate) fn description(
    description: Description,
    limits: &OutputLimits,
) -> Result<Description, CallError> {
    for (field, json) in [
        ("config-schema", &description.config_schema),
        ("example-config", &description.example_config),
    ] {
        let json: Value = serde_json::from_str(json)
            .map_err(|error| refused(field, &format!("is not JSON: {error}")))?;
        if let Some(bad) = deceptive_in(&json) {
            let code = u32::from(bad);
            return Err(refused(field, &format!("contains the control character U+{code:04X}")));
        }
    }
    Ok(Description {
        name: cleaned(&description.name, limits.note_bytes),
        version: cleaned(&description.version, limits.note_bytes),
        summary: cleaned(&description.summary, limits.note_bytes),
        ..description
    })
}

/// An escape in JSON hides a character until somebody draws the form. Lines and tabs are fine in help
/// texts and expressions.
fn deceptive_in(json: &Value) -> Option<char> {
    let text = |text: &str| text.chars().find(|c| is_deceptive(*c) && !matches!(c, '\n' | '\t'));
    match json {
        Value::String(value) => text(value),
        Value::Array(values) => values.iter().find_map(deceptive_in),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| text(name).or_else(|| deceptive_in(value)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// A name that stands in the bytes of a component.
pub(crate) fn clean_name(name: &str) -> String {
    cleaned(name, 200)
}

pub(crate) fn cleaned(text: &str, limit: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(limit));
    for c in text.chars() {
        let c = if is_deceptive(c) { '\u{fffd}' } else { c };
        if clean.len() + c.len_utf8() > limit {
            break;
        }
        clean.push(c);
    }
    clean
}

#[cfg(test)]
mod tests {
    use symbolon_contract::{Denial, Field, Grant};

    use super::*;

    fn check(mapping: Mapping) -> Result<(), CallError> {
        check_decision(&MappingDecision::Allow(mapping), &OutputLimits::default())
    }

    fn with_field(name: &str, value: &str) -> Mapping {
        let field = Field { name: name.to_owned(), values: vec![value.to_owned()] };
        Mapping { fields: vec![field], ..Mapping::default() }
    }

    #[test]
    fn wp93_reserved_fields_are_refused() {
        for name in RESERVED {
            assert!(check(with_field(name, "x")).is_err(), "{name}");
        }
        check(with_field("email", "x")).unwrap();
    }

    #[test]
    fn wp95_control_and_bidi_characters_are_refused_in_every_part_of_a_decision() {
        for bad in ["\0", "\r", "\n", "\u{7f}", "\u{85}", "\u{202e}", "\u{2066}", "\u{200f}"] {
            assert!(check(with_field("email", bad)).is_err(), "{bad:?}");
            assert!(check(with_field(bad, "x")).is_err(), "{bad:?}");
            let grant = Grant { role: "viewer".to_owned(), because: Some(bad.to_owned()) };
            assert!(check(Mapping { grants: vec![grant], ..Mapping::default() }).is_err());
            assert!(check(Mapping { notes: vec![bad.to_owned()], ..Mapping::default() }).is_err());
            let denial = Denial { code: "no".to_owned(), message: bad.to_owned() };
            let denied = MappingDecision::Deny(denial);
            assert!(check_decision(&denied, &OutputLimits::default()).is_err());
        }
        check(with_field("display_name", "Zoë Łukasz 李")).unwrap();
    }

    #[test]
    fn wp95_texts_for_the_admin_are_cleaned_and_cut() {
        assert_eq!(cleaned("a\u{202e}b\n", 100), "a\u{fffd}b\u{fffd}");
        assert_eq!(cleaned("äää", 5), "ää");
    }

    fn described(schema: &str, example: &str) -> Result<Description, CallError> {
        let description = Description {
            name: "a\u{202e}b".to_owned(),
            version: "1\0".to_owned(),
            summary: "x".repeat(600),
            config_schema: schema.to_owned(),
            example_config: example.to_owned(),
        };
        super::description(description, &OutputLimits::default())
    }

    #[test]
    fn wp95_a_description_is_cleaned_and_cut() {
        let good = described(r#"{"title": "two\nlines"}"#, "{}").unwrap();
        assert_eq!((good.name.as_str(), good.version.as_str()), ("a\u{fffd}b", "1\u{fffd}"));
        assert_eq!(good.summary.len(), 500);
    }

    #[test]
    fn wp95_wp99_no_escape_hides_a_character_in_the_schema_or_the_example() {
        let escaped = "\\u202e";
        for bad in [
            format!(r#"{{"title": "a{escaped}b"}}"#),
            format!(r#"{{"properties": {{"a{escaped}": {{}}}}}}"#),
            format!(r#"{{"enum": [1, "\u0000", "{escaped}"]}}"#),
        ] {
            for refused in [described(&bad, "{}"), described("{}", &bad)] {
                let error = refused.unwrap_err();
                assert!(error.to_string().contains("control character U+"), "{bad}: {error}");
            }
        }
        assert!(described("no JSON", "{}").is_err());
    }

    #[test]
    fn wp95_diagnostics_and_failures_are_cleaned_and_counted() {
        let limits = OutputLimits::default();
        let one = Diagnostic {
            severity: symbolon_contract::Severity::Error,
            path: "/a\r".to_owned(),
            message: "b\u{2066}".to_owned(),
        };
        let clean = diagnostics(vec![one.clone()], &limits).unwrap();
        assert_eq!(
            (clean[0].path.as_str(), clean[0].message.as_str()),
            ("/a\u{fffd}", "b\u{fffd}")
        );
        assert!(diagnostics(vec![one; 501], &limits).is_err());
        let dirty = Failure {
            code: "c\0".to_owned(),
            message: "m\u{85}".to_owned(),
            path: Some("\u{200f}".to_owned()),
        };
        let clean = failure(dirty, &limits);
        assert_eq!([clean.code, clean.message], ["c\u{fffd}", "m\u{fffd}"]);
        assert_eq!(clean.path.as_deref(), Some("\u{fffd}"));
    }
}
