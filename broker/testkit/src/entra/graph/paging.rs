//! Pages of lists, and where a delta query goes on.

use serde_json::{Value, json};

use super::super::world::World;
use super::Asked;
use crate::values::random_word;

/// What is left of a list that did not fit on one page.
#[derive(Clone, Debug)]
pub(in super::super) struct Cursor {
    pub(super) tid: String,
    pub(super) path: String,
    pub(super) items: Vec<Value>,
    pub(super) size: usize,
    /// In a delta query: where the next cycle begins.
    pub(super) end: Option<DeltaPoint>,
}

/// Where the next delta cycle begins; `$select` is baked in (G-03).
#[derive(Clone, Debug)]
pub(in super::super) struct DeltaPoint {
    pub(super) tid: String,
    pub(super) path: String,
    pub(super) select: Option<String>,
    /// How many changes were known.
    pub(super) seen: usize,
    pub(super) issued_at: i64,
}

/// The next page of a cursor, with the link that goes on.
pub(super) fn page(world: &World, asked: &Asked<'_>, cursor: Cursor) -> Value {
    let Cursor { tid, path, mut items, size, end } = cursor;
    let size = size.max(1);
    let rest = if items.len() > size { items.split_off(size) } else { Vec::new() };
    let (switches, token) = (world.with(|state| state.graph.clone()), random_word());
    let origin = |other: &Option<String>| other.clone().unwrap_or_else(|| world.base.clone());
    let wants_empty_end = switches.empty_last_page && end.is_some() && !items.is_empty();
    let mut body = json!({"@odata.context": format!("{}/v1.0/$metadata#{path}", world.base)});
    let (link, to) = if !rest.is_empty() || wants_empty_end {
        let next = Cursor { tid, path: path.clone(), items: rest, size, end };
        world.with(|state| state.cursors.insert(token.clone(), next));
        let select = asked.option("select").filter(|_| !path.ends_with("delta"));
        let select = select.map(|select| format!("$select={select}&")).unwrap_or_default();
        let origin = origin(&switches.next_link_origin);
        ("@odata.nextLink", format!("{origin}/v1.0/{path}?{select}$skiptoken={token}"))
    } else if let Some(end) = end {
        world.with(|state| state.delta_points.insert(token.clone(), end));
        let origin = origin(&switches.delta_link_origin);
        ("@odata.deltaLink", format!("{origin}/v1.0/{path}?$deltatoken={token}"))
    } else {
        ("", String::new())
    };
    if let Some(fields) = body.as_object_mut() {
        fields.insert("value".to_owned(), Value::Array(items));
        if !link.is_empty() {
            fields.insert(link.to_owned(), json!(to));
        }
    }
    body
}
