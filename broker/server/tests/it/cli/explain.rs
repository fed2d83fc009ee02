//! `symbolon explain`: no folder, no configuration, no database; an error in, a way out.

use serde_json::Value;

use super::Installation;

/// Every number of the AADSTS table, with the code that explains it.
const TABLE: &[(&str, &[u32])] = &[
    ("entra.redirect_uri_mismatch", &[50011]),
    ("entra.redirect_uri_none", &[900971]),
    ("entra.application_unknown", &[700016]),
    ("entra.directory_unknown", &[90002]),
    ("entra.wrong_cloud", &[90038, 900382, 900432]),
    ("entra.not_multi_tenant", &[50194]),
    ("entra.shared_endpoint_refused", &[9001023, 90124, 90130]),
    ("entra.user_unknown", &[50020, 16000, 51004, 50034, 90072]),
    ("entra.invitation_pending", &[50014]),
    ("entra.account_type_refused", &[500208]),
    ("entra.user_not_assigned", &[50105]),
    ("entra.consent_missing", &[65001, 90008]),
    ("entra.consent_declined", &[65004]),
    ("entra.admin_consent_required", &[90094, 90095]),
    ("entra.permissions_misconfigured", &[650056, 65005, 650057]),
    ("entra.resource_not_subscribed", &[650052]),
    ("entra.response_type_refused", &[700054]),
    ("entra.secret_invalid", &[7000215]),
    ("entra.secret_expired", &[7000222]),
    ("entra.credential_missing", &[7000218]),
    ("entra.public_client", &[700025]),
    ("entra.assertion_refused", &[700027, 50012, 700030]),
    ("entra.clock_skew", &[500133]),
    ("entra.federated_credential_unknown", &[70021]),
    ("entra.application_disabled", &[7000112, 70001]),
    ("entra.code_used", &[54005]),
    ("entra.grant_expired", &[70008, 700082, 50089, 50173]),
    ("entra.pkce_mismatch", &[501481, 50147, 501491]),
    ("entra.code_other_directory", &[700005]),
    ("entra.interaction_required", &[50058, 50059]),
    ("entra.mfa_required", &[50076, 50074, 50078]),
    ("entra.mfa_enrolment", &[50079, 50072]),
    (
        "entra.blocked_by_policy",
        &[53000, 53001, 53003, 530032, 530034, 53011, 50131, 530035, 50005],
    ),
    ("entra.account_locked", &[50053]),
    ("entra.password_expired", &[50055, 50144]),
    ("entra.user_disabled", &[50057]),
    ("entra.password_wrong", &[50126]),
    ("entra.client_loop", &[50196]),
    ("entra.temporarily_unavailable", &[90033, 90006, 90090, 90024, 90012, 50087]),
    ("entra.throttled", &[90055]),
    ("entra.tenant_restrictions", &[500021, 500022]),
    ("entra.cross_tenant_access", &[500212, 500213]),
    ("entra.saml_request_invalid", &[75005]),
    ("entra.saml_context_mismatch", &[75011]),
    ("entra.saml_nameid_policy", &[75016]),
    ("entra.saml_request_missing", &[750054]),
    ("entra.saml_request_unsigned", &[76021]),
    ("entra.saml_request_expired", &[76026]),
    ("entra.saml_audience", &[50010]),
    ("entra.saml_nameid_missing", &[501241]),
    ("entra.signing_keys", &[50146]),
];

/// Nothing is there: not even the configuration that the arguments name.
fn nowhere() -> Installation {
    Installation { folder: tempfile::TempDir::new().unwrap() }
}

fn explained(text: &str) -> Vec<Value> {
    let found: Value = nowhere().json(&format!("explain {text}"));
    found.as_array().unwrap().clone()
}

