//! Every page with every sample: its HTML, and what must hold for all of them.

use std::collections::BTreeSet;

use scraper::{Html, Selector};

use super::*;
use crate::assets::assets;

/// Renders all samples of one page and returns its template's name.
fn check<P: Page>(pages: &Pages) -> &'static str {
    assert!(!P::samples().is_empty(), "{} has no sample", P::TEMPLATE);
    for (name, sample) in P::samples() {
        let html = pages.render(&Appearance::default(), &sample).unwrap();
        check_document(&html);
        let snapshot = format!("{}-{name}", P::TEMPLATE.replace('/', "-"));
        insta::assert_snapshot!(snapshot, without_hashes(&html));
    }
    P::TEMPLATE
}

/// Snapshots shall not change with each edit of a style sheet.
fn without_hashes(html: &str) -> String {
    let crate::assets::Assets { tabler, style, theme, submit, copy, signed_out, mark } = assets();
    let all = [tabler, style, theme, submit, copy, signed_out, mark];
    all.into_iter().fold(html.to_owned(), |html, asset| {
        let integrity = asset.integrity.replace('=', "&#x3D;");
        html.replace(&asset.path, &format!("/static/HASH/{}", asset.name))
            .replace(&integrity, "sha384-DIGEST")
            .replace(&asset.integrity, "sha384-DIGEST")
    })
}

fn check_document(html: &str) {
    let document = Html::parse_document(html);
    let all = |css: &str| document.select(&Selector::parse(css).unwrap()).collect::<Vec<_>>();
    assert_eq!(all("html[lang]").len(), 1, "{html}");
    assert_eq!(all("h1").len(), 1, "{html}");
    assert_eq!(all("title").len(), 1, "{html}");
    assert_eq!(all("a.skip-link[href='#main']").len(), 1, "{html}");
    assert!(all("style, [style], script:not([src]), [onclick], [onload]").is_empty(), "{html}");
    assert!(all("script:not([integrity]), link[rel=stylesheet]:not([integrity])").is_empty());
    for input in all("input:not([type=hidden]), textarea") {
        let id = input.attr("id").unwrap();
        assert_eq!(all(&format!("label[for='{id}']")).len(), 1, "{id} has no label");
    }
    let ids: Vec<&str> = all("[id]").iter().filter_map(|element| element.attr("id")).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{ids:?}");
}

#[test]
fn every_page_renders_with_every_sample() {
    let pages = Pages::new().unwrap();
    let checked = BTreeSet::from([
        check::<LoginPage>(&pages),
        check::<FindTenantPage>(&pages),
        check::<AllowPage>(&pages),
        check::<LeavingPage>(&pages),
        check::<PostFormPage>(&pages),
        check::<TestResultPage>(&pages),
        check::<ConsentPage>(&pages),
        check::<ErrorPage>(&pages),
        check::<SignedInPage>(&pages),
        check::<SignOutConfirmPage>(&pages),
        check::<SignedOutPage>(&pages),
        check::<HomePage>(&pages),
        check::<ConfigFormPage>(&pages),
        check::<DeviceEnterPage>(&pages),
        check::<DeviceConfirmPage>(&pages),
        check::<DeviceDonePage>(&pages),
        check::<SamlSetupPage>(&pages),
    ]);
    assert_eq!(checked, Pages::page_names().collect(), "a template without a page, or the reverse");
}

#[test]
fn no_template_writes_unescaped() {
    for (name, text) in Pages::sources() {
        for raw in ["{{{", "{{&", "{{~{"] {
            assert!(!text.contains(raw), "{name} contains {raw}");
        }
    }
}

#[test]
fn what_people_typed_stays_text() {
    let pages = Pages::new().unwrap();
    let hostile = "\"><img src=x onerror=alert(1)>";
    let page = LoginPage {
        tenant_name: hostile.to_owned(),
        application_name: Some(hostile.to_owned()),
        application_links: Vec::new(),
        connectors: Vec::new(),
        email_first: None,
        notice: Some(hostile.to_owned()),
        other_host: None,
    };
    let html =
        pages.render(&Appearance { brand: hostile.to_owned(), ..Appearance::default() }, &page);
    let document = Html::parse_document(&html.unwrap());
    let images = Selector::parse("img[onerror]").unwrap();
    assert_eq!(document.select(&images).count(), 0);
    let tenant = Selector::parse("#tenant-name").unwrap();
    assert_eq!(
        document.select(&tenant).next().unwrap().inner_html(),
        "\"&gt;&lt;img src=x onerror=alert(1)&gt;"
    );
}

#[test]
fn the_theme_comes_from_the_cookie() {
    let pages = Pages::new().unwrap();
    let cases = [
        (Some("dark"), "<html lang=\"en\" data-bs-theme=\"dark\">"),
        (Some("light"), "<html lang=\"en\" data-bs-theme=\"light\">"),
        (Some("\"><script>"), "<html lang=\"en\">"),
        (None, "<html lang=\"en\">"),
    ];
    for (cookie, opening) in cases {
        let look = Appearance { theme: Theme::from_cookie(cookie), ..Appearance::default() };
        let html = pages.render(&look, &HomePage {}).unwrap();
        assert!(html.contains(opening), "{html}");
    }
}

/// Tests, tools and people's own scripts find these (PG-2).
const STABLE: &[&str] = &[
    "connector-entra",
    "email",
    "continue",
    "other-host-warning",
    "error-title",
    "reason-code",
    "trace-id",
    "try-again",
    "sign-out",
    "signed-in",
    "signed-out",
    "user-email",
    "user-roles",
    "user-code",
    "device-code",
    "device-address",
    "device-scopes",
    "allow",
    "deny",
    "device-allowed",
    "device-denied",
    "still-signed-in",
    "consent-title",
    "consent-wishes",
    "allow",
    "deny",
    "application-name",
    "application-logo",
    "application-policy",
    "application-terms",
    "applications",
    "test-verdict",
    "test-claims",
    "groups-claim",
    "consent-granted",
    "consent-refused",
    "test-checks",
    "entity-id",
    "acs-url",
    "logout-url",
    "metadata-url",
    "signing-certificate",
    "encryption-certificate",
    "download-metadata",
];

#[test]
fn elements_that_tests_and_tools_rely_on_keep_their_ids() {
    let pages = Pages::new().unwrap();
    let mut seen = BTreeSet::new();
    let mut collect = |html: String| {
        let document = Html::parse_document(&html);
        let with_id = Selector::parse("[id]").unwrap();
        seen.extend(document.select(&with_id).filter_map(|e| e.attr("id")).map(str::to_owned));
    };
    let look = Appearance::default();
    LoginPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    AllowPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    LeavingPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    ErrorPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    SignedInPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    TestResultPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    ConsentPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    DeviceEnterPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    DeviceConfirmPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    DeviceDonePage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    SignedOutPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    SamlSetupPage::samples().iter().for_each(|(_, p)| collect(pages.render(&look, p).unwrap()));
    for id in STABLE {
        assert!(seen.contains(*id), "{id} is gone");
    }
}
