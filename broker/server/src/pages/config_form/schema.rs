//! The part of JSON Schema that has a form.

use std::borrow::Cow;
use std::cell::Cell;

use serde_json::{Map, Value, json};

/// A bigger schema has no form.
const MOST_BYTES: usize = 256 << 10;
/// `$ref` after `$ref`.
const MOST_HOPS: usize = 16;
/// Answers of one choice.
const MOST_ANSWERS: usize = 200;
/// Alternatives of one value; the style sheet knows as many.
const MOST_ALTERNATIVES: usize = 8;
/// Comparisons of values with alternatives in one form.
const MOST_STEPS: u32 = 100_000;
/// Characters of a text that a schema says.
const LONGEST_TEXT: usize = 500;

/// A plugin's schema.
pub(super) struct Schema {
    root: Value,
    steps: Cell<u32>,
}

/// A place in the form: what it is called and what its schema is.
pub(super) struct Slot<'a> {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) required: bool,
    pub(super) depth: usize,
    pub(super) at: &'a Value,
}

/// What a schema says about one value.
pub(super) struct Node<'a> {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) default: Option<&'a Value>,
    pub(super) shape: Shape<'a>,
}

/// The shapes that have a form.
pub(super) enum Shape<'a> {
    Text { long: bool, nullable: bool },
    Number { whole: bool, nullable: bool },
    Choice(Vec<(Value, String)>),
    Lines,
    Rows(&'a Value),
    Table(&'a Value),
    Object { properties: &'a Map<String, Value>, required: Vec<&'a str>, open: bool },
    OneOf(Vec<Cow<'a, Value>>),
    Json,
}

impl<'a> Slot<'a> {
    /// The whole configuration.
    pub(super) fn root(schema: &'a Schema) -> Self {
        Self {
            name: super::ROOT.to_owned(),
            title: "Configuration".to_owned(),
            required: false,
            depth: 0,
            at: &schema.root,
        }
    }

    /// A place below, by the last part of its name.
    pub(super) fn below(&self, last: &str, title: &str, at: &'a Value) -> Self {
        Self {
            name: format!("{}{last}", self.name),
            title: clean(title),
            required: false,
            depth: self.depth + 1,
            at,
        }
    }

    /// The place of a property.
    pub(super) fn property(&self, key: &str, at: &'a Value, required: bool) -> Self {
        let escaped = key.replace('~', "~0").replace('/', "~1");
        Self { required, ..self.below(&format!("/{escaped}"), &humanised(key), at) }
    }

    /// The name of a field that says something about this place; no pointer contains it.
    pub(super) fn aside(&self, word: &str) -> String {
        format!("{}~{word}", self.name)
    }
}

impl Schema {
    /// Reads a schema; what is none has no form.
    pub(super) fn parse(text: &str) -> Self {
        let parsed = (text.len() <= MOST_BYTES).then(|| serde_json::from_str(text).ok());
        Self { root: parsed.flatten().unwrap_or(Value::Bool(true)), steps: Cell::new(0) }
    }

    /// What the schema says at a place.
    pub(super) fn node<'n>(&'n self, at: &'n Value) -> Node<'n> {
        let (mut title, mut description, mut default) = (None, None, None);
        let mut at = at;
        for _ in 0..MOST_HOPS {
            let text = |key: &str| at.get(key).and_then(Value::as_str).map(clean);
            title = title.or_else(|| text("title"));
            description = description.or_else(|| text("description"));
            default = default.or_else(|| at.get("default"));
            match self.next(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        Node { title, description, default, shape: self.shape(at) }
    }

    fn next<'n>(&'n self, at: &'n Value) -> Option<&'n Value> {
        if let Some(reference) = at.get("$ref").and_then(Value::as_str) {
            return self.root.pointer(reference.strip_prefix('#')?);
        }
        match at.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([only]) if at.get("type").is_none() => Some(only),
            _ => None,
        }
    }

    fn shape<'n>(&'n self, at: &'n Value) -> Shape<'n> {
        if let Some(answers) = self.answers(at) {
            return Shape::Choice(answers);
        }
        if let Some(alternatives) = alternatives(at) {
            return match alternatives.len() {
                1..=MOST_ALTERNATIVES => {
                    Shape::OneOf(alternatives.iter().map(Cow::Borrowed).collect())
                }
                _ => Shape::Json,
            };
        }
        match at.get("type") {
            Some(Value::String(kind)) => self.of_type(kind, at, false),
            Some(Value::Array(kinds)) => self.of_types(kinds, at),
            _ if at.get("properties").is_some() => self.of_type("object", at, false),
            _ => Shape::Json,
        }
    }

    /// `["string", "null"]` is one line that may stay empty, unless empty would mean a default.
    fn of_types<'n>(&'n self, kinds: &'n [Value], at: &'n Value) -> Shape<'n> {
        let named: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
        let no_default = at.get("default").is_none_or(Value::is_null);
        match named.as_slice() {
            [kind] => self.of_type(kind, at, false),
            ["null", kind @ ("string" | "number" | "integer")]
            | [kind @ ("string" | "number" | "integer"), "null"]
                if no_default =>
            {
                self.of_type(kind, at, true)
            }
            [] => Shape::Json,
            several if several.len() > MOST_ALTERNATIVES => Shape::Json,
            several => {
                Shape::OneOf(several.iter().map(|kind| Cow::Owned(only(at, kind))).collect())
            }
        }
    }

    fn of_type<'n>(&'n self, kind: &str, at: &'n Value, nullable: bool) -> Shape<'n> {
        match kind {
            "string" => Shape::Text { long: is_long(at), nullable },
            "number" | "integer" => Shape::Number { whole: kind == "integer", nullable },
            "array" => match at.get("items") {
                Some(items) if at.get("prefixItems").is_none() => match self.node(items).shape {
                    Shape::Text { long: false, nullable: false } => Shape::Lines,
                    Shape::Json => Shape::Json,
                    _ => Shape::Rows(items),
                },
                _ => Shape::Json,
            },
            "object" => object(at),
            _ => Shape::Json,
        }
    }

    /// The answers of an `enum`, a `const`, a boolean, null, or alternatives that are all constants.
    fn answers(&self, at: &Value) -> Option<Vec<(Value, String)>> {
        if let Some(constant) = at.get("const") {
            return Some(vec![(constant.clone(), answer_label(at, constant))]);
        }
        if let Some(values) = at.get("enum").and_then(Value::as_array) {
            let simple = !values.is_empty() && values.len() <= MOST_ANSWERS;
            let answers = values.iter().map(|one| (one.clone(), spoken(one)));
            return (simple && values.iter().all(is_scalar)).then(|| answers.collect());
        }
        match at.get("type").and_then(Value::as_str) {
            Some("boolean") => {
                return Some([true, false].map(|one| (one.into(), spoken(&one.into()))).into());
            }
            Some("null") => return Some(vec![(Value::Null, spoken(&Value::Null))]),
            _ => {}
        }
        let all = alternatives(at)?;
        if all.is_empty() || all.len() > MOST_ANSWERS {
            return None;
        }
        let constant = |one: &Value| {
            let value = match one.get("const") {
                Some(value) => value.clone(),
                None if one.get("type").and_then(Value::as_str) == Some("null") => Value::Null,
                None => return None,
            };
            is_scalar(&value).then(|| (value.clone(), answer_label(one, &value)))
        };
        all.iter().map(constant).collect()
    }

    /// Whether a value has the shape; alternatives are told apart by it.
    pub(super) fn fits(&self, at: &Value, value: &Value) -> bool {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MOST_STEPS {
            return false;
        }
        match self.node(at).shape {
            Shape::Text { nullable, .. } => value.is_string() || (nullable && value.is_null()),
            Shape::Number { whole, nullable } => {
                is_number(value, whole) || (nullable && value.is_null())
            }
            Shape::Choice(answers) => answers.iter().any(|(one, _)| one == value),
            Shape::Lines => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
            Shape::Rows(items) => {
                value.as_array().is_some_and(|all| all.iter().all(|one| self.fits(items, one)))
            }
            Shape::Table(values) => {
                value.as_object().is_some_and(|all| all.values().all(|one| self.fits(values, one)))
            }
            Shape::Object { properties, required, open } => value.as_object().is_some_and(|all| {
                required.iter().all(|key| all.contains_key(*key))
                    && all.iter().all(|(key, one)| match properties.get(key) {
                        Some(at) => self.fits(at, one),
                        None => open,
                    })
            }),
            Shape::OneOf(several) => several.iter().any(|one| self.fits(one, value)),
            Shape::Json => true,
        }
    }
}

fn object(at: &Value) -> Shape<'_> {
    let additional = at.get("additionalProperties");
    match at.get("properties").and_then(Value::as_object) {
        Some(properties) if !properties.is_empty() => {
            let required = at.get("required").and_then(Value::as_array);
            let required = required.into_iter().flatten().filter_map(Value::as_str).collect();
            Shape::Object { properties, required, open: additional != Some(&Value::Bool(false)) }
        }
        _ => match additional {
            Some(values @ Value::Object(_)) => Shape::Table(values),
            _ => Shape::Json,
        },
    }
}

