//! What is told where, as a table. Does not own: the types.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::{Value, json};
use symbolon_contract::{ApplicationId, ConnectorId, UserId};
use symbolon_storage::{User, UserStatus};

use super::super::super::claims::{Person, known};
use super::super::super::claims_request::ClaimsRequest;
use super::*;
use crate::downstream::{Application, OpenidSettings};

fn person() -> Person {
    let user = User {
        id: UserId::parse("u").unwrap(),
        status: UserStatus::Active,
        email: Some("ada@contoso.com".into()),
        email_normalised: Some("ada@contoso.com".into()),
        email_verified: true,
        display_name: Some("Ada".into()),
        username: None,
        metadata: json!({
            "given_name": "Ada", "team": "core", "phone_number": "+33 1", "name": "x", "sub": "y",
            "address.locality": "Paris", "address": "1 rue X", "address.x": "z", "roles": "admin",
        }),
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        last_sign_in_at: None,
        version: 1,
    };
    Person { user, roles: vec!["viewer".into()] }
}

/// ID token, UserInfo and access token for these scopes, this registration and this `claims` parameter.
fn told(scopes: &str, change: impl FnOnce(&mut OpenidSettings), wished: Value) -> Value {
    let person = person();
    let mut settings = OpenidSettings::new(Vec::new());
    change(&mut settings);
    let application = Application::new(ApplicationId::parse("wiki").unwrap(), settings);
    let scopes: Vec<String> = scopes.split(' ').map(str::to_owned).collect();
    let wished: ClaimsRequest = serde_json::from_value(wished).unwrap();
    let mut claims = known(&person);
    claims.insert("groups".into(), json!(["staff"]));
    let known = Known { claims, by_mapping: BTreeSet::new() };
    let released = place(
        &known,
        &Asked {
            application: &application,
            connector: &ConnectorId::parse("c").unwrap(),
            person: &person,
            scopes: &scopes,
            wished: Some(&wished),
        },
    );
    json!([released.id_token, released.userinfo, released.access_token])
}

fn row(json: Value) -> ReleasedClaim {
    serde_json::from_value(json).unwrap()
}

#[test]
fn od7_each_scope_releases_its_claims_at_userinfo_and_nothing_in_tokens() {
    let email = json!({ "email": "ada@contoso.com", "email_verified": true });
    let profile = json!({ "name": "Ada", "given_name": "Ada", "team": "core", "address.x": "z", "updated_at": 0 });
    let cases = [
        ("openid", json!({})),
        ("openid email", email.clone()),
        ("openid phone", json!({ "phone_number": "+33 1", "phone_number_verified": false })),
        ("openid address", json!({ "address": { "formatted": "1 rue X", "locality": "Paris" } })),
        ("openid roles", json!({ "roles": ["viewer"] })),
        ("openid profile", profile),
    ];
    for (scopes, expected) in cases {
        assert_eq!(told(scopes, |_| (), json!({})), json!([{}, expected, {}]), "{scopes}");
    }
    let both = told("openid email", |settings| settings.claims_in_id_token = true, json!({}));
    assert_eq!(both, json!([email, email, {}]));
}

#[test]
fn r12_the_registration_says_which_claim_where_and_under_which_name() {
    let rows = [
        json!({ "claim": "roles", "name": "wiki_roles", "places": ["id_token", "access_token"] }),
        json!({ "claim": "groups", "places": ["access_token"] }),
        json!({ "claim": "metadata.team", "name": "email", "places": ["userinfo"], "scope": "email" }),
        json!({ "claim": "display_name", "name": "upn", "places": ["id_token"], "scope": "profile" }),
        json!({ "claim": "nobody-knows", "places": ["id_token"] }),
    ];
    let set = |settings: &mut OpenidSettings| settings.release = rows.map(row).to_vec();
    let expected = json!([
        { "wiki_roles": ["viewer"] },
        { "email": "core", "email_verified": false },
        { "wiki_roles": ["viewer"], "groups": ["staff"] },
    ]);
    assert_eq!(told("openid email", set, json!({})), expected);
}

#[test]
fn oidc_core_5_5_single_claims_come_where_they_are_asked_for_if_the_application_may_know_them() {
    let wished = json!({
        "id_token": { "email": { "essential": true }, "groups": {}, "auth_time": {}, "sub": {} },
        "userinfo": { "given_name": { "value": "Eve" }, "upn": {} },
    });
    let open = told("openid", |_| (), wished.clone());
    assert_eq!(open, json!([{ "email": "ada@contoso.com" }, { "given_name": "Ada" }, {}]));
    let bounded = told("openid", |settings| settings.third_party = true, wished.clone());
    assert_eq!(bounded, json!([{}, {}, {}]), "nobody agreed to more than openid");
    let release = |settings: &mut OpenidSettings| {
        settings.third_party = true;
        let upn = json!({ "claim": "email", "name": "upn", "places": ["access_token"] });
        let groups = json!({ "claim": "groups", "places": [], "scope": "roles" });
        settings.release = vec![row(upn), row(groups)];
    };
    let registered = told("openid", release, wished);
    let upn = json!({ "upn": "ada@contoso.com" });
    assert_eq!(registered, json!([upn, upn, upn]));
}
