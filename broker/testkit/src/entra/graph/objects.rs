//! People, groups, the application object and the organization as Graph shows them.

use serde_json::{Map, Value, json};

use super::super::directory::DeletedObject;
use super::super::group::Group;
use super::super::person::Person;
use super::access::{READ_APPLICATIONS, READ_GROUPS, READ_MYSELF, READ_ORGANIZATION, READ_USERS};
use super::paging::{Cursor, page};
use super::{Answer, Asked, GraphError, bad_request, not_found};

/// What `/users` gives without `$select`: neither `accountEnabled` nor `department` (G-03).
const USER_DEFAULT: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];
const GROUP_DEFAULT: &[&str] = &[
    "id",
    "description",
    "displayName",
    "groupTypes",
    "mail",
    "mailEnabled",
    "mailNickname",
    "securityEnabled",
    "visibility",
];
const MOST_IDS: usize = 1000;
const LARGEST_PAGE: usize = 999;

/// Which fields are shown.
pub(super) fn fields_of(select: Option<&str>, default: &[&str]) -> Vec<String> {
    match select {
        None => default.iter().map(|name| (*name).to_owned()).collect(),
        Some(select) => select.split(',').map(|name| name.trim().to_owned()).collect(),
    }
}

pub(super) fn user_fields(select: Option<&str>) -> Vec<String> {
    fields_of(select, USER_DEFAULT)
}

pub(super) fn group_fields(select: Option<&str>) -> Vec<String> {
    fields_of(select, GROUP_DEFAULT)
}

/// A person with all properties that were ever set.
pub(super) fn whole_person(asked: &Asked<'_>, person: &Person) -> Map<String, Value> {
    let mut all = person.properties.clone();
    all.insert("id".to_owned(), json!(person.id));
    all.insert("userPrincipalName".to_owned(), json!(person.upn(&asked.directory.domain)));
    all
}

pub(super) fn whole_group(group: &Group) -> Map<String, Value> {
    let mut all = group.properties.clone();
    all.insert("id".to_owned(), json!(group.id));
    all
}

/// The chosen fields; what was never set is `null` outside of delta queries.
pub(super) fn chosen(all: &Map<String, Value>, fields: &[String]) -> Value {
    let pick = |name: &String| (name.clone(), all.get(name).cloned().unwrap_or_default());
    Value::Object(fields.iter().map(pick).collect())
}

pub(super) fn typed(kind: &str, mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.insert("@odata.type".to_owned(), json!(format!("#microsoft.graph.{kind}")));
    }
    object
}

pub(super) fn person_json(asked: &Asked<'_>, person: &Person) -> Value {
    chosen(&whole_person(asked, person), &user_fields(asked.option("select")))
}

pub(super) fn group_json(asked: &Asked<'_>, group: &Group) -> Value {
    chosen(&whole_group(group), &group_fields(asked.option("select")))
}

pub(super) fn me(asked: &Asked<'_>) -> Answer {
    let person = asked.me()?;
    asked.needs(READ_MYSELF)?;
    Ok(person_json(asked, person))
}

pub(super) fn users(asked: &Asked<'_>) -> Answer {
    asked.needs(READ_USERS)?;
    let items = asked.directory.people.iter();
    let items = items.map(|person| (whole_person(asked, person), person_json(asked, person)));
    listed(asked, "users", items.collect())
}

pub(super) fn groups(asked: &Asked<'_>) -> Answer {
    asked.needs(READ_GROUPS)?;
    let items = asked.directory.groups.iter();
    listed(
        asked,
        "groups",
        items.map(|group| (whole_group(group), group_json(asked, group))).collect(),
    )
}

pub(super) fn user(asked: &Asked<'_>, id: &str) -> Answer {
    asked.needs(READ_USERS)?;
    let person = asked.directory.find(id).ok_or_else(|| not_found(id))?;
    Ok(person_json(asked, person))
}

pub(super) fn group(asked: &Asked<'_>, id: &str) -> Answer {
    asked.needs(READ_GROUPS)?;
    let group = asked.directory.find_group(id).ok_or_else(|| not_found(id))?;
    Ok(group_json(asked, group))
}

/// Filters, searches and pages a list of (whole, shown) objects.
pub(super) fn listed(
    asked: &Asked<'_>,
    path: &str,
    items: Vec<(Map<String, Value>, Value)>,
) -> Answer {
    let size = page_size(asked)?;
    if let Some(token) = asked.option("skiptoken") {
        return resumed(asked, path, token);
    }
    let mut kept = items;
    if let Some(filter) = asked.option("filter") {
        let test = Filter::parse(filter)?;
        kept.retain(|(whole, _)| test.holds(whole));
    }
    if let Some(search) = asked.option("search") {
        if !asked.is_eventual {
            return Err(bad_request(
                "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
            ));
        }
        let (field, word) =
            search.trim_matches('"').split_once(':').unwrap_or(("displayName", search));
        let word = word.trim_matches('"').to_ascii_lowercase();
        kept.retain(|(whole, _)| text(whole, field).to_ascii_lowercase().contains(&word));
    }
    let count = kept.len();
    let items = kept.into_iter().map(|(_, shown)| shown).collect();
    let tid = asked.directory.id.clone();
    let cursor = Cursor { tid, path: path.to_owned(), items, size, end: None };
    let mut answer = page(asked.world, asked, cursor);
    let wants_count = asked.option("count") == Some("true");
    if let Some(fields) = answer.as_object_mut().filter(|_| wants_count) {
        fields.insert("@odata.count".to_owned(), json!(count));
    }
    Ok(answer)
}

