//! Links for browsers: test sign-in, admin consent, old callback paths.

use super::{CREATE_CONNECTOR, Installation};

#[test]
fn feat_n34_a_test_sign_in_is_a_link_and_then_a_report() {
    let here = Installation::complete();
    let refused = here.refused(1, "connector test-sign-in contoso gone");
    assert!(refused.contains("there is no connector gone"), "{refused}");
    here.ok("connector mode contoso work test");
    let link = here.json("connector test-sign-in contoso work");
    let url = link["url"].as_str().unwrap();
    assert!(url.starts_with("https://login.example.com/t/contoso/test-sign-in/"), "{url}");
    let show =
        format!("connector test-sign-in contoso work --show {}", link["id"].as_str().unwrap());
    assert!(here.refused(1, &show).contains("nobody has come back"));
    let other = here.refused(1, "connector test-sign-in contoso work --show gone");
    assert!(other.contains("there is no test sign-in gone"), "{other}");
}

#[test]
fn entra_e14_only_entra_has_a_consent_link() {
    let here = Installation::complete();
    let refused = here.refused(1, "connector consent-link contoso work");
    assert!(refused.contains("only kind entra"), "{refused}");
}

#[test]
fn feat_b8_an_old_path_is_set_and_cleared() {
    let here = Installation::complete();
    here.ok(&CREATE_CONNECTOR.replace(" work ", " other "));
    let set = here.json("connector alias contoso work /oauth/complete/oidc/");
    assert_eq!(set["callback_url"], "https://login.example.com/oauth/complete/oidc/");
    assert_eq!(set["settings_version"], 2);
    let taken = here.refused(1, "connector alias contoso other /oauth/complete/oidc/");
    assert!(taken.contains("already"), "{taken}");
    here.refused(2, "connector alias contoso work");
    here.refused(2, "connector alias contoso work /x --clear");
    let cleared = here.json("connector alias contoso work --clear");
    assert_eq!(cleared["callback_url"], "https://login.example.com/t/contoso/callback/work");
}
