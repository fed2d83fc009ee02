//! Reading values: an exact name wins over a dotted path, texts over anything else.

use serde_json::{Map, Value};

/// The value at a name or dotted path.
fn value_at<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    let mut parts = path.split('.');
    let first = claims.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

/// A text, number or boolean as text; nothing for empty texts, lists and objects.
pub(crate) fn text_at(claims: &Map<String, Value>, path: &str) -> Option<String> {
    scalar(value_at(claims, path)?)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A list of texts; a single text is a list of one.
pub(crate) fn string_list_at(claims: &Map<String, Value>, path: &str) -> Vec<String> {
    match value_at(claims, path) {
        Some(Value::Array(values)) => values.iter().filter_map(scalar).collect(),
        Some(value) => scalar(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Groups: a list of texts, one text, or objects that have a `name`.
pub(crate) fn group_list_at(claims: &Map<String, Value>, path: &str) -> Vec<String> {
    match value_at(claims, path) {
        Some(Value::Array(values)) => values
            .iter()
            .filter_map(|value| scalar(value).or_else(|| scalar(value.get("name")?)))
            .collect(),
        Some(value) => scalar(value).into_iter().collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims() -> Map<String, Value> {
        json!({
            "a.b": "exact", "a": {"b": "nested", "c": ["x", 1, null, {"name": "n"}]},
            "one": "single", "flag": true, "empty": "",
        })
        .as_object()
        .unwrap()
        .clone()
    }

    #[test]
    fn an_exact_name_wins_over_a_path() {
        assert_eq!(text_at(&claims(), "a.b").as_deref(), Some("exact"));
        assert_eq!(text_at(&claims(), "a.c"), None);
        assert_eq!(text_at(&claims(), "a.x.y"), None);
        assert_eq!(text_at(&claims(), "empty"), None);
        assert_eq!(text_at(&claims(), "flag").as_deref(), Some("true"));
    }

    #[test]
    fn groups_may_be_a_list_one_text_or_objects_with_names() {
        assert_eq!(group_list_at(&claims(), "a.c"), ["x", "1", "n"]);
        assert_eq!(string_list_at(&claims(), "a.c"), ["x", "1"]);
        assert_eq!(group_list_at(&claims(), "one"), ["single"]);
        assert!(group_list_at(&claims(), "none").is_empty());
    }
}
