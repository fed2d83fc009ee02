//! Delta queries: cycles, what was removed, links that end.

use serde_json::json;
use symbolon_testkit::entra::{GraphFault, GraphSwitches, Times};

use super::*;

const USERS: &str = "/users/delta?$select=id,displayName,accountEnabled,department";
const GROUPS: &str = "/groups/delta?$select=id,displayName,members";

/// Follows a cycle to its end: all items, and the link for the next one.
async fn cycle(world: &World, token: &str, from: &str) -> (Vec<Value>, String) {
    let mut items = Vec::new();
    let mut next = from.to_owned();
    loop {
        let (status, page) = world.graph(token, &next).await;
        assert_eq!(status, 200, "{page}");
        items.extend(page["value"].as_array().unwrap().clone());
        if let Some(link) = page["@odata.deltaLink"].as_str() {
            return (items, link.to_owned());
        }
        page["@odata.nextLink"].as_str().unwrap().clone_into(&mut next);
    }
}

#[actix_web::test]
async fn graph_g03_g05_people_come_change_go_and_return() {
    let world = world();
    let token = world.app_token().await;
    world.entra.graph_switches(GraphSwitches { page_size: Some(1), ..GraphSwitches::default() });
    let (all, link) = cycle(&world, &token, USERS).await;
    assert_eq!(all.len(), 2);
    let bob = json!({"id": BOB, "displayName": "Bob <b>", "accountEnabled": true});
    assert_eq!(all[1], bob, "a property that was never set is missing");
    let (none, link) = cycle(&world, &token, &link).await;
    assert_eq!(none, Vec::<Value>::new());

    world
        .entra
        .change_person(TID, "bob", |bob| bob.department("Sales").property("mail", json!(null)));
    world.entra.disable_person(TID, "bob");
    world.entra.delete_person(TID, "alice");
    let (changed, link) = cycle(&world, &token, &link).await;
    assert_eq!(changed.len(), 2);
    assert_eq!(changed[0], json!({"id": ALICE, "@removed": {"reason": "changed"}}));
    assert_eq!(changed[1]["accountEnabled"], json!(false));
    assert!(changed[1].get("mail").is_none(), "the selection is baked into the link");
    assert_eq!(world.graph(&token, &format!("/users/{ALICE}")).await.0, 404);
    assert_eq!(world.graph(&token, &format!("/directory/deletedItems/{ALICE}")).await.0, 200);

    world.entra.restore(TID, ALICE);
    let (back, link) = cycle(&world, &token, &link).await;
    assert_eq!(back[0]["displayName"], json!("Alice Adams"));
    world.entra.purge(TID, ALICE);
    let (gone, _) = cycle(&world, &token, &link).await;
    assert_eq!(gone, [json!({"id": ALICE, "@removed": {"reason": "deleted"}})]);
}

#[actix_web::test]
async fn graph_g06_g08_members_move_and_deleted_people_leave_silently() {
    let world = world();
    let token = world.app_token().await;
    world.entra.add_member(TID, ADMINS, "bob");
    let slices = GraphSwitches { split_members: Some(1), ..GraphSwitches::default() };
    world.entra.graph_switches(slices);
    let (all, link) = cycle(&world, &token, GROUPS).await;
    let of_admins = all.iter().filter(|item| item["id"] == ADMINS);
    let members: Vec<&Value> = of_admins.map(|item| &item["members@delta"][0]["id"]).collect();
    assert_eq!(members.len(), 3, "Alice, Bob and the group Staff: {all:?}");
    world.entra.remove_member(TID, ADMINS, "bob");
    let (moved, link) = cycle(&world, &token, &link).await;
    let removed = json!([{"@odata.type": "#microsoft.graph.user", "id": BOB,
        "@removed": {"reason": "deleted"}}]);
    assert_eq!((moved.len(), &moved[0]["members@delta"]), (1, &removed));
    world.entra.delete_person(TID, "alice");
    let (silent, link) = cycle(&world, &token, &link).await;
    assert_eq!(silent, Vec::<Value>::new());
    world.entra.delete_group(TID, STAFF);
    let (gone, _) = cycle(&world, &token, &link).await;
    assert_eq!(gone, [json!({"id": STAFF, "@removed": {"reason": "changed"}})]);
}

#[actix_web::test]
async fn graph_g08_pages_may_be_replayed_and_end_empty() {
    let world = world();
    let token = world.app_token().await;
    let switches = GraphSwitches {
        page_size: Some(1),
        replay_pages: true,
        empty_last_page: true,
        removed_in_first_cycle: true,
        ..GraphSwitches::default()
    };
    world.entra.graph_switches(switches);
    world.entra.delete_person(TID, "bob");
    let before = world.entra.hits("graph");
    let (all, _) = cycle(&world, &token, USERS).await;
    assert_eq!((&all[0], &all[2]), (&all[1], &all[3]));
    assert_eq!(all[2]["@removed"]["reason"], json!("changed"));
    assert_eq!((all.len(), world.entra.hits("graph") - before), (4, 5));
}

#[actix_web::test]
async fn graph_g10_delta_links_live_seven_days_or_as_long_as_told() {
    let world = world();
    let (_, link) = cycle(&world, &world.app_token().await, USERS).await;
    let refused = async |link: &str| {
        let (status, error) = world.graph(&world.app_token().await, link).await;
        (status, error["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    world.pass(7 * 24 * 3600);
    let (_, newer) = cycle(&world, &world.app_token().await, &link).await;
    world.pass(1);
    assert_eq!(refused(&link).await, (400, "syncStateNotFound".to_owned()));
    world.entra.graph_fault("users/delta", GraphFault::Gone, Times::Next(1));
    assert_eq!(refused(&newer).await.0, 410);
    world.entra.expire_delta_links();
    assert_eq!(refused(&newer).await, (400, "syncStateNotFound".to_owned()));
}
