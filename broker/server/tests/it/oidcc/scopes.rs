//! `oidcc-scope-…` of the Basic and Form Post plans, the `claims` parameter, and what a registration adds (R-12,
//! OD-7, OD-8).

use serde_json::{Value, json};
use symbolon_identity::downstream::{AccessTokenFormat, OpenidSettings, ReleasedClaim};
use symbolon_storage::Connection;
use symbolon_testkit::Browser;
use symbolon_testkit::provider::AutomaticSignIn;

use super::flow::{Done, ask, signed_in};
use crate::downstream::{only_user, part, userinfo};
use crate::world::{TestApplication, TestBroker, TestTenant};

/// Alice with every standard claim that a mapping can keep of a person.
async fn everything(tenant: &TestTenant<'_>) {
    let world = tenant.world;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    crate::downstream::signed_in(tenant, "alice").await;
    let (id, user) = (tenant.record.id.clone(), only_user(tenant).await);
    let change = move |conn: &mut Connection| {
        let mut rows = conn.tenant(&id);
        let mut row = rows.users().find(&user)?.unwrap();
        row.username = Some("alice".into());
        row.metadata = json!({
            "family_name": "Martin", "given_name": "Alice", "middle_name": "B.", "nickname": "al",
            "profile": "https://contoso.com/alice", "picture": "https://contoso.com/alice.png",
            "website": "https://alice.example", "gender": "female", "birthdate": "1990-01-02",
            "zoneinfo": "Europe/Paris", "locale": "fr-FR", "phone_number": "+33 1 23 45 67 89",
            "address.street_address": "1 rue de Rivoli", "address.locality": "Paris",
            "address.country": "FR", "team": "core",
        });
        let version = row.version;
        rows.users().update(&row, version)
    };
    world.broker.database.write(change).await.unwrap();
}

/// ID token, UserInfo and access token of a sign-in with these scopes.
async fn learned(app: &TestApplication<'_>, change: &[(&str, Option<&str>)]) -> [Value; 3] {
    let code = app.code("alice", change).await;
    let (status, tokens) = app.redeem(&code, &[]).await;
    assert_eq!(status, 200, "{tokens}");
    let access_token = tokens["access_token"].as_str().unwrap();
    let told = userinfo(app.tenant, access_token).await;
    assert_eq!(told.status, 200, "{}", told.body);
    let signed = if access_token.contains('.') { part(access_token, 1) } else { Value::Null };
    [part(tokens["id_token"].as_str().unwrap(), 1), told.body, signed]
}

const PROFILE: [&str; 14] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];
const EMAIL: [&str; 2] = ["email", "email_verified"];
const ADDRESS: [&str; 1] = ["address"];
const PHONE: [&str; 2] = ["phone_number", "phone_number_verified"];

/// Every claim of the scopes at UserInfo, of its type, and none of the other scopes; none in the ID token.
async fn scope(mode: &str, scopes: &str, expected: &[&str]) {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(json!({ "sync_fields": ["email", "name"], "default_role": "viewer" })).await;
    everything(&contoso).await;
    let wiki = contoso.application("wiki").await;
    let asked = (mode, &[("scope", Some(scopes))][..]);
    let Done { claims: id_token, told, .. } =
        signed_in(&wiki, &ask(&wiki, &mut Browser::new().unwrap(), asked).await).await;
    for claim in [&PROFILE[..], &EMAIL, &ADDRESS, &PHONE].concat() {
        assert!(id_token.get(claim).is_none(), "{claim} in the ID token: {id_token}");
        assert_eq!(told.get(claim).is_some(), expected.contains(&claim), "{claim}: {told}");
        let Some(value) = told.get(claim) else { continue };
        let fits = match claim {
            "updated_at" => value.is_number(),
            "email_verified" | "phone_number_verified" => value.is_boolean(),
            "address" => value.is_object(),
            _ => value.is_string(),
        };
        assert!(fits, "{claim}: {value}");
    }
}

pub(super) async fn oidcc_scope_profile(mode: &str) {
    scope(mode, "openid profile", &PROFILE).await;
}

