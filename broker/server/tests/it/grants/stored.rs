//! What was handed out is nowhere in the database (S1): codes, tokens, refresh tokens, secrets, statements, proofs.

use symbolon_identity::downstream::GrantType;
use symbolon_identity::secrets::sha256_hex;
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use super::service::{own, robot};
use super::{ask, redeem, refresh, refreshing, text};
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
    let television = contoso.application_with("television", |new| {
        new.settings.grant_types = vec![GrantType::DeviceCode];
    });
    let television = television.await;
    let device = ask(&television, "device_authorization").tokens().await;
    let mut handed_out = vec![code, unspent, text(&device, "device_code").to_owned()];
    // Neither the code that people type nor what can be made of it without a key: its 34 bits are soon tried out.
    let typed = text(&device, "user_code");
    handed_out.extend([typed.to_owned(), sha256_hex(typed.as_bytes())]);
    handed_out.extend(wiki.secret.clone().into_iter().chain(app.secret.clone()));
    for tokens in [&first, &second, &service] {
        for field in ["access_token", "refresh_token", "id_token"] {
            handed_out.push(text(tokens, field).to_owned());
        }
    }
    handed_out.retain(|one| !one.is_empty());
    assert_eq!(handed_out.len(), 14);
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
