//! Security headers: a strict base for every response, and the policy of pages.
//!
//! Pages send [`page_headers`]; everything else gets [`default_headers`], which never overwrites
//! what a handler has set.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;
use url::{Origin, Url};

/// Two years, as browsers' preload lists ask; subdomains are the operator's own business.
const HSTS: &str = "max-age=63072000";

/// What a response that is no page may do in a browser: nothing.
const CSP_OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/// The policy of a page. `form_targets` are the exact registered URLs that a form of this page
/// posts to, or is redirected to after posting: Chromium checks those too. `frames` are what it shows in frames.
#[must_use]
pub fn page_policy(form_targets: &[&Url], frames: &[Url]) -> String {
    let mut policy = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data:; font-src 'self'; connect-src 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
        .to_owned();
    for target in form_targets {
        let source = form_source(target);
        if !policy.split(' ').any(|known| known == source) {
            policy.push(' ');
            policy.push_str(&source);
        }
    }
    let mut origins: Vec<String> = frames.iter().map(form_source).collect();
    origins.sort();
    origins.dedup();
    if !origins.is_empty() {
        policy.push_str("; frame-src ");
        policy.push_str(&origins.join(" "));
    }
    policy
}

/// The origin, or for the private schemes of installed applications the scheme alone.
fn form_source(target: &Url) -> String {
    match target.origin() {
        origin @ Origin::Tuple(..) => origin.ascii_serialization(),
        Origin::Opaque(_) => format!("{}:", target.scheme()),
    }
}

/// All headers of a page.
#[must_use]
pub fn page_headers(
    form_targets: &[&Url],
    frames: &[Url],
    https: bool,
) -> Vec<(HeaderName, String)> {
    headers(page_policy(form_targets, frames), https)
}

fn headers(policy: String, https: bool) -> Vec<(HeaderName, String)> {
    let mut headers = vec![
        (CONTENT_SECURITY_POLICY, policy),
        (X_FRAME_OPTIONS, "DENY".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    if https {
        headers.push((STRICT_TRANSPORT_SECURITY, HSTS.to_owned()));
    }
    headers
}

/// Middleware for the whole application: adds what a response does not set itself. Public,
/// cacheable documents (discovery, keys, assets) set their own `Cache-Control`.
#[must_use]
pub fn default_headers(https: bool) -> DefaultHeaders {
    headers(CSP_OF_DATA.to_owned(), https)
        .into_iter()
        .fold(DefaultHeaders::new(), DefaultHeaders::add)
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, test, web};

    use super::*;

    #[::core::prelude::v1::test]
    fn a_page_without_foreign_forms_has_the_base_policy() {
        insta::assert_snapshot!(page_policy(&[], &[]), @"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'");
    }

    #[::core::prelude::v1::test]
    fn form_targets_are_named_by_origin_only() {
        let wiki = Url::parse("https://wiki.example.com:8443/cb?a=b;script-src%20*").unwrap();
        let other = Url::parse("https://wiki.example.com:8443/other").unwrap();
        let phone = Url::parse("com.example.app:/cb").unwrap();
        let policy = page_policy(&[&wiki, &other, &phone], &[]);
        let (_, form_action) = policy.split_once("form-action ").unwrap();
        assert_eq!(form_action, "'self' https://wiki.example.com:8443 com.example.app:");
    }

    #[::core::prelude::v1::test]
    fn lo_08_frames_are_named_by_origin_only_and_once() {
        let frames = ["https://wiki.example/out?sid=a;script-src%20*", "https://wiki.example/b"];
        let other = ["http://127.0.0.1:99/out"];
        let frames = frames.into_iter().chain(other).map(|text| Url::parse(text).unwrap());
        let policy = page_policy(&[], &frames.collect::<Vec<_>>());
        let (_, sources) = policy.split_once("; frame-src ").unwrap();
        assert_eq!(sources, "http://127.0.0.1:99 https://wiki.example");
    }

    #[::core::prelude::v1::test]
    fn hsts_only_over_https() {
        let has_hsts = |https| {
            page_headers(&[], &[], https).iter().any(|(name, _)| name == STRICT_TRANSPORT_SECURITY)
        };
        assert!(has_hsts(true));
        assert!(!has_hsts(false));
    }

    #[actix_web::test]
    async fn every_response_gets_the_base_and_keeps_its_own() {
        let cached =
            || async { HttpResponse::Ok().insert_header((CACHE_CONTROL, "max-age=60")).finish() };
        let app = App::new().wrap(default_headers(true)).route("/keys", web::get().to(cached));
        let app = test::init_service(app).await;
        for (path, cache) in [("/keys", "max-age=60"), ("/nowhere", "no-store")] {
            let request = test::TestRequest::get().uri(path).to_request();
            let response = test::call_service(&app, request).await;
            let header = |name| response.headers().get(name).unwrap().to_str().unwrap();
            assert_eq!(header(CACHE_CONTROL), cache);
            assert_eq!(header(CONTENT_SECURITY_POLICY), CSP_OF_DATA);
            assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(header(X_FRAME_OPTIONS), "DENY");
            assert_eq!(header(STRICT_TRANSPORT_SECURITY), HSTS);
        }
    }
}