pub(super) async fn oidcc_scope_email(mode: &str) {
    scope(mode, "openid email", &EMAIL).await;
}

pub(super) async fn oidcc_scope_address(mode: &str) {
    scope(mode, "openid address", &ADDRESS).await;
}

pub(super) async fn oidcc_scope_phone(mode: &str) {
    scope(mode, "openid phone", &PHONE).await;
}

pub(super) async fn oidcc_scope_all(mode: &str) {
    let all = [&PROFILE[..], &EMAIL, &ADDRESS, &PHONE].concat();
    scope(mode, "openid profile email address phone", &all).await;
}

fn row(json: Value) -> ReleasedClaim {
    serde_json::from_value(json).unwrap()
}

/// One application with everything: other names, three places, a list, a field of the tenant's own.
fn all_over(settings: &mut OpenidSettings) {
    settings.access_token_format = AccessTokenFormat::Jwt;
    settings.release = [
        json!({ "claim": "roles", "name": "wiki_roles", "places": ["id_token", "access_token"] }),
        json!({ "claim": "metadata.team", "name": "department", "places": ["access_token", "userinfo"] }),
        json!({ "claim": "email", "name": "upn", "places": ["id_token"], "scope": "email" }),
        json!({ "claim": "groups", "places": ["userinfo"] }),
        json!({ "claim": "email", "name": "phone", "places": ["access_token"], "scope": "phone" }),
    ]
    .map(row)
    .to_vec();
}

/// What does not depend on the run.
fn stable(mut claims: Value) -> Value {
    if let Some(claims) = claims.as_object_mut() {
        for name in
            ["iss", "sub", "aud", "iat", "exp", "auth_time", "sid", "at_hash", "jti", "updated_at"]
        {
            claims.remove(name);
        }
    }
    claims
}

#[actix_web::test]
async fn r12_one_application_learns_every_claim_at_its_place_and_under_its_name() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(json!({ "sync_fields": ["email", "name"], "default_role": "viewer" })).await;
    everything(&contoso).await;
    let wiki = contoso.application_with("wiki", |new| all_over(&mut new.settings)).await;
    let claims = r#"{"id_token":{"given_name":null,"secret":null},"userinfo":{"locale":{"essential":true}}}"#;
    let asked = [("scope", Some("openid email")), ("claims", Some(claims))];
    let [id_token, told, access_token] = learned(&wiki, &asked).await.map(stable);
    insta::assert_json_snapshot!(json!({
        "id_token": id_token, "userinfo": told, "access_token": access_token,
    }), @r#"
    {
      "access_token": {
        "client_id": "wiki",
        "department": "core",
        "scope": "openid email",
        "wiki_roles": [
          "viewer"
        ]
      },
      "id_token": {
        "given_name": "Alice",
        "nonce": "nonce-of-the-test",
        "upn": "alice@contoso.com",
        "wiki_roles": [
          "viewer"
        ]
      },
      "userinfo": {
        "department": "core",
        "email": "alice@contoso.com",
        "email_verified": false,
        "groups": [
          "wiki-admins",
          "staff"
        ],
        "locale": "fr-FR"
      }
    }
    "#);
}

#[actix_web::test]
async fn oidc_core_5_5_a_single_claim_is_told_where_it_is_asked_for() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(json!({ "sync_fields": ["email", "name"], "default_role": "viewer" })).await;
    let wiki = contoso.application("wiki").await;
    let claims = r#"{"userinfo":{"name":{"essential":true}},"id_token":{"email":{"value":"x"}}}"#;
    let asked = [("scope", Some("openid")), ("claims", Some(claims))];
    let [id_token, told, _] = learned(&wiki, &asked).await;
    assert_eq!(
        (told["name"].as_str(), id_token.get("name")),
        (Some("Alice Martin"), None),
        "{told}"
    );
    let email = (id_token["email"].as_str(), told.get("email"));
    assert_eq!(email, (Some("alice@contoso.com"), None), "ours, whichever value was asked for");
}
