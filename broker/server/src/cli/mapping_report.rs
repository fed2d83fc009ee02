//! Trials, comparisons and replays of mapping versions, for people to read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use symbolon_identity::admin::MappingDiff;
use symbolon_identity::mapping::{
    Difference, FieldDifference, PersonDifference, ReplayReport, TrialReport, Verdict,
};

use super::print;

/// What came of a trial.
pub(super) fn trial(report: &TrialReport, json: bool) {
    if json {
        print::object(&json!(report), json);
        return;
    }
    let passed = if report.passed { "passed" } else { "did not pass" };
    println!("version {} {passed}", report.version);
    for (word, lines) in [("problem", &report.problems), ("warning", &report.warnings)] {
        for line in lines {
            println!("  {word}: {line}");
        }
    }
    let samples = report.samples.iter().map(|sample| {
        json!({ "tried": "sample", "name": sample.name, "result": end(&sample.verdict), "fuel": sample.fuel })
    });
    let cases = report.cases.iter().map(|case| {
        let result = case.difference.as_ref().map_or("as expected".to_owned(), in_words);
        json!({ "tried": "case", "name": case.name, "result": result, "fuel": case.fuel })
    });
    println!();
    print::table(
        &samples.chain(cases).collect::<Vec<_>>(),
        &["tried", "name", "result", "fuel"],
        false,
    );
    println!("\nmost fuel of a call: {} of {}", report.worst_fuel, report.fuel_limit);
}

/// What differs between two versions.
pub(super) fn diff(diff: &MappingDiff, json: bool) {
    if json {
        print::object(&json!(diff), json);
        return;
    }
    if let Some([from, to]) = &diff.plugins {
        println!("plugin: {from} -> {to}");
    }
    let rows: Vec<Value> = diff.configuration.iter().map(|change| json!(change)).collect();
    print::table(&rows, &["field", "from", "to"], false);
}

/// Who gains or loses what.
pub(super) fn replay(report: &ReplayReport, json: bool) {
    if json {
        print::object(&json!(report), json);
        return;
    }
    println!(
        "version {} to {}: {} recorded sign-ins of {} people in {} ms",
        report.from, report.to, report.sign_ins, report.people, report.took_ms
    );
    println!(
        "something changes for {}; {} would be refused, {} would be let in who were not",
        report.changed, report.refused, report.admitted
    );
    if report.changed == 0 {
        return;
    }
    let roles: BTreeSet<&String> = report.gained.keys().chain(report.lost.keys()).collect();
    let of_roles = roles.into_iter().map(|role| {
        let count = |of: &std::collections::BTreeMap<String, usize>| of.get(role).copied();
        let (gain, lose) = (count(&report.gained), count(&report.lost));
        json!({ "what": format!("role {role}"), "gain": gain, "lose": lose, "change": null })
    });
    let of_fields = report.fields.iter().map(|(field, people)| {
        json!({ "what": format!("field {field}"), "gain": null, "lose": null, "change": people })
    });
    println!();
    let rows: Vec<Value> = of_roles.chain(of_fields).collect();
    print::table(&rows, &["what", "gain", "lose", "change"], false);
    println!();
    let people: Vec<Value> = report.differences.iter().map(person).collect();
    print::table(&people, &["person", "gains", "loses", "fields", "end", "recorded"], false);
    if report.truncated {
        println!("and more; the counts are of all");
    }
}

fn person(one: &PersonDifference) -> Value {
    let fields: Vec<String> = one.difference.fields.iter().map(field).collect();
    let ends = one.difference.ends.as_ref();
    json!({
        "person": one.user.as_ref().map(ToString::to_string),
        "gains": one.difference.gained,
        "loses": one.difference.lost,
        "fields": fields,
        "end": ends.map(|[before, after]| format!("{} -> {}", end(before), end(after))),
        "recorded": one.recorded,
    })
}

fn field(change: &FieldDifference) -> String {
    format!("{}: {:?} -> {:?}", change.field, change.before, change.after)
}

fn in_words(difference: &Difference) -> String {
    let gained = difference.gained.iter().map(|role| format!("+{role}"));
    let lost = difference.lost.iter().map(|role| format!("-{role}"));
    let fields = difference.fields.iter().map(field);
    let ends = difference.ends.iter();
    let ends = ends.map(|[before, after]| format!("{} -> {}", end(before), end(after)));
    ends.chain(gained).chain(lost).chain(fields).collect::<Vec<_>>().join(", ")
}

fn end(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allowed { .. } => "allowed".to_owned(),
        Verdict::Denied { code } => format!("denied {code}"),
        Verdict::Failed { reason, code } => match code {
            Some(code) => format!("failed {reason} {code}"),
            None => format!("failed {reason}"),
        },
    }
}
