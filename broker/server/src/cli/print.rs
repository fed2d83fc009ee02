//! What commands print: aligned text for people, JSON for programs.

use serde_json::Value;

/// Adds a field to what will be printed.
pub(super) fn add(shown: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = shown {
        fields.insert(name.to_owned(), value);
    }
}

/// Prints JSON as it is, or as `key: value` lines.
pub(super) fn object(value: &Value, json: bool) {
    if json {
        println!("{value:#}");
        return;
    }
    if let Value::Object(fields) = value {
        let width = fields.keys().map(String::len).max().unwrap_or_default();
        for (name, value) in fields {
            println!("{name:width$}  {}", text(value));
        }
    }
}

/// Prints a JSON array as it is, or as a table of the named columns.
pub(super) fn table(rows: &[Value], columns: &[&str], json: bool) {
    if json {
        println!("{:#}", Value::Array(rows.to_vec()));
        return;
    }
    let cell = |row: &Value, name: &str| row.get(name).map(text).unwrap_or_default();
    let width = |name: &str| {
        let widest = rows.iter().map(|row| cell(row, name).chars().count()).max();
        widest.unwrap_or_default().max(name.len())
    };
    let widths: Vec<usize> = columns.iter().map(|name| width(name)).collect();
    let line = |cells: Vec<String>| {
        let padded: Vec<String> =
            cells.into_iter().zip(&widths).map(|(text, width)| format!("{text:width$}")).collect();
        println!("{}", padded.join("  ").trim_end());
    };
    line(columns.iter().map(|name| name.to_uppercase().replace('_', " ")).collect());
    for row in rows {
        line(columns.iter().map(|name| cell(row, name)).collect());
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
