//! ID tokens: groups, guests, and the dishonest ones.

use serde_json::json;
use symbolon_testkit::entra::{AutomaticSignIn, EntraFault, GroupsStyle};

use super::*;

#[actix_web::test]
async fn entra_e27_too_many_groups_are_left_out_in_both_forms() {
    let world = world();
    for n in 0..200 {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        world.entra.add_group(TID, Group::new(&id, &format!("Group {n}")));
        world.entra.add_member(TID, &id, "alice");
    }
    let claims = world.claims(&[]).await;
    assert!(claims.get("groups").is_none());
    assert_eq!(claims["_claim_names"], json!({"groups": "src1"}));
    let endpoint = &claims["_claim_sources"]["src1"]["endpoint"];
    assert!(endpoint.as_str().unwrap().starts_with("https://graph.windows.net/"));

    world.entra.misbehave(EntraFault::OverageEndpoint("http://127.0.0.1:9/forged".to_owned()));
    let claims = world.claims(&[]).await;
    assert_eq!(claims["_claim_sources"]["src1"]["endpoint"], json!("http://127.0.0.1:9/forged"));
    world.entra.misbehave(EntraFault::OverageAsHasGroups);
    let claims = world.claims(&[]).await;
    assert_eq!((&claims["hasgroups"], claims.get("_claim_names")), (&json!(true), None));
    world.entra.behave();
    world.entra.set_groups(TID, "alice", [STAFF]);
    assert_eq!(world.claims(&[]).await["groups"], json!([STAFF, ADMINS]));
}

#[actix_web::test]
async fn entra_e24_app_roles_need_a_direct_assignment_and_vanish_for_groups_as_roles() {
    let world = world_with(app().app_role(ADMINS, "admin").app_role(STAFF, "reader"));
    assert_eq!(world.claims(&[]).await["roles"], json!(["admin"]));
    world.entra.change_application(APP, |app| app.groups_style(GroupsStyle::AsRoles));
    assert_eq!(world.claims(&[]).await["roles"], json!([STAFF, ADMINS]));
    world.entra.change_application(APP, |app| app.groups_style(GroupsStyle::DisplayNames));
    assert_eq!(world.claims(&[]).await["groups"], json!(["Noxys Admins"]));
}

#[actix_web::test]
async fn entra_e13_guests_have_another_home_and_are_only_found_at_the_tenant() {
    let world = world_with(app().multi_tenant());
    world.entra.change_person(TID, "alice", |alice| alice.guest_of(FABRIKAM));
    let claims = world.claims(&[]).await;
    assert_eq!(claims["acct"], json!(1));
    assert_eq!(claims["idp"], json!(world.entra.issuer_version1_of(FABRIKAM)));
    assert_eq!(
        claims["preferred_username"],
        json!("alice_contoso.example#EXT#@contoso.onmicrosoft.com")
    );
    let page = world.callback("organizations", &[]).await;
    assert!(field(&page, "code").is_none());
}

#[actix_web::test]
async fn entra_e10_a_multi_tenant_application_serves_each_directory_that_consented() {
    let world = world_with(app().multi_tenant());
    let carol = Person::new("carol", "00000000-0000-4000-8000-0000000000ca");
    world.entra.add_person(FABRIKAM, carol);
    world.entra.sign_in_automatically(AutomaticSignIn::As("carol".to_owned()));
    assert!(field(&world.callback("organizations", &[]).await, "code").is_none());
    world.entra.grant_consent(FABRIKAM, APP);
    let code = field(&world.callback("organizations", &[]).await, "code").unwrap();
    let (_, tokens) = world.token("organizations", &code_form(&code)).await;
    let claims = world.verified(tokens["id_token"].as_str().unwrap(), "").await.unwrap();
    assert_eq!(claims["tid"], json!(FABRIKAM));
    assert_eq!(claims["iss"], json!(world.entra.issuer_of(FABRIKAM)));
    assert_eq!(claims["preferred_username"], json!("carol@fabrikam.onmicrosoft.com"));
}

