//! From a schema and a value to the parts of a form.

use serde_json::{Map, Value};

use super::parts::{Answer, Label, Part, id_of};
use super::schema::{Node, Schema, Shape, Slot, is_number, spoken};
use super::{DEEPEST, MOST_PARTS, MOST_ROWS};

/// Draws one place.
pub(super) fn draw(schema: &Schema, slot: &Slot<'_>, value: Option<&Value>) -> Vec<Part> {
    let mut artist = Artist { schema, parts: Vec::new() };
    artist.place(slot, value);
    artist.parts
}

struct Artist<'s> {
    schema: &'s Schema,
    parts: Vec<Part>,
}

impl Artist<'_> {
    fn place(&mut self, slot: &Slot<'_>, value: Option<&Value>) {
        let node = self.schema.node(slot.at);
        let label = label(slot, &node);
        let full = slot.depth > DEEPEST || self.parts.len() > MOST_PARTS;
        if full || value.is_some_and(|value| !self.has_a_form(&node.shape, value)) {
            return self.json(slot, label, value);
        }
        match &node.shape {
            Shape::Text { long, .. } => self.text(slot, label, value, *long),
            Shape::Number { .. } => {
                self.mark_null(slot, value);
                let value = value.filter(|value| !value.is_null()).map(ToString::to_string);
                let value = value.unwrap_or_default();
                self.parts.push(Part::Text { label, value, input_mode: "decimal" });
            }
            Shape::Choice(answers) => self.choice(label, answers, value),
            Shape::OneOf(several) => self.alternatives(slot, label, several, value),
            Shape::Json => self.json(slot, label, value),
            Shape::Lines | Shape::Rows(_) | Shape::Table(_) | Shape::Object { .. } => {
                self.container(slot, label, &node, value);
            }
        }
    }

    /// Whether the form can hold exactly this value.
    fn has_a_form(&self, shape: &Shape<'_>, value: &Value) -> bool {
        match shape {
            Shape::Text { nullable, .. } => {
                (*nullable && value.is_null()) || value.as_str().is_some_and(is_plain)
            }
            Shape::Number { whole, nullable } => {
                (*nullable && value.is_null()) || is_number(value, *whole)
            }
            Shape::Choice(answers) => answers.iter().any(|(one, _)| one == value),
            Shape::Lines => value.as_array().is_some_and(|all| {
                let line = |text: &str| !text.is_empty() && !text.contains('\n') && is_plain(text);
                all.iter().all(|one| one.as_str().is_some_and(line))
            }),
            Shape::Rows(_) => value.as_array().is_some_and(|all| all.len() <= MOST_ROWS),
            Shape::Table(_) => value.as_object().is_some_and(|all| {
                let line = |key: &String| !key.contains('\n') && is_plain(key);
                all.len() <= MOST_ROWS && all.keys().all(line)
            }),
            Shape::Object { .. } => value.is_object(),
            Shape::OneOf(several) => several.iter().any(|one| self.schema.fits(one, value)),
            Shape::Json => true,
        }
    }

    fn json(&mut self, slot: &Slot<'_>, label: Label, value: Option<&Value>) {
        let name = slot.aside("json");
        let value = value.map(|value| format!("{value:#}")).unwrap_or_default();
        let rows = value.lines().count().clamp(2, 12);
        let label =
            Label { id: id_of(&name), name, label: format!("{} (JSON)", label.label), ..label };
        self.parts.push(Part::Area { label, value, rows, code: true });
    }

    fn text(&mut self, slot: &Slot<'_>, label: Label, value: Option<&Value>, long: bool) {
        self.mark_null(slot, value);
        let text = value.and_then(Value::as_str);
        if text == Some("") {
            self.hide(slot.aside("was"), "empty");
        }
        let value = text.unwrap_or_default().to_owned();
        if long || value.contains('\n') {
            let rows = value.lines().count().clamp(2, 12);
            self.parts.push(Part::Area { label, value, rows, code: true });
        } else {
            self.parts.push(Part::Text { label, value, input_mode: "text" });
        }
    }

    fn mark_null(&mut self, slot: &Slot<'_>, value: Option<&Value>) {
        if value.is_some_and(Value::is_null) {
            self.hide(slot.aside("was"), "null");
        }
    }

    fn choice(&mut self, label: Label, answers: &[(Value, String)], value: Option<&Value>) {
        let unset = match &label.default {
            Some(default) => format!("Not set (default: {default})"),
            None => "Not set".to_owned(),
        };
        let mut all =
            vec![Answer { value: String::new(), label: unset, selected: value.is_none() }];
        all.extend(answers.iter().map(|(one, label)| Answer {
            value: one.to_string(),
            label: label.clone(),
            selected: value == Some(one),
        }));
        self.parts.push(Part::Choice { label, answers: all });
    }

    fn alternatives(
        &mut self,
        slot: &Slot<'_>,
        label: Label,
        several: &[std::borrow::Cow<'_, Value>],
        value: Option<&Value>,
    ) {
        let chosen =
            value.and_then(|value| several.iter().position(|one| self.schema.fits(one, value)));
        let titles: Vec<String> = several.iter().map(|one| title(&self.schema.node(one))).collect();
        let numbered: Vec<(Value, String)> =
            titles.iter().enumerate().map(|(index, title)| (index.into(), title.clone())).collect();
        let which = slot.aside("which");
        let pick = Label {
            id: id_of(&which),
            name: which,
            label: "Kind".to_owned(),
            hint: None,
            ..label.clone()
        };
        self.parts.push(Part::Open { label, style: "choice" });
        self.choice(pick, &numbered, chosen.map(Value::from).as_ref());
        for (index, (one, title)) in several.iter().zip(&titles).enumerate() {
            if matches!(&self.schema.node(one).shape, Shape::Choice(answers) if answers.len() == 1)
            {
                continue;
            }
            self.parts.push(Part::OpenAlternative { index });
            let below = slot.below(&format!("~or{index}"), title, one);
            self.place(&below, value.filter(|_| chosen == Some(index)));
            self.parts.push(Part::CloseAlternative);
        }
        self.parts.push(Part::Close);
    }

    /// What is absent shows its default; the reader leaves it absent if nobody changed it.
    fn container(&mut self, slot: &Slot<'_>, label: Label, node: &Node<'_>, value: Option<&Value>) {
        let default = node.default.filter(|default| self.has_a_form(&node.shape, default));
        if value.is_none() {
            self.hide(slot.aside("was"), "absent");
        }
        let value = value.or(default);
        let label = Label { default: None, ..label };
        match &node.shape {
            Shape::Lines => {
                let lines: Vec<&str> = value
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let rows = (lines.len() + 1).clamp(2, 12);
                let hint = format!("{} One per line.", label.hint.as_deref().unwrap_or_default());
                let label = Label { hint: Some(hint.trim().to_owned()), ..label };
                self.parts.push(Part::Area { label, value: lines.join("\n"), rows, code: false });
            }
            Shape::Rows(items) => self.rows(slot, label, items, value.and_then(Value::as_array)),
            Shape::Table(values) => {
                self.table(slot, label, values, value.and_then(Value::as_object));
            }
            _ => {
                if slot.depth > 0 {
                    self.parts.push(Part::Open { label, style: "group" });
                }
                self.properties(slot, &node.shape, value.and_then(Value::as_object));
                if slot.depth > 0 {
                    self.parts.push(Part::Close);
                }
            }
        }
    }

    fn properties(
        &mut self,
        slot: &Slot<'_>,
        shape: &Shape<'_>,
        value: Option<&Map<String, Value>>,
    ) {
        let Shape::Object { properties, required, .. } = shape else { return };
        let drawn = |key: &str| !key.chars().any(char::is_control);
        for (key, at) in properties.iter().filter(|(key, _)| drawn(key)) {
            let required = required.contains(&key.as_str());
            self.place(&slot.property(key, at, required), value.and_then(|all| all.get(key)));
        }
        let unknown = value
            .into_iter()
            .flatten()
            .filter(|(key, _)| !(properties.contains_key(*key) && drawn(key)));
        let unknown: Map<String, Value> =
            unknown.map(|(key, value)| (key.clone(), value.clone())).collect();
        if !unknown.is_empty() {
            let name = slot.aside("other");
            let label = plain_label(name, "Other settings (JSON)");
            let value = format!("{:#}", Value::Object(unknown));
            self.parts.push(Part::Area { label, value, rows: 3, code: true });
        }
    }

    fn rows(&mut self, slot: &Slot<'_>, label: Label, items: &Value, value: Option<&Vec<Value>>) {
        let present = value.map_or(&[][..], Vec::as_slice);
        self.parts.push(Part::Open { label, style: "group" });
        self.hide(slot.aside("rows"), &present.len().to_string());
        let all = present.iter().map(Some).chain(std::iter::repeat_n(None, spare(slot)));
        for (index, value) in all.enumerate() {
            let row = slot.below(&format!("/{index}"), "Value", items);
            self.open_row(&row, index, value.is_some());
            let node = self.schema.node(items);
            let object = value.is_none_or(Value::is_object) && self.parts.len() <= MOST_PARTS;
            match &node.shape {
                shape @ Shape::Object { .. } if object && row.depth <= DEEPEST => {
                    self.properties(&row, shape, value.and_then(Value::as_object));
                }
                _ => self.place(&row, value),
            }
            self.close_row(&row, index, value.is_some());
        }
        self.parts.push(Part::Close);
    }

    fn table(
        &mut self,
        slot: &Slot<'_>,
        label: Label,
        values: &Value,
        value: Option<&Map<String, Value>>,
    ) {
        let present: Vec<(&String, &Value)> = value.into_iter().flatten().collect();
        self.parts.push(Part::Open { label, style: "group" });
        self.hide(slot.aside("rows"), &present.len().to_string());
        let all = present.into_iter().map(Some).chain(std::iter::repeat_n(None, spare(slot)));
        for (index, entry) in all.enumerate() {
            let row = slot.below(&format!("/{index}"), "Value", values);
            self.open_row(&row, index, entry.is_some());
            let label = plain_label(row.aside("key"), "Name");
            let value = entry.map(|(key, _)| key.clone()).unwrap_or_default();
            self.parts.push(Part::Text { label, value, input_mode: "text" });
            self.place(&row, entry.map(|(_, value)| value));
            self.close_row(&row, index, entry.is_some());
        }
        self.parts.push(Part::Close);
    }

    fn open_row(&mut self, row: &Slot<'_>, index: usize, present: bool) {
        let number = index + 1;
        let legend = if present { format!("Row {number}") } else { format!("Row {number}, new") };
        self.parts.push(Part::Open { label: plain_label(row.aside("row"), &legend), style: "row" });
    }

    fn close_row(&mut self, row: &Slot<'_>, index: usize, present: bool) {
        if present {
            let label = format!("Remove row {}", index + 1);
            self.parts.push(Part::Check { label: plain_label(row.aside("remove"), &label) });
        }
        self.parts.push(Part::Close);
    }

    fn hide(&mut self, name: String, value: &str) {
        self.parts.push(Part::Hidden { name, value: value.to_owned() });
    }
}

