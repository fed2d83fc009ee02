//! Reading values: an exact name wins over a dotted path, texts over anything else.

use serde_json::{Map, Value};

/// The value at a name or dotted path; an empty path names nothing. Members on the way may have dots in their names,
/// as ids of applications have in Keycloak's `resource_access`.
pub(crate) fn value_at<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return None;
    }
    let splits = || path.match_indices('.');
    claims.get(path).or_else(|| {
        splits().find_map(|(dot, _)| {
            let (outer, inner) = (path.get(..dot)?, path.get(dot + 1..)?);
            value_at(claims.get(outer)?.as_object()?, inner)
        })
    })
}

/// A text, number or boolean as text; nothing for empty texts, lists and objects.
pub(crate) fn text_at(claims: &Map<String, Value>, path: &str) -> Option<String> {
    scalar(value_at(claims, path)?)
}

pub(super) fn scalar(value: &Value) -> Option<String> {
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
    fn a_list_of_texts_may_be_one_text() {
        assert_eq!(string_list_at(&claims(), "a.c"), ["x", "1"]);
        assert_eq!(string_list_at(&claims(), "one"), ["single"]);
        assert!(string_list_at(&claims(), "none").is_empty());
    }

    #[test]
    fn members_on_the_way_may_have_dots_in_their_names_and_no_path_names_nothing() {
        let claims = json!({"resource_access": {"wiki.example": {"roles": ["editor"]}}, "": "x"});
        let claims = claims.as_object().unwrap();
        let found = string_list_at(claims, "resource_access.wiki.example.roles");
        assert_eq!(found, ["editor"]);
        for nothing in ["", ".", "resource_access.", ".roles", "resource_access..roles"] {
            assert_eq!(value_at(claims, nothing), None, "{nothing}");
        }
    }
}
