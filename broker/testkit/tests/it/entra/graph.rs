//! Graph: profiles, groups, permissions, pages, throttling.

use serde_json::json;
use symbolon_testkit::entra::{GraphFault, GraphSwitches, Times};

use super::*;

#[actix_web::test]
async fn graph_me_gives_what_the_token_does_not_carry() {
    let world = world();
    let mine = world.my_token().await;
    let (status, me) =
        world.graph(&mine, "/me?$select=department,jobTitle,officeLocation,employeeId").await;
    assert_eq!(status, 200);
    let expected = json!({"department": "Engineering", "jobTitle": "Engineer",
        "officeLocation": "Berlin", "employeeId": null});
    assert_eq!(me, expected);
    let (status, error) = world.graph(&world.app_token().await, "/me").await;
    assert_eq!((status, &error["error"]["code"]), (400, &json!("BadRequest")));
    let (status, error) = world.graph("nonsense", "/me").await;
    assert_eq!((status, &error["error"]["code"]), (401, &json!("InvalidAuthenticationToken")));
    assert_eq!(world.entra.graph_requests()[1], "GET /v1.0/me");
}

#[actix_web::test]
async fn graph_e28_memberships_are_transitive_and_circles_end() {
    let world = world();
    let mine = world.my_token().await;
    let body = json!({"securityEnabledOnly": true});
    for path in ["/me/getMemberGroups", "/me/getMemberObjects"] {
        let (_, groups) = world.graph_post(&mine, path, &body).await;
        assert_eq!(ids(&groups), [STAFF, ADMINS]);
    }
    let path = format!("/users/{ALICE}/getMemberGroups");
    let (_, groups) = world.graph_post(&world.app_token().await, &path, &body).await;
    assert_eq!(ids(&groups), [STAFF, ADMINS]);
    let direct = "/me/memberOf?$select=id,displayName";
    let (_, direct) = world.graph(&mine, direct).await;
    assert_eq!(ids(&direct), [ADMINS]);
    assert!(direct["value"][0].get("displayName").is_none(), "User.Read alone reads ids");
    let first = "/me/transitiveMemberOf/microsoft.graph.group?$select=id&$top=1";
    let (_, first) = world.graph(&mine, first).await;
    let (_, second) = world.graph(&mine, first["@odata.nextLink"].as_str().unwrap()).await;
    assert_eq!((ids(&first), ids(&second)), (vec![STAFF], vec![ADMINS]));
    assert!(second.get("@odata.nextLink").is_none());
}

#[actix_web::test]
async fn graph_permissions_are_baked_into_tokens() {
    let world = world();
    let old = world.app_token().await;
    world.entra.revoke_permission(TID, APP, "User.Read.All");
    assert_eq!(world.graph(&old, "/users?$top=1").await.0, 200);
    let (status, error) = world.graph(&world.app_token().await, "/users?$top=1").await;
    assert_eq!(status, 403);
    assert_eq!(error["error"]["code"], json!("Authorization_RequestDenied"));
    world.entra.forget_access_tokens();
    assert_eq!(world.graph(&old, "/users").await.0, 401);
    world.entra.grant_permission(TID, APP, "User.Read.All");
    let token = world.app_token().await;
    assert_eq!(world.graph(&token, "/users").await.0, 200);
    world.pass(3600);
    assert_eq!(world.graph(&token, "/users").await.0, 401);
}