fn codes(text: &str) -> Vec<String> {
    explained(text).iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn entra_3_every_number_of_the_table_is_explained() {
    let numbers: Vec<u32> = TABLE.iter().flat_map(|(_, numbers)| *numbers).copied().collect();
    let text: Vec<String> = numbers.iter().map(|number| format!("AADSTS{number}")).collect();
    let found = explained(&text.join(" "));
    let expected = TABLE.iter().flat_map(|(code, numbers)| numbers.iter().map(move |_| *code));
    assert_eq!(found.len(), numbers.len());
    for ((one, expected), number) in found.iter().zip(expected).zip(text) {
        assert_eq!(one["code"], expected, "{number}");
        assert_eq!(one["microsoft"], serde_json::json!([number]));
        assert!(!one["where"].as_array().unwrap().is_empty(), "{number}");
        for part in ["cause", "fix", "person_reads"] {
            assert!(one[part].as_str().unwrap().len() > 20, "{number}: {part}");
        }
    }
}

#[test]
fn feat_b32_a_whole_pasted_text_names_uri_and_patience() {
    let said = nowhere()
        .ok("explain AADSTS50011: The redirect URI specified in the request does not \
         match the redirect URIs configured for the application. Trace ID: 1-2-3");
    assert!(said.contains("entra.redirect_uri_mismatch"), "{said}");
    assert!(said.contains("Microsoft's own page"), "{said}");
    assert!(said.contains("wait a few minutes") && said.contains("trailing slash"), "{said}");
    for same in ["50011", "aadsts50011", "entra.redirect_uri_mismatch", "Redirect URI mismatch"] {
        assert_eq!(codes(same), ["entra.redirect_uri_mismatch"], "{same}");
    }
}

#[test]
fn feat_b33_b35_what_the_netbox_document_lists_is_answered() {
    let not_in = codes("Redirected back after authentication, not logged in, no error");
    assert!(not_in.contains(&"entra.secret_invalid".to_owned()), "{not_in:?}");
    assert_eq!(codes("invalid_client"), ["entra.secret_expired", "entra.secret_invalid"]);
    assert_eq!(codes("secret expired"), ["entra.secret_expired"]);
    assert_eq!(codes("redirect_uri must be HTTPS"), ["connector.https_required"]);
    let https = &explained("redirect_uri must be HTTPS")[0]["fix"];
    assert!(https.as_str().unwrap().contains("localhost, 127.0.0.1"), "{https}");
}

#[test]
fn feat_n54_a_wrong_secret_and_an_expired_one_are_two_answers() {
    let fix = |text: &str| explained(text)[0]["fix"].as_str().unwrap().to_owned();
    let (wrong, expired) = (fix("AADSTS7000215"), fix("AADSTS7000222"));
    assert!(wrong.contains("paste the Value, not the Secret ID; check blanks"), "{wrong}");
    assert!(expired.contains("New client secret"), "{expired}");
    assert_eq!(codes("Invalid client secret"), ["entra.secret_invalid", "entra.secret_expired"]);
}

#[test]
fn feat_n56_a_person_not_found_has_three_separate_answers() {
    let found = explained("User not found in directory");
    let codes: Vec<&Value> = found.iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["entra.mail_missing", "entra.user_disabled", "entra.user_unknown"]);
    let fixes: Vec<&str> = found.iter().map(|one| one["fix"].as_str().unwrap()).collect();
    for (fix, names) in fixes.iter().zip(["Mail field is populated", "Account enabled", "invite"]) {
        assert!(fix.contains(names), "{names}: {fix}");
    }
}

#[test]
fn feat_n57_n58_a_hidden_button_and_a_shut_door_lead_to_the_switches() {
    let hidden = codes("SSO button not appearing");
    assert_eq!(hidden[..3], ["connector.off", "connector.test_only", "connector.not_pilot"]);
    let shut = codes("Users can't log in after SSO enabled");
    assert_eq!(shut[..2], ["policy.not_provisioned", "connector.not_pilot"]);
    assert_eq!(codes("Users can\u{2019}t log in after SSO enabled"), shut);
}

#[test]
fn entra_3_what_is_unknown_is_refused_with_the_next_step() {
    let number = nowhere().refused(1, "explain AADSTS4242: something new");
    assert!(number.contains("https://login.microsoftonline.com/error?code=4242"), "{number}");
    let words = nowhere().refused(1, "explain it does not work");
    assert!(words.contains("symbolon explain AADSTS50011"), "{words}");
    nowhere().refused(2, "explain");
    assert_eq!(codes("4242 or AADSTS4242 or AADSTS50057"), ["entra.user_disabled"]);
}
