//! The second level (MP3): what an application learns is changed by a mapping of its own, and of nobody else's.

use serde_json::{Value, json};
use symbolon_contract::RoleName;
use symbolon_identity::admin::{self, PluginChoice};

use crate::downstream::{Reply, assert_refused, part, userinfo};
use crate::world::{TestApplication, TestBroker, TestTenant, caller, component, unsigned, version};

/// A wiki whose own role names are not the tenant's.
async fn wiki<'a>(tenant: &'a TestTenant<'a>) -> TestApplication<'a> {
    let own = ["reader", "writer"].map(|name| RoleName::parse(name).unwrap());
    tenant
        .application_with("wiki", |new| {
            new.settings.roles = own.to_vec();
            new.settings.claims_in_id_token = true;
        })
        .await
}

async fn release(app: &TestApplication<'_>, choice: PluginChoice, rules: Value) {
    let (target, broker, tenant) = (app.target(), &app.tenant.world.broker, &app.tenant.record);
    let saved = app.tenant.save_as(&target, version(choice, &rules)).await.unwrap();
    admin::activate_mapping(broker, &caller(), tenant, (&target, saved)).await.unwrap();
}

/// Claims of the ID token and of userinfo.
async fn learned(app: &TestApplication<'_>, person: &str) -> (Value, Value) {
    let code = app.code(person, &[]).await;
    let (status, tokens) = app.redeem(&code, &[]).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = part(tokens["id_token"].as_str().unwrap(), 1);
    let told = userinfo(app.tenant, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(told.status, 200, "{}", told.body);
    (claims, told.body)
}

/// A token request that is refused, in the form of RFC 6749 5.2, and kept.
async fn refused(app: &TestApplication<'_>, person: &str, why: &str) {
    let code = app.code(person, &[]).await;
    let (status, body) = app.redeem(&code, &[]).await;
    let told = json!([status, body["error"], body["reason"]]);
    assert_eq!(told, json!([400, "invalid_grant", "token.release_refused"]), "{body}");
    let rows = app.tenant.audit_rows().await;
    let row = rows.iter().rfind(|row| row["trace_id"] == body["trace_id"]).unwrap();
    assert_eq!(row["reason"], "token.release_refused");
    assert!(row["details"]["detail"].as_str().unwrap().contains(why), "{row}");
    assert!(body.get("id_token").is_none() && body.get("access_token").is_none());
}

fn translated() -> Value {
    json!({
        "attributes": [
            { "from": "name", "to": "metadata.full_name" },
            { "expression": "'wiki-' + claims.email", "to": "username" },
        ],
        "sync_fields": ["*"],
        "assign_role_by_group": true,
        "group_roles": [
            { "group": "viewer", "role": "reader" },
            { "group": "admin", "role": "writer" },
        ],
        "default_role": null,
    })
}

#[actix_web::test]
async fn mp3_claims_are_added_and_roles_translated_for_one_application_alone() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (wiki, desk) = (wiki(&contoso).await, contoso.application("desk").await);
    let (_, before) = learned(&desk, "alice").await;
    release(&wiki, PluginChoice::Bundled, translated()).await;
    let (id_token, told) = learned(&wiki, "alice").await;
    for claims in [&id_token, &told] {
        assert_eq!(claims["full_name"], "Alice Martin", "{claims}");
        assert_eq!(claims["preferred_username"], "wiki-alice@contoso.com");
        assert_eq!(claims["roles"], json!(["reader"]));
        assert_eq!(claims["email"], "alice@contoso.com", "what it leaves alone stays");
    }
    assert_eq!(id_token["sub"], told["sub"]);
    assert_eq!(learned(&desk, "alice").await.1, before, "other applications learn as before");
    let user = contoso.user_of("alice@contoso.com").await;
    assert_eq!(contoso.roles_of(&user).await, ["viewer"], "the person is who they were");
    // Whoever asks for no roles gets none.
    let code = wiki.code("alice", &[("scope", Some("openid profile"))]).await;
    let (_, tokens) = wiki.redeem(&code, &[]).await;
    let claims = part(tokens["id_token"].as_str().unwrap(), 1);
    assert!(claims.get("roles").is_none() && claims["full_name"] == "Alice Martin", "{claims}");
}

#[actix_web::test]
async fn mp3_what_says_who_somebody_is_cannot_be_set_and_foreign_roles_cannot_be_given() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = wiki(&contoso).await;
    for claim in ["aud", "tenant", "email_verified", "nonce"] {
        let row = json!({ "from": "name", "to": format!("metadata.{claim}") });
        let rules = json!({ "attributes": [row], "sync_fields": ["*"], "default_role": null });
        release(&wiki, PluginChoice::Bundled, rules).await;
        refused(&wiki, "alice", "plugin.output_refused").await;
    }
    let foreign = json!({ "default_role": "owner-of-the-wiki" });
    release(&wiki, PluginChoice::Bundled, foreign).await;
    refused(&wiki, "alice", "plugin.unknown_role").await;
}

#[actix_web::test]
async fn mp3_a_denial_and_a_crash_withhold_everything_from_that_application() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (wiki, desk) = (wiki(&contoso).await, contoso.application("desk").await);
    let code = wiki.code("alice", &[]).await;
    let (_, tokens) = wiki.redeem(&code, &[]).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let denying = json!({ "deny": [
        { "when": "'viewer' in groups", "code": "viewers", "message": "Writers only." }
    ] });
    release(&wiki, PluginChoice::Bundled, denying).await;
    refused(&wiki, "alice", "viewers").await;
    // The token of before is worth no more than a new one.
    let reply: Reply = userinfo(&contoso, access_token).await;
    assert_refused(&contoso, &reply, "403 insufficient_scope userinfo.release_refused").await;
    assert!(reply.body.get("email").is_none(), "{}", reply.body);
    assert!(desk.log_in("alice").await.outcome().ends_with("[viewer]"));

    // Any plugin can stand at this level. This one fails for whoever has no e-mail address.
    let plugin = PluginChoice::Upload(unsigned(component("examples/rust")));
    release(&wiki, plugin, json!({ "contractor_domain": "contoso.com" })).await;
    refused(&wiki, "alice", "contractor_without_department").await;
    let nobody = symbolon_testkit::ProviderUser::new("silent").name("S");
    world.provider.set_user(nobody);
    refused(&wiki, "silent", "no_email").await;
    let target = wiki.target();
    admin::roll_back_mapping(&world.broker, &caller(), &contoso.record, &target).await.unwrap();
    refused(&wiki, "alice", "viewers").await;
}
