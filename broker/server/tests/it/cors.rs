//! Which pages of other sites a browser lets read our answers (H-01).

use reqwest::{Method, Response};
use symbolon_identity::downstream::RedirectUri;
use symbolon_storage::{ApplicationStatus, Connection};

use crate::world::{TestBroker, TestTenant, http};

const REDIRECT: &str = "https://app.example/callback";
const OWN: &str = "https://app.example";
const LISTED: &str = "https://spa.example:8443";
const CALLABLE: [&str; 5] = ["/token", "/userinfo", "/revoke", "/par", "/device_authorization"];

async fn contoso(world: &TestBroker) -> TestTenant<'_> {
    let tenant = world.tenant("contoso").await;
    let change = |new: &mut symbolon_identity::admin::NewApplication| {
        new.settings.redirect_uris = vec![RedirectUri::parse(REDIRECT).unwrap()];
        new.settings.allowed_origins = vec![LISTED.into()];
    };
    tenant.application_with("spa", change).await;
    tenant
}

async fn ask(method: Method, url: &str, headers: &[(&str, &str)]) -> Response {
    let request = http().request(method, url);
    let with = |request: reqwest::RequestBuilder, (name, value): &(&str, &str)| {
        request.header(*name, *value)
    };
    headers.iter().fold(request, with).send().await.unwrap()
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

fn readable_by(response: &Response) -> Option<String> {
    assert_eq!(header(response, "access-control-allow-credentials"), None);
    header(response, "access-control-allow-origin")
}

fn preflight(origin: &str) -> [(&str, &str); 3] {
    let wanted = ("access-control-request-headers", "authorization,dpop");
    [("origin", origin), ("access-control-request-method", "POST"), wanted]
}

#[actix_web::test]
async fn h01_pages_of_applications_may_read_answers_and_refusals() {
    let world = TestBroker::start().await;
    let issuer = contoso(&world).await.issuer();
    for path in CALLABLE {
        let url = format!("{issuer}{path}");
        for origin in [OWN, LISTED] {
            let asked = ask(Method::OPTIONS, &url, &preflight(origin)).await;
            assert_eq!(asked.status(), 204, "{path}");
            assert_eq!(readable_by(&asked).as_deref(), Some(origin), "{path}");
            let allowed = header(&asked, "access-control-allow-headers").unwrap();
            assert_eq!(allowed, "authorization, content-type, dpop");
            assert!(header(&asked, "access-control-allow-methods").unwrap().contains("POST"));

            let refused = ask(Method::POST, &url, &[("origin", origin)]).await;
            assert!(refused.status().is_client_error(), "{path} {}", refused.status());
            assert_eq!(readable_by(&refused).as_deref(), Some(origin), "{path}");
            assert_eq!(header(&refused, "vary").as_deref(), Some("Origin"), "{path}");
            let exposed = header(&refused, "access-control-expose-headers").unwrap();
            assert!(exposed.starts_with("WWW-Authenticate, DPoP-Nonce"), "{exposed}");
        }
    }
}

#[actix_web::test]
async fn neg_h01_pages_of_others_may_not() {
    let world = TestBroker::start().await;
    let issuer = contoso(&world).await.issuer();
    let fabrikam = world.tenant("fabrikam").await.issuer();
    let strangers = [
        "https://evil.example",
        "http://app.example",
        "https://app.example:444",
        "https://app.example.evil.example",
        "https://spa.example",
        "https://app.example/",
        "HTTPS://app.example",
        "null",
        "*",
        "",
    ];
    for path in CALLABLE {
        let url = format!("{issuer}{path}");
        for origin in strangers {
            let asked = ask(Method::OPTIONS, &url, &preflight(origin)).await;
            assert_eq!(readable_by(&asked), None, "{path} {origin}");
            assert_eq!(header(&asked, "access-control-allow-headers"), None);
            let answered = ask(Method::POST, &url, &[("origin", origin)]).await;
            assert_eq!(readable_by(&answered), None, "{path} {origin}");
            assert_eq!(header(&answered, "vary").as_deref(), Some("Origin"));
        }
        let two = ask(Method::POST, &url, &[("origin", OWN), ("origin", OWN)]).await;
        assert_eq!(readable_by(&two), None);
        for other in [&fabrikam, "nowhere", &world.url] {
            let other = other.replace("nowhere", &format!("{}/t/nowhere", world.url));
            let there = ask(Method::POST, &format!("{other}{path}"), &[("origin", OWN)]).await;
            assert_eq!(readable_by(&there), None, "another issuer: {other}{path}");
        }
    }
}

#[actix_web::test]
async fn neg_h01_where_people_and_admins_are_nobodys_page_reads_anything() {
    let world = TestBroker::start().await;
    let issuer = contoso(&world).await.issuer();
    let paths = [
        "/authorize",
        "/login",
        "/logout",
        "/end_session",
        "/signed-out",
        "/",
        "/introspect",
        "/register",
        "/register/spa",
        "/device",
        "/consent",
        "/callback/upstream",
        "/saml/upstream/acs",
        "/token/",
        "/token/more",
    ];
    let urls = paths.iter().map(|path| format!("{issuer}{path}"));
    let api = ["/api/v1/tenants/contoso/connectors", "/api/v1/openapi.json", "/", "/livez"];
    for url in urls.chain(api.map(|path| format!("{}{path}", world.url))) {
        for (method, headers) in [
            (Method::OPTIONS, preflight(OWN).to_vec()),
            (Method::GET, vec![("origin", OWN)]),
            (Method::POST, vec![("origin", OWN)]),
        ] {
            let answered = ask(method, &url, &headers).await;
            assert_eq!(readable_by(&answered), None, "{url}");
            assert_eq!(header(&answered, "access-control-allow-methods"), None, "{url}");
        }
    }
}

#[actix_web::test]
async fn h01_discovery_and_keys_are_everybodys_and_so_are_their_refusals() {
    let world = TestBroker::start().await;
    let issuer = contoso(&world).await.issuer();
    let nowhere = format!("{}/t/nowhere", world.url);
    let well_known = format!("{}/.well-known", world.url);
    for (url, status) in [
        (format!("{issuer}/jwks"), 200),
        (format!("{issuer}/.well-known/openid-configuration"), 200),
        (format!("{well_known}/oauth-authorization-server/t/contoso"), 200),
        (format!("{well_known}/openid-configuration/t/contoso"), 200),
        (format!("{nowhere}/jwks"), 404),
    ] {
        for headers in [&[][..], &[("origin", "https://evil.example")]] {
            let answered = ask(Method::GET, &url, headers).await;
            assert_eq!(
                (answered.status().as_u16(), readable_by(&answered)),
                (status, Some("*".into()))
            );
        }
        let asked = ask(Method::OPTIONS, &url, &preflight("https://evil.example")).await;
        assert_eq!(header(&asked, "access-control-allow-methods").as_deref(), Some("GET"));
    }
}

#[actix_web::test]
async fn neg_h01_a_disabled_applications_pages_may_not() {
    let world = TestBroker::start().await;
    let contoso = contoso(&world).await;
    let id = contoso.record.id.clone();
    let disable = move |conn: &mut Connection| {
        let mut row = conn.tenant(&id).applications().list()?.remove(0);
        row.status = ApplicationStatus::Disabled;
        let version = row.version;
        conn.tenant(&id).applications().update(&row, version)
    };
    world.broker.database.write(disable).await.unwrap();
    let url = format!("{}/token", contoso.issuer());
    let answered = ask(Method::POST, &url, &[("origin", OWN)]).await;
    assert_eq!(readable_by(&answered), None);
}

#[actix_web::test]
async fn r04_the_path_goes_behind_the_well_known_part_for_both_names() {
    let world = TestBroker::start().await;
    let issuer = contoso(&world).await.issuer();
    let read = async |url: String| http().get(url).send().await.unwrap().text().await.unwrap();
    let usual = read(format!("{issuer}/.well-known/openid-configuration")).await;
    assert!(usual.contains(&format!("\"issuer\":\"{issuer}\"")), "{usual}");
    for name in ["oauth-authorization-server", "openid-configuration"] {
        let url = format!("{}/.well-known/{name}/t/contoso", world.url);
        assert_eq!(read(url).await, usual, "{name}");
    }
}
