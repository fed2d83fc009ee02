//! Delta queries over people and groups (G-03 to G-10).

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::directory::{Change, DeletedObject};
use super::super::fault::GraphSwitches;
use super::super::group::Group;
use super::super::person::Person;
use super::access::{READ_GROUPS, READ_USERS};
use super::objects::{group_fields, page_size, resumed, user_fields, whole_group, whole_person};
use super::paging::{Cursor, DeltaPoint, page};
use super::{Answer, Asked, bad_request};

/// A delta link of directory objects lives this long (G-10).
const SEVEN_DAYS: i64 = 7 * 24 * 3600;

pub(super) fn delta(asked: &Asked<'_>, path: &str) -> Answer {
    let is_users = path == "users/delta";
    asked.needs(if is_users { READ_USERS } else { READ_GROUPS })?;
    if let Some(token) = asked.option("skiptoken") {
        return resumed(asked, path, token);
    }
    for unsupported in ["orderby", "expand", "search"] {
        if asked.option(unsupported).is_some() {
            return Err(bad_request(&format!("${unsupported} is not supported with delta.")));
        }
    }
    let from = match asked.option("deltatoken") {
        None | Some("latest" | "") => None,
        Some(token) => Some(known_point(asked, path, token)?),
    };
    let only_latest = asked.option("deltatoken") == Some("latest");
    let select = match &from {
        Some(point) => point.select.clone(),
        None => asked.option("select").map(str::to_owned),
    };
    let switches = asked.world.with(|state| state.graph.clone());
    let cycle = Cycle { asked, select: select.as_deref(), switches: &switches };
    let mut items = match &from {
        _ if only_latest => Vec::new(),
        Some(point) if is_users => cycle.changed_people(point.seen),
        Some(point) => cycle.changed_groups(point.seen),
        None if is_users => cycle.all_people(),
        None => cycle.all_groups(),
    };
    let size = page_size(asked)?;
    if switches.replay_pages {
        items = items.chunks(size).flat_map(|page| page.iter().chain(page)).cloned().collect();
    }
    let point = DeltaPoint {
        tid: asked.directory.id.clone(),
        path: path.to_owned(),
        select,
        seen: asked.directory.changes.len(),
        issued_at: asked.world.now(),
    };
    let tid = asked.directory.id.clone();
    let cursor = Cursor { tid, path: path.to_owned(), items, size, end: Some(point) };
    Ok(page(asked.world, asked, cursor))
}

fn known_point(
    asked: &Asked<'_>,
    path: &str,
    token: &str,
) -> Result<DeltaPoint, super::GraphError> {
    let point = asked.world.with(|state| state.delta_points.get(token).cloned());
    point
        .filter(|point| point.tid == asked.directory.id && point.path == path)
        .filter(|point| asked.world.now() - point.issued_at <= SEVEN_DAYS)
        .ok_or_else(|| {
            let text = "The sync state generation is not found; please issue a full sync.";
            (StatusCode::BAD_REQUEST, "syncStateNotFound", text.to_owned())
        })
}

struct Cycle<'a> {
    asked: &'a Asked<'a>,
    select: Option<&'a str>,
    switches: &'a GraphSwitches,
}