pub(super) fn page_size(asked: &Asked<'_>) -> Result<usize, GraphError> {
    let switched = asked.world.with(|state| state.graph.page_size);
    let Some(top) = asked.option("top") else {
        return Ok(switched.unwrap_or(100));
    };
    match top.parse::<usize>() {
        Ok(top @ 1..=LARGEST_PAGE) => Ok(switched.map_or(top, |size| size.min(top))),
        _ => Err(bad_request("Invalid page size specified. Must be between 1 and 999 inclusive.")),
    }
}

/// Goes on where the last page ended.
pub(super) fn resumed(asked: &Asked<'_>, path: &str, token: &str) -> Answer {
    let cursor = asked.world.with(|state| state.cursors.get(token).cloned());
    let cursor = cursor.filter(|cursor| cursor.tid == asked.directory.id && cursor.path == path);
    let cursor = cursor.ok_or_else(|| bad_request("Invalid skip token."))?;
    Ok(page(asked.world, asked, cursor))
}

/// The little of OData that admins' searches need: `eq` and `startswith`, joined by `and` or `or`.
enum Filter {
    Eq(String, String),
    StartsWith(String, String),
    All(Vec<Filter>),
    Any(Vec<Filter>),
}

impl Filter {
    fn parse(text: &str) -> Result<Self, GraphError> {
        let text = text.trim();
        for (word, join) in [(" or ", Self::Any as fn(Vec<Self>) -> Self), (" and ", Self::All)] {
            let parts = split_unquoted(text, word);
            if parts.len() > 1 {
                return parts.into_iter().map(Self::parse).collect::<Result<_, _>>().map(join);
            }
        }
        let unquoted = |value: &str| value.trim().trim_matches('\'').replace("''", "'");
        if let Some(inner) = text.strip_prefix("startswith(") {
            let inner = inner.trim_end_matches(')');
            if let Some((field, value)) = inner.split_once(',') {
                return Ok(Self::StartsWith(field.trim().to_owned(), unquoted(value)));
            }
        }
        let (field, value) =
            text.split_once(" eq ").ok_or_else(|| bad_request("Invalid filter clause"))?;
        Ok(Self::Eq(field.trim().to_owned(), unquoted(value)))
    }

    fn holds(&self, object: &Map<String, Value>) -> bool {
        match self {
            Self::Eq(field, value) => text(object, field).eq_ignore_ascii_case(value),
            Self::StartsWith(field, value) => {
                text(object, field).to_ascii_lowercase().starts_with(&value.to_ascii_lowercase())
            }
            Self::All(all) => all.iter().all(|filter| filter.holds(object)),
            Self::Any(any) => any.iter().any(|filter| filter.holds(object)),
        }
    }
}

/// Splits at a word, but not inside of quotes.
fn split_unquoted<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, _) in text.match_indices(word) {
        let (before, after) = (text.get(..at).unwrap_or_default(), at + word.len());
        if before.matches('\'').count() % 2 == 0 {
            parts.push(text.get(from..at).unwrap_or_default());
            from = after;
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

fn text(object: &Map<String, Value>, field: &str) -> String {
    match object.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "null".to_owned(),
        Some(other) => other.to_string(),
    }
}

pub(super) fn by_ids(asked: &Asked<'_>) -> Answer {
    asked.needs(&[READ_USERS, READ_GROUPS].concat())?;
    let ids = asked.body.get("ids").and_then(Value::as_array).cloned();
    let ids = ids.ok_or_else(|| bad_request("Expected property 'ids' is not present."))?;
    if ids.len() > MOST_IDS {
        return Err(bad_request(
            "Too many ids were included in the request. Maximum allowed is 1000.",
        ));
    }
    let types = asked.body.get("types").and_then(Value::as_array).cloned().unwrap_or_default();
    let wants = |kind: &str| types.is_empty() || types.iter().any(|wanted| wanted == kind);
    let mut found = Vec::new();
    for id in ids.iter().filter_map(Value::as_str) {
        if let Some(group) = asked.directory.find_group(id).filter(|_| wants("group")) {
            found.push(typed("group", group_json(asked, group)));
        }
        let person = asked.directory.people.iter().find(|person| person.id == id);
        if let Some(person) = person.filter(|_| wants("user")) {
            found.push(typed("user", person_json(asked, person)));
        }
    }
    Ok(json!({"value": found}))
}

pub(super) fn deleted(asked: &Asked<'_>, id: &str) -> Answer {
    asked.needs(&[READ_USERS, READ_GROUPS].concat())?;
    let found = asked.directory.bin.iter().find(|deleted| deleted.object.id() == id);
    match found.map(|deleted| &deleted.object) {
        Some(DeletedObject::Person(person)) => Ok(typed("user", person_json(asked, person))),
        Some(DeletedObject::Group(group)) => Ok(typed("group", group_json(asked, group))),
        None => Err(not_found(id)),
    }
}

pub(super) fn organization(asked: &Asked<'_>) -> Answer {
    asked.needs(READ_ORGANIZATION)?;
    let directory = &asked.directory;
    Ok(json!({"value": [{"id": directory.id, "displayName": directory.name, "verifiedDomains": [
        {"name": directory.domain, "isInitial": true, "isDefault": true, "type": "Managed"}]}]}))
}

pub(super) fn application(asked: &Asked<'_>, id: &str) -> Answer {
    asked.needs(READ_APPLICATIONS)?;
    let found = asked.world.with(|state| state.application(id).cloned());
    let found = found.filter(|application| application.home == asked.directory.id);
    let whole = found.ok_or_else(|| not_found(id))?.graph();
    let Some(select) = asked.option("select") else {
        return Ok(whole);
    };
    let whole = whole.as_object().cloned().unwrap_or_default();
    Ok(chosen(&whole, &fields_of(Some(select), &[])))
}
