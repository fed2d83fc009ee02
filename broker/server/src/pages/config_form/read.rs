//! From what a browser sent to the configuration.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::draw::draw;
use super::schema::{Node, Schema, Shape, Slot};
use super::{FormProblem, MOST_ROWS};

/// Reads a whole form.
pub(super) fn read(
    schema: &Schema,
    fields: &[(String, String)],
) -> Result<Value, Vec<FormProblem>> {
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.replace("\r\n", "\n")));
    let mut reader = Reader { schema, fields: fields.collect(), problems: Vec::new() };
    let value = reader.place(&Slot::root(schema)).unwrap_or_else(|| Value::Object(Map::new()));
    if reader.problems.is_empty() { Ok(value) } else { Err(reader.problems) }
}

struct Reader<'a> {
    schema: &'a Schema,
    fields: BTreeMap<&'a str, String>,
    problems: Vec<FormProblem>,
}

impl Reader<'_> {
    /// The value of a place, if it has one.
    fn place(&mut self, slot: &Slot<'_>) -> Option<Value> {
        let json = slot.aside("json");
        if self.fields.contains_key(json.as_str()) {
            return self.json(&json);
        }
        if !self.is_sent(&slot.name) {
            return None;
        }
        let node = self.schema.node(slot.at);
        match &node.shape {
            Shape::Text { .. } => match self.text(&slot.name)? {
                "" => self.blank(slot),
                text => Some(text.into()),
            },
            Shape::Number { whole, .. } => match self.text(&slot.name)?.trim() {
                "" => self.blank(slot),
                text => match number(text, *whole) {
                    Some(number) => Some(number.into()),
                    None => self.problem(&slot.name, "is not a number that fits"),
                },
            },
            Shape::Choice(answers) => match self.text(&slot.name)? {
                "" => None,
                text => match answers.iter().find(|(one, _)| sent(one) == text) {
                    Some((answer, _)) => Some(answer.clone()),
                    None => self.problem(&slot.name, "is not among the answers"),
                },
            },
            Shape::OneOf(several) => self.alternative(slot, several),
            Shape::Lines => {
                let lines = self.text(&slot.name)?.lines().filter(|line| !line.is_empty());
                let lines = lines.map(Value::from).collect();
                self.settled(slot, &node, lines)
            }
            Shape::Rows(items) => {
                let rows = self.rows(slot, items);
                self.settled(slot, &node, rows.into())
            }
            Shape::Table(values) => {
                let table = self.table(slot, values);
                self.settled(slot, &node, table.into())
            }
            Shape::Object { properties, .. } => {
                let object = self.properties(slot, properties);
                self.settled(slot, &node, object.into())
            }
            Shape::Json => None,
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Whether the form has anything at or below a name.
    fn is_sent(&self, name: &str) -> bool {
        let below = |mark: char| {
            let prefix = format!("{name}{mark}");
            self.fields
                .range(prefix.as_str()..)
                .next()
                .is_some_and(|(key, _)| key.starts_with(&prefix))
        };
        self.fields.contains_key(name) || below('/') || below('~')
    }

    fn problem(&mut self, name: &str, message: &str) -> Option<Value> {
        self.problems.push(FormProblem { name: name.to_owned(), message: message.to_owned() });
        None
    }

    fn json(&mut self, name: &str) -> Option<Value> {
        let text = self.text(name).unwrap_or_default();
        if text.trim().is_empty() {
            return None;
        }
        match serde_json::from_str(text) {
            Ok(value) => Some(value),
            Err(error) => self.problem(name, &format!("is not JSON: {error}")),
        }
    }

    /// What an empty input means: what it was, if that was empty too.
    fn blank(&self, slot: &Slot<'_>) -> Option<Value> {
        match self.text(&slot.aside("was")) {
            Some("empty") => Some("".into()),
            Some("null") => Some(Value::Null),
            _ => None,
        }
    }

    /// What was absent and still is its default stays absent.
    fn settled(&self, slot: &Slot<'_>, node: &Node<'_>, value: Value) -> Option<Value> {
        let absent = self.text(&slot.aside("was")) == Some("absent");
        let unchanged = match node.default {
            Some(default) => *default == value,
            None => is_hollow(&value),
        };
        (!(absent && unchanged)).then_some(value)
    }

    fn alternative(
        &mut self,
        slot: &Slot<'_>,
        several: &[std::borrow::Cow<'_, Value>],
    ) -> Option<Value> {
        let which = slot.aside("which");
        let text = self.text(&which)?;
        if text.is_empty() {
            return None;
        }
        let index = text.parse::<usize>().ok();
        let Some((index, at)) = index.and_then(|index| Some((index, several.get(index)?))) else {
            return self.problem(&which, "is not among the answers");
        };
        let below = slot.below(&format!("~or{index}"), "", at);
        let shape = self.schema.node(at).shape;
        if let Shape::Choice(answers) = &shape
            && let [(only, _)] = answers.as_slice()
        {
            return Some(only.clone());
        }
        let known = self.problems.len();
        match self.place(&below) {
            Some(value) => Some(value),
            None if self.problems.len() > known => None,
            None => match shape {
                Shape::Text { .. } => Some("".into()),
                Shape::Lines | Shape::Rows(_) => Some(Value::Array(Vec::new())),
                Shape::Table(_) | Shape::Object { .. } => Some(Value::Object(Map::new())),
                _ => self.problem(&below.name, "needs a value"),
            },
        }
    }

    fn properties(
        &mut self,
        slot: &Slot<'_>,
        properties: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut object = Map::new();
        for (key, at) in properties {
            if let Some(value) = self.place(&slot.property(key, at, false)) {
                object.insert(key.clone(), value);
            }
        }
        let name = slot.aside("other");
        match self.json(&name) {
            Some(Value::Object(other)) => object.extend(other),
            Some(_) => {
                self.problem(&name, "must be a JSON object");
            }
            None => {}
        }
        object
    }

    /// The rows that count: neither removed nor left empty.
    fn rows_of<'n>(&self, slot: &Slot<'n>, at: &'n Value) -> Vec<Slot<'n>> {
        let present =
            self.text(&slot.aside("rows")).and_then(|text| text.parse().ok()).unwrap_or(0);
        let all = (0..MOST_ROWS * 2).map(|index| (index, slot.below(&format!("/{index}"), "", at)));
        all.filter(|(index, row)| {
            let removed = self.fields.contains_key(row.aside("remove").as_str());
            let spare = *index >= present && self.is_untouched(row);
            self.is_sent(&row.name) && !removed && !spare
        })
        .map(|(_, row)| row)
        .collect()
    }

    /// Whether a spare row is as it was drawn.
    fn is_untouched(&self, row: &Slot<'_>) -> bool {
        let key = self.text(&row.aside("key")).unwrap_or_default();
        let drawn = draw(self.schema, row, None);
        let mut fields = drawn.iter().filter_map(super::Part::field);
        key.is_empty()
            && fields.all(|(name, value)| self.text(&name).is_none_or(|sent| sent == value))
    }

    fn rows(&mut self, slot: &Slot<'_>, items: &Value) -> Vec<Value> {
        let rows = self.rows_of(slot, items);
        rows.iter().filter_map(|row| self.place(row)).collect()
    }

    fn table(&mut self, slot: &Slot<'_>, values: &Value) -> Map<String, Value> {
        let mut table = Map::new();
        for row in self.rows_of(slot, values) {
            let key = self.text(&row.aside("key")).unwrap_or_default().to_owned();
            let value = match self.place(&row) {
                Some(value) => value,
                None if matches!(self.schema.node(values).shape, Shape::Text { .. }) => "".into(),
                None => {
                    self.problem(&row.name, "needs a value");
                    continue;
                }
            };
            if table.insert(key, value).is_some() {
                self.problem(&row.aside("key"), "is there twice");
            }
        }
        table
    }
}

/// What an answer is in a form: its JSON.
fn sent(answer: &Value) -> String {
    answer.to_string()
}

fn number(text: &str, whole: bool) -> Option<Number> {
    serde_json::from_str::<Number>(text).ok().filter(|number| !(whole && number.is_f64()))
}

fn is_hollow(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}
