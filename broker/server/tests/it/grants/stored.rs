//! What was handed out is nowhere in the database (S1): codes, tokens, refresh tokens, secrets, statements, proofs.

use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use super::service::{own, robot};
use super::{redeem, refresh, refreshing, text};
use crate::world::TestBroker;

#[actix_web::test]
async fn s1_the_database_holds_no_code_no_token_and_no_secret() {
    let world = TestBroker::start_on(TestDatabase::sqlite().await, &[]).await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let app = contoso.application_with("robot", robot).await;
    let key = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let code = wiki.code("alice", &[]).await;
    let unspent = wiki.code("alice", &[]).await;
    let first = redeem(&wiki, &code).proof(&key).tokens().await;
    let second = refresh(&wiki, text(&first, "refresh_token")).tokens().await;
    let service = own(&app).tokens().await;
    let mut handed_out = vec![code, unspent];
    handed_out.extend(wiki.secret.clone().into_iter().chain(app.secret.clone()));
    for tokens in [&first, &second, &service] {
        for field in ["access_token", "refresh_token", "id_token"] {
            handed_out.push(text(tokens, field).to_owned());
        }
    }
    handed_out.retain(|one| !one.is_empty());
    assert_eq!(handed_out.len(), 11);
    let path = world.database.url_text().trim_start_matches("sqlite:").to_owned();
    let mut stored = Vec::new();
    for end in ["", "-wal"] {
        stored.extend(std::fs::read(format!("{path}{end}")).unwrap_or_default());
    }
    let holds =
        |needle: &str| stored.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds("contoso") && holds("refresh_tokens"));
    for one in &handed_out {
        assert!(!holds(one), "{one} is in the database");
    }
}
