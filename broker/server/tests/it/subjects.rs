//! Pairwise subjects (OpenID Core 8.1, R-30, OP20): the same person, as others to each sector.

use symbolon_identity::downstream::{GrantType, RedirectUri, SubjectType};

use crate::downstream::{part, userinfo};
use crate::grants::{ask, text};
use crate::world::{TestApplication, TestBroker, TestTenant};

/// An application with pairwise subjects in the sector of this host, beside where it really runs.
async fn in_sector<'a>(tenant: &'a TestTenant<'a>, id: &str, port: u16) -> TestApplication<'a> {
    let app = tenant.application_with(id, |new| {
        new.settings.subject_type = SubjectType::Pairwise;
        new.settings.grant_types = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
        if port != 0 {
            let own = format!("http://127.0.0.1:{port}/cb");
            new.settings.redirect_uris.push(RedirectUri::parse(own).unwrap());
        }
    });
    app.await
}

/// `sub` of the ID token, at UserInfo and after a refresh: always the same.
async fn subject(app: &TestApplication<'_>) -> String {
    let code = app.code("alice", &[]).await;
    let (status, tokens) = app.redeem(&code, &[]).await;
    assert_eq!(status, 200, "{tokens}");
    let sub = part(text(&tokens, "id_token"), 1)["sub"].as_str().unwrap().to_owned();
    assert_eq!(userinfo(app.tenant, text(&tokens, "access_token")).await.text("sub"), sub);
    let refresh = ask(app, "token").with("grant_type", "refresh_token");
    let again = refresh.with("refresh_token", text(&tokens, "refresh_token")).tokens().await;
    assert_eq!(part(text(&again, "id_token"), 1)["sub"], sub.as_str());
    assert!(sub.is_ascii() && sub.len() <= 255);
    sub
}

#[actix_web::test]
async fn r_30_op20_sectors_see_different_subjects_and_tell_nobody_who_it_is() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", |new| {
        new.settings.grant_types = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
    });
    let (wiki, news) = (wiki.await, in_sector(&contoso, "news", 0).await);
    let mail = in_sector(&contoso, "mail", 9).await;
    let (public, own, same) = (subject(&wiki).await, subject(&news).await, subject(&mail).await);
    assert_eq!(own, same, "one host is one sector");
    assert_ne!(own, public);
    assert!(!own.contains(&public));
    // Another tenant has another key, and another node of this one the same.
    let fabrikam = world.tenant("fabrikam").await;
    assert_ne!(subject(&in_sector(&fabrikam, "news", 0).await).await, own);
}