#[actix_web::test]
async fn entra_faults_of_the_token_are_seen_and_end() {
    let world = world();
    let honest = world.claims(&[]).await;
    let cases = [
        (EntraFault::TokenTid(FABRIKAM.to_owned()), "tid", json!(FABRIKAM)),
        (
            EntraFault::TokenIssuerOf(FABRIKAM.to_owned()),
            "iss",
            json!(world.entra.issuer_of(FABRIKAM)),
        ),
        (EntraFault::TokenIssuerTemplate, "iss", json!(world.entra.issuer_of("{tenantid}"))),
        (EntraFault::TokenWithoutOid, "oid", Value::Null),
        (
            EntraFault::TokenPersonalAccount,
            "tid",
            json!(symbolon_testkit::entra::PERSONAL_DIRECTORY),
        ),
        (EntraFault::TokenVersion1, "ver", json!("1.0")),
        (EntraFault::TokenExpired, "exp", json!(START - 3600)),
        (EntraFault::TokenWrongNonce, "nonce", json!("another-nonce")),
    ];
    for (fault, claim, value) in cases {
        world.entra.misbehave(fault);
        assert_eq!(world.claims(&[]).await[claim], value, "{claim}");
        world.entra.behave();
    }
    world.entra.misbehave(EntraFault::TokenSubjectChanged);
    assert_ne!(world.claims(&[]).await["sub"], honest["sub"]);
    world.entra.behave();
    assert_eq!(world.claims(&[]).await["sub"], honest["sub"]);
    for fault in [EntraFault::TokenBadSignature, EntraFault::TokenUnknownKey] {
        world.entra.misbehave(fault);
        let (_, tokens) = world.redeem(&world.code(&[]).await).await;
        assert!(world.verified(tokens["id_token"].as_str().unwrap(), "").await.is_none());
        world.entra.behave();
    }
}

#[actix_web::test]
async fn entra_e04_keys_are_labelled_with_their_issuer() {
    let world = world();
    let labels = async |tenant: &str| {
        let (_, set) = world.get(&format!("/{tenant}/discovery/v2.0/keys")).await;
        let keys = set["keys"].as_array().unwrap().clone();
        assert!(keys.iter().all(|key| key.get("alg").is_none() && key["x5t"].is_string()));
        keys.iter().map(|key| key["issuer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let personal = world.entra.issuer_of(symbolon_testkit::entra::PERSONAL_DIRECTORY);
    assert_eq!(labels(TID).await, [world.entra.issuer_of(TID), personal.clone()]);
    assert_eq!(labels("common").await, [world.entra.issuer_of("{tenantid}"), personal.clone()]);
    world.entra.misbehave(EntraFault::KeyIssuerPersonal);
    assert_eq!(labels(TID).await, [personal.clone(), personal]);
    world.entra.behave();
    world.entra.rotate_keys().unwrap();
    assert_eq!(labels(TID).await.len(), 3);
    world.entra.replace_keys().unwrap();
    assert_eq!(labels(TID).await.len(), 2);
    world.entra.misbehave(EntraFault::TokenSignedByPersonalKey);
    assert_eq!(world.claims(&[]).await["tid"], json!(TID));
}

#[actix_web::test]
async fn entra_e05_own_keys_are_found_only_by_appid() {
    let world = world_with(app().own_signing_key());
    let (_, tokens) = world.redeem(&world.code(&[]).await).await;
    let token = tokens["id_token"].as_str().unwrap();
    assert!(world.verified(token, "").await.is_none());
    assert!(world.verified(token, &format!("?appid={APP}")).await.is_some());
    let document = format!("/{TID}/v2.0/.well-known/openid-configuration?appid={APP}");
    let (_, document) = world.get(&document).await;
    assert!(document["jwks_uri"].as_str().unwrap().ends_with(&format!("?appid={APP}")));
}
