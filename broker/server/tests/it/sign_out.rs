//! The way out: by the form of this browser alone, and for good.

use crate::downstream::{Reply, assert_page, only_user, signed_in};
use crate::sessions::{cookie, cookie_name, opens};
use crate::world::{TestBroker, post_form};

#[actix_web::test]
async fn f4_f5_signing_out_takes_the_form_of_this_browser() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let url = format!("{}/logout", contoso.issuer());
    let mut browser = signed_in(&contoso, "alice").await;
    let value = cookie(&contoso, &browser).unwrap();
    let mut other = signed_in(&contoso, "bob").await;
    let foreign = other.get(&url).await.unwrap();
    let foreign = foreign.attribute_of("input[name=csrf]", "value").unwrap();
    // A GET only asks.
    let page = browser.get(&url).await.unwrap();
    assert!(page.has("sign-out"), "{}", page.body());
    let own = page.attribute_of("input[name=csrf]", "value").unwrap();
    let cases: [&[(&str, &str)]; 4] =
        [&[], &[("csrf", "")], &[("csrf", "x")], &[("csrf", &foreign)]];
    for fields in cases {
        let page = browser.post(&url, fields).await.unwrap();
        assert_page(&contoso, &page, "403 request.csrf").await;
    }
    // Another site that knows the token is another site.
    let port = format!("{}0", world.url);
    let sites = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", port.as_str()),
    ];
    for (name, from) in sites {
        let request = post_form(&url, &[("csrf", &own)]);
        let cookies = format!("{}={value}", cookie_name(&contoso));
        let reply = Reply::of(request.header("cookie", cookies).header(name, from)).await;
        assert_eq!(reply.status, 403, "{name}: {from}");
    }
    assert!(opens(&contoso, &value).await, "a refused sign-out ended the session");
    assert!(cookie(&contoso, &browser).is_some());
}

#[actix_web::test]
async fn f14_after_signing_out_the_cookie_is_gone_and_its_copy_is_dead() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let value = cookie(&contoso, &browser).unwrap();
    browser.get(&format!("{}/logout", contoso.issuer())).await.unwrap();
    let page = browser.click("sign-out").await.unwrap();
    assert!(page.has("signed-out"), "{}", page.body());
    assert_eq!(cookie(&contoso, &browser), None);
    assert!(!opens(&contoso, &value).await);
    let rows = contoso.audit_rows().await;
    let row = rows.iter().find(|row| row["type"] == "session.ended").unwrap();
    assert_eq!(row["actor"]["id"], only_user(&contoso).await.as_str());
    // Once more, with nothing to end.
    let page = browser.post(&format!("{}/logout", contoso.issuer()), &[]).await.unwrap();
    assert!(page.has("signed-out"), "{}", page.body());
}
