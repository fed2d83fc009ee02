//! Groups as upstreams of every kind state them: read, bounded, and what could not be read said in words.
//!
//! Does not own: what a plugin is told of them (`mapping`), or asking elsewhere for those that did not fit
//! (`connectors::entra`).

use serde_json::{Map, Value};

use super::paths::{scalar, value_at};

/// More groups than Microsoft Graph ever gives (E-28). What a plugin is handed is bounded in `mapping` (P-10).
const MOST: usize = 12_000;

/// Longer names are no names: a distinguished name of a directory fits. In bytes.
const LONGEST: usize = 1024;

/// What a claim says of somebody's groups.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct StatedGroups {
    /// Their names.
    pub(crate) names: Vec<String>,
    /// Whether groups are missing that a rule could name: there were too many, or their names were too long.
    pub(crate) cut: bool,
    /// What an admin should know: never a value, only what is wrong with it.
    pub(crate) problem: Option<String>,
}

/// Groups: a list of texts, one text, or objects that have a `name`.
pub(crate) fn group_list_at(claims: &Map<String, Value>, path: &str) -> Vec<String> {
    groups_at(claims, path).names
}

/// The names in a list of groups.
pub(crate) fn names_in(entries: &[Value]) -> Vec<String> {
    list(entries, "").names
}

/// Whether there is such a claim at all.
pub(crate) fn is_stated(claims: &Map<String, Value>, path: &str) -> bool {
    value_at(claims, path).is_some_and(|value| !value.is_null())
}

/// Reads the groups. What is no name is left out and told; it never keeps anybody out by itself.
pub(crate) fn groups_at(claims: &Map<String, Value>, path: &str) -> StatedGroups {
    match value_at(claims, path) {
        None | Some(Value::Null) => StatedGroups::default(),
        Some(Value::Array(entries)) => list(entries, path),
        Some(Value::Object(_)) => StatedGroups {
            problem: Some(format!("{path} is an object, where a list of names is expected")),
            ..StatedGroups::default()
        },
        Some(one) => list(std::slice::from_ref(one), path),
    }
}

fn list(entries: &[Value], path: &str) -> StatedGroups {
    let mut names = Vec::new();
    let (mut unreadable, mut too_long) = (0_usize, 0_usize);
    for entry in entries {
        match name(entry) {
            Some(name) if name.len() > LONGEST => too_long += 1,
            Some(name) => names.push(name),
            None if entry.as_str() == Some("") => {}
            None => unreadable += 1,
        }
    }
    let (came, too_many) = (entries.len(), names.len().saturating_sub(MOST));
    names.truncate(MOST);
    let problems: Vec<String> = [
        (unreadable, "are neither text nor an object with a name".to_owned()),
        (too_long, format!("are longer than {LONGEST} bytes")),
        (too_many, format!("are beyond the first {MOST}")),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    StatedGroups {
        names,
        cut: too_long > 0 || too_many > 0,
        problem: (!problems.is_empty())
            .then(|| format!("of {came} entries of {path} {}", problems.join(", "))),
    }
}

fn name(entry: &Value) -> Option<String> {
    scalar(entry).or_else(|| scalar(entry.get("name")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(groups: &Value) -> StatedGroups {
        let claims = json!({ "realm": { "teams": groups } });
        groups_at(claims.as_object().unwrap(), "realm.teams")
    }

    #[test]
    fn groups_may_be_a_list_one_text_or_objects_with_names() {
        for (stated, names) in [
            (json!(["x", 1, { "name": "n" }]), vec!["x", "1", "n"]),
            (json!("single"), vec!["single"]),
            (json!(["", "x"]), vec!["x"]),
            (json!([]), vec![]),
            (json!(""), vec![]),
            (json!(null), vec![]),
        ] {
            let groups = read(&stated);
            assert_eq!(groups.names, names, "{stated}");
            assert_eq!((groups.cut, groups.problem), (false, None), "{stated}");
        }
        assert_eq!(groups_at(&Map::new(), ""), StatedGroups::default());
    }

    #[test]
    fn what_is_no_name_is_left_out_and_told_without_its_value() {
        for (stated, names, problem) in [
            (json!({ "secret": 1 }), vec![], "is an object, where a list of names is expected"),
            (
                json!(["x", ["secret"], { "id": "secret" }, null]),
                vec!["x"],
                "of 4 entries of realm.teams 3 are neither text nor an object with a name",
            ),
        ] {
            let groups = read(&stated);
            assert_eq!(groups.names, names, "{stated}");
            assert!(!groups.cut, "{stated}");
            let told = groups.problem.unwrap();
            assert!(told.contains(problem) && !told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn too_many_and_too_long_ones_make_a_list_that_is_not_whole() {
        let many: Vec<String> = (0..=MOST).map(|n| n.to_string()).collect();
        let cut = read(&json!(many));
        assert_eq!((cut.names.len(), cut.cut), (MOST, true));
        assert_eq!(
            cut.problem.as_deref(),
            Some("of 12001 entries of realm.teams 1 are beyond the first 12000")
        );
        let long = read(&json!(["x", "y".repeat(LONGEST + 1), "z".repeat(LONGEST)]));
        assert_eq!((long.names.len(), long.cut), (2, true));
        assert!(long.problem.unwrap().ends_with("1 are longer than 1024 bytes"));
    }
}