fn alternatives(at: &Value) -> Option<&Vec<Value>> {
    at.get("oneOf").or_else(|| at.get("anyOf")).and_then(Value::as_array)
}

/// The same schema with one type and without what belongs to all.
fn only(at: &Value, kind: &str) -> Value {
    let mut one = at.clone();
    if let Some(fields) = one.as_object_mut() {
        for key in ["title", "description", "default"] {
            fields.remove(key);
        }
        fields.insert("type".to_owned(), json!(kind));
    }
    one
}

fn is_long(at: &Value) -> bool {
    let format = at.get("format").and_then(Value::as_str);
    matches!(format, Some("cel" | "multi-line" | "textarea"))
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// Whether a value is a number, and a whole one if that is asked.
pub(super) fn is_number(value: &Value, whole: bool) -> bool {
    value.is_number() && !(whole && value.is_f64())
}

fn answer_label(at: &Value, value: &Value) -> String {
    let text = |key: &str| at.get(key).and_then(Value::as_str).map(clean);
    let name = text("title").unwrap_or_else(|| spoken(value));
    match text("description") {
        Some(description) => format!("{name}: {description}"),
        None => name,
    }
}

/// A scalar as a person reads it.
pub(super) fn spoken(value: &Value) -> String {
    match value {
        Value::Bool(true) => "Yes".to_owned(),
        Value::Bool(false) => "No".to_owned(),
        Value::Null => "None".to_owned(),
        Value::String(text) => clean(text),
        other => clean(&other.to_string()),
    }
}

fn humanised(key: &str) -> String {
    let spaced = key.replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A text of the plugin's, without what could turn a line around, and not endless (WP-95).
pub(super) fn clean(text: &str) -> String {
    let turns = |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    let kept = text.chars().filter(|letter| !turns(*letter));
    kept.map(|letter| if letter.is_control() { ' ' } else { letter }).take(LONGEST_TEXT).collect()
}