/// Empty rows to fill in, because a page works without scripts.
fn spare(slot: &Slot<'_>) -> usize {
    if slot.depth <= 1 { 2 } else { 1 }
}

/// Browsers keep such a text as it is; others travel as JSON.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|letter| letter.is_control() && letter != '\n')
}

fn label(slot: &Slot<'_>, node: &Node<'_>) -> Label {
    let label = node.title.clone().unwrap_or_else(|| slot.title.clone());
    Label {
        id: id_of(&slot.name),
        name: slot.name.clone(),
        hint: node.description.clone().filter(|hint| *hint != label),
        label,
        default: node.default.filter(|value| !value.is_null()).map(spoken),
        required: slot.required,
    }
}

fn plain_label(name: String, label: &str) -> Label {
    let label = label.to_owned();
    Label { id: id_of(&name), name, label, hint: None, default: None, required: false }
}

/// What an alternative is called.
fn title(node: &Node<'_>) -> String {
    let named = node.title.clone().or_else(|| node.description.clone());
    named.unwrap_or_else(|| match &node.shape {
        Shape::Text { .. } => "Text".to_owned(),
        Shape::Number { .. } => "Number".to_owned(),
        Shape::Choice(answers) => match answers.as_slice() {
            [(_, only)] => only.clone(),
            _ => "Choice".to_owned(),
        },
        Shape::Lines | Shape::Rows(_) => "List".to_owned(),
        Shape::Table(_) | Shape::Object { .. } => "Group".to_owned(),
        Shape::OneOf(_) | Shape::Json => "Other".to_owned(),
    })
}