#[actix_web::test]
async fn graph_lists_are_filtered_searched_and_named_by_id() {
    let world = world();
    let token = world.app_token().await;
    let (_, found) =
        world.graph(&token, "/groups?$filter=displayName eq 'Noxys Admins'&$select=id").await;
    assert_eq!(ids(&found), [ADMINS]);
    let (_, found) = world.graph(&token, "/groups?$filter=startswith(displayName,'St')").await;
    assert_eq!(ids(&found), [STAFF]);
    world.entra.change_group(TID, STAFF, |staff| staff.display_name("Bed and Board"));
    let both = "/groups?$filter=displayName eq 'Bed and Board' and securityEnabled eq true";
    assert_eq!(ids(&world.graph(&token, both).await.1), [STAFF]);
    let search = "/groups?$search=\"displayName:admins\"";
    assert_eq!(world.graph(&token, search).await.0, 400);
    let address = format!("{}/v1.0{search}", world.entra.graph_url());
    let request = sender().unwrap().get(address).bearer_auth(&token);
    let (_, found) = read(request.header("ConsistencyLevel", "eventual")).await;
    assert_eq!(ids(&found), [ADMINS]);
    let named = json!({"ids": [ADMINS, ALICE, "unknown"], "types": ["group"]});
    let (_, named) = world.graph_post(&token, "/directoryObjects/getByIds", &named).await;
    assert_eq!(named["value"][0]["displayName"], json!("Noxys Admins"));
    assert_eq!(ids(&named), [ADMINS]);
    let many: Vec<String> = (0..1001).map(|n| n.to_string()).collect();
    let many = json!({"ids": many});
    assert_eq!(world.graph_post(&token, "/directoryObjects/getByIds", &many).await.0, 400);
}

#[actix_web::test]
async fn graph_g11_throttles_so_many_times_then_answers() {
    let world = world();
    let token = world.app_token().await;
    world.entra.graph_fault("/users", GraphFault::TooManyRequests(7), Times::Next(2));
    let address = format!("{}/v1.0/users", world.entra.graph_url());
    let answer = sender().unwrap().get(address).bearer_auth(&token).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    assert_eq!(world.graph(&token, "/groups").await.0, 200);
    assert_eq!(world.graph(&token, "/users").await.0, 429);
    assert_eq!(world.graph(&token, "/users").await.0, 200);
    for (fault, status) in
        [(GraphFault::Unavailable(1), 503), (GraphFault::Forbidden, 403), (GraphFault::Gone, 410)]
    {
        world.entra.graph_fault("", fault, Times::Next(1));
        assert_eq!(world.graph(&token, "/users").await.0, status);
    }
}

#[actix_web::test]
async fn graph_next_links_can_be_hostile_and_the_date_wrong() {
    let world = world();
    let token = world.app_token().await;
    let switches = GraphSwitches {
        page_size: Some(1),
        next_link_origin: Some("http://127.0.0.1:9".to_owned()),
        ..GraphSwitches::default()
    };
    world.entra.graph_switches(switches);
    let (_, page) = world.graph(&token, "/users").await;
    assert!(page["@odata.nextLink"].as_str().unwrap().starts_with("http://127.0.0.1:9/v1.0/users"));
    world.entra.skew_date(600);
    let answer = sender().unwrap().get(world.entra.local_url()).send().await.unwrap();
    let expected = chrono::DateTime::from_timestamp(START + 600, 0).unwrap();
    let expected = expected.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    assert_eq!(answer.headers()["date"], expected.as_str());
}

#[actix_web::test]
async fn graph_e54_the_application_object_tells_when_secrets_end() {
    let world = world_with(app().secret_until("abcdef", START));
    let path = format!("/applications(appId='{APP}')?$select=passwordCredentials,keyCredentials");
    assert_eq!(world.graph(&world.app_token().await, &path).await.0, 403);
    world.entra.grant_permission(TID, APP, "Application.Read.All");
    let (_, application) = world.graph(&world.app_token().await, &path).await;
    let secret = &application["passwordCredentials"][1];
    assert_eq!(secret["hint"], json!("abc"));
    let expected = chrono::DateTime::from_timestamp(START, 0).unwrap();
    assert_eq!(secret["endDateTime"], json!(expected.format("%Y-%m-%dT%H:%M:%SZ").to_string()));
    assert_eq!(application["keyCredentials"], json!([]));
}