impl Cycle<'_> {
    fn all_people(&self) -> Vec<Value> {
        let people = self.asked.directory.people.iter().map(|person| self.person(person));
        people.chain(self.bin(true)).collect()
    }

    fn all_groups(&self) -> Vec<Value> {
        let groups = self.asked.directory.groups.iter().flat_map(|group| {
            let members = self.asked.directory.members.get(&group.id);
            let members: Vec<Value> =
                members.into_iter().flatten().map(|id| self.member(id, true)).collect();
            self.group(group, &members)
        });
        groups.chain(self.bin(false)).collect()
    }

    /// The recycle bin, if a switch puts it into the first cycle.
    fn bin(&self, people: bool) -> Vec<Value> {
        let bin = self.asked.directory.bin.iter().filter(|_| self.switches.removed_in_first_cycle);
        bin.filter(|deleted| matches!(deleted.object, DeletedObject::Person(_)) == people)
            .map(|deleted| removed(deleted.object.id(), "changed"))
            .collect()
    }

    fn changes_since(&self, seen: usize) -> &[Change] {
        self.asked.directory.changes.get(seen..).unwrap_or_default()
    }

    fn changed_people(&self, seen: usize) -> Vec<Value> {
        let ids: BTreeSet<&String> = self
            .changes_since(seen)
            .iter()
            .filter_map(|change| match change {
                Change::Person(id) => Some(id),
                _ => None,
            })
            .collect();
        let people = &self.asked.directory.people;
        ids.into_iter()
            .map(|id| match people.iter().find(|person| person.id == *id) {
                Some(person) => self.person(person),
                None => self.gone(id),
            })
            .collect()
    }

    fn changed_groups(&self, seen: usize) -> Vec<Value> {
        let changes = self.changes_since(seen);
        let ids: BTreeSet<&String> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Group(group) | Change::Membership { group, .. } => Some(group),
                Change::Person(_) => None,
            })
            .collect();
        let mut items = Vec::new();
        for id in ids {
            let Some(group) = self.asked.directory.find_group(id) else {
                items.push(self.gone(id));
                continue;
            };
            let moved: BTreeSet<&String> = changes
                .iter()
                .filter_map(|change| match change {
                    Change::Membership { group, member } if group == id => Some(member),
                    _ => None,
                })
                .collect();
            let inside = self.asked.directory.members.get(id);
            let is_inside = |member: &String| inside.is_some_and(|all| all.contains(member));
            let members: Vec<Value> =
                moved.into_iter().map(|id| self.member(id, is_inside(id))).collect();
            items.extend(self.group(group, &members));
        }
        items
    }

    /// Soft-deleted people can be restored: reason `changed` (G-05).
    fn gone(&self, id: &str) -> Value {
        let in_bin = self.asked.directory.bin.iter().any(|deleted| deleted.object.id() == id);
        removed(id, if in_bin { "changed" } else { "deleted" })
    }

    fn person(&self, person: &Person) -> Value {
        set_fields(&whole_person(self.asked, person), &user_fields(self.select))
    }

    /// The group with its members, in slices if a switch says so (G-08).
    fn group(&self, group: &Group, members: &[Value]) -> Vec<Value> {
        let fields = group_fields(self.select);
        let whole = set_fields(&whole_group(group), &fields);
        let shows_members = self.select.is_none() || fields.iter().any(|field| field == "members");
        if !shows_members || members.is_empty() {
            return vec![whole];
        }
        let slice = self.switches.split_members.unwrap_or(members.len()).max(1);
        let with = |members: &[Value]| {
            let mut item = whole.clone();
            if let Some(fields) = item.as_object_mut() {
                fields.insert("members@delta".to_owned(), json!(members));
            }
            item
        };
        members.chunks(slice).map(with).collect()
    }

    fn member(&self, id: &str, is_inside: bool) -> Value {
        let kind = if self.asked.directory.find_group(id).is_some() { "group" } else { "user" };
        let mut member = json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": id});
        if let Some(fields) = member.as_object_mut().filter(|_| !is_inside) {
            fields.insert("@removed".to_owned(), json!({"reason": "deleted"}));
        }
        member
    }
}

fn removed(id: &str, reason: &str) -> Value {
    json!({"id": id, "@removed": {"reason": reason}})
}

/// The chosen fields that were ever set: in delta answers a missing one was never set (G-09).
fn set_fields(all: &Map<String, Value>, fields: &[String]) -> Value {
    let mut shown: Map<String, Value> = fields
        .iter()
        .filter_map(|name| all.get(name).map(|value| (name.clone(), value.clone())))
        .collect();
    if let Some(id) = all.get("id") {
        shown.insert("id".to_owned(), id.clone());
    }
    Value::Object(shown)
}
