//! Profile fields (N38, N39, N42 to N46, DEC-5): the ID token does not carry them, Graph `/me` does.

use serde_json::{Value, json};
use symbolon_identity::connectors::entra::ProfileField;
use symbolon_testkit::entra::{GraphFault, Times};

use crate::world::{ALICE, CONTOSO, EntraWorld, TestTenant, rules};

const FIELDS: [&str; 5] = ["email", "name", "department", "job_title", "office"];

async fn tenant<'a>(entra: &'a EntraWorld, slug: &str) -> TestTenant<'a> {
    entra
        .tenant_with(slug, |new, settings| {
            new.rules = rules(new, &FIELDS.map(str::to_owned)).to_string();
            use ProfileField::{Department, DisplayName, JobTitle, Mail, OfficeLocation};
            settings.graph_profile =
                [Mail, DisplayName, Department, JobTitle, OfficeLocation].into();
        })
        .await
}

async fn profile(tenant: &TestTenant<'_>) -> Value {
    let id = tenant.record.id.clone();
    let users =
        move |conn: &mut symbolon_storage::Connection| conn.tenant(&id).users().list(None, 10);
    let user = tenant.world.broker.database.read(users).await.unwrap().pop().unwrap();
    json!({ "email": user.email, "display_name": user.display_name, "metadata": user.metadata })
}

#[actix_web::test]
async fn feat_n42_to_n46_the_documents_table_fills_the_profile() {
    let entra = EntraWorld::start().await;
    let contoso = tenant(&entra, "contoso").await;
    let login = entra.log_in(&contoso.application("wiki").await, "alice").await;
    assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [viewer]");
    let expected = json!({
        "email": "alice@contoso.com",
        "display_name": "Alice Martin",
        "metadata": {
            "department": "Engineering", "job_title": "Security Engineer", "office": "Paris",
        },
    });
    assert_eq!(profile(&contoso).await, expected);
    let asked = entra.entra.last_authorize();
    assert!(asked["scope"].ends_with("User.Read"), "N23: {}", asked["scope"]);
    let requests = entra.entra.graph_requests();
    assert_eq!(requests.len(), 1, "one call for all fields: {requests:?}");
}

#[actix_web::test]
async fn feat_n39_by_default_email_and_name_are_taken_and_graph_is_not_asked() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.log_in(&contoso.application("wiki").await, "alice").await;
    let seen = profile(&contoso).await;
    assert_eq!(seen["metadata"], json!({}));
    assert_eq!(seen["display_name"], "Alice Martin");
    assert!(entra.entra.graph_requests().is_empty());
}

#[actix_web::test]
async fn feat_dec5_a_profile_that_cannot_be_read_is_left_as_it_was_and_said_so() {
    let entra = EntraWorld::start().await;
    let contoso = tenant(&entra, "contoso").await;
    let wiki = contoso.application("wiki").await;
    entra.log_in(&wiki, "alice").await;
    let before = profile(&contoso).await;
    entra.entra.change_person(CONTOSO, ALICE, |alice| alice.department("Sales"));
    entra.entra.graph_fault("/me", GraphFault::Forbidden, Times::Always);
    let login = entra.log_in(&wiki, "alice").await;
    assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [viewer]");
    assert_eq!(profile(&contoso).await, before);
    let row = contoso.audit_rows().await.pop().unwrap();
    let warning = row["details"]["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("entra.graph_forbidden: profile fields"), "{warning}");
}
