//! Which groups somebody is in, and who is in a group (E-28).

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::group::Group;
use super::super::person::Person;
use super::access::{DENIED, READ_GROUPS, READ_MYSELF, READ_USERS};
use super::objects::{group_json, listed, person_json, typed, whole_group, whole_person};
use super::{Answer, Asked, GraphError, bad_request, not_found};

/// The person that is asked about, when the caller may know.
fn person<'a>(asked: &'a Asked<'_>, id: Option<&str>) -> Result<&'a Person, GraphError> {
    match id {
        None => {
            let me = asked.me()?;
            asked.needs(READ_MYSELF)?;
            Ok(me)
        }
        Some(id) => {
            let is_me = asked.me().is_ok_and(|me| me.id == id) && asked.holds_any(READ_MYSELF);
            let all = asked.holds("Directory.Read.All");
            let both = asked.holds_any(READ_USERS) && asked.holds_any(READ_GROUPS);
            if !is_me && !all && !both {
                return Err((
                    StatusCode::FORBIDDEN,
                    "Authorization_RequestDenied",
                    DENIED.to_owned(),
                ));
            }
            asked.directory.find(id).ok_or_else(|| not_found(id))
        }
    }
}

/// `memberOf` and `transitiveMemberOf`. Who may not read groups sees ids alone, as at Microsoft.
pub(super) fn list(
    asked: &Asked<'_>,
    id: Option<&str>,
    transitive: bool,
    (path, groups_only): (&str, bool),
) -> Answer {
    let person = person(asked, id)?;
    let ids = if transitive {
        asked.directory.transitive_groups(&person.id)
    } else {
        asked.directory.direct_groups(&person.id)
    };
    let may_read = asked.holds_any(READ_GROUPS);
    let shown = |group: &Group| {
        let whole = if may_read { group_json(asked, group) } else { json!({"id": group.id}) };
        (whole_group(group), typed("group", whole))
    };
    let groups = ids.iter().filter_map(|id| asked.directory.find_group(id)).map(shown);
    let mut items: Vec<(Map<String, Value>, Value)> = groups.collect();
    if !groups_only {
        items.extend(person.directory_roles.iter().map(|role| {
            (Map::new(), typed("directoryRole", json!({"id": role, "roleTemplateId": role})))
        }));
    }
    listed(asked, path, items)
}

/// `getMemberGroups` and `getMemberObjects`: all ids in one answer.
pub(super) fn ids(asked: &Asked<'_>, id: Option<&str>, objects: bool) -> Answer {
    let person = person(asked, id)?;
    let security_only =
        asked.body.get("securityEnabledOnly").and_then(Value::as_bool).ok_or_else(|| {
            bad_request("Expected property 'securityEnabledOnly' is not present.")
        })?;
    let mut ids: Vec<String> = asked
        .directory
        .groups_of(&person.id)
        .filter(|group| !security_only || group.is_security_group())
        .map(|group| group.id.clone())
        .collect();
    if objects {
        ids.extend(person.directory_roles.iter().cloned());
    }
    Ok(
        json!({"@odata.context": format!("{}/v1.0/$metadata#Collection(Edm.String)", asked.world.base),
        "value": ids}),
    )
}

/// Direct members of a group (`transitiveMembers` through all levels).
pub(super) fn members(asked: &Asked<'_>, group: &str, path: &str) -> Answer {
    asked.needs(READ_GROUPS)?;
    let directory = &asked.directory;
    let group = &directory.find_group(group).ok_or_else(|| not_found(group))?.id;
    let is_in = |id: &str| {
        let groups = if path.contains("transitive") {
            directory.transitive_groups(id)
        } else {
            directory.direct_groups(id)
        };
        groups.contains(group)
    };
    let people = directory.people.iter().filter(|person| is_in(&person.id));
    let people = people
        .map(|person| (whole_person(asked, person), typed("user", person_json(asked, person))));
    let groups = directory.groups.iter().filter(|group| is_in(&group.id));
    let groups = groups.map(|group| (whole_group(group), typed("group", group_json(asked, group))));
    listed(asked, path, people.chain(groups).collect())
}
