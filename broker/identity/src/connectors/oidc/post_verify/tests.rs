//! Each rule as a table: the payload of a good token, one thing changed, the code that refuses it.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use symbolon_contract::ReasonCode;

use super::super::settings::OidcSettings;
use super::super::token_request::Tokens;
use super::super::verify::VerifiedToken;
use super::check;
use crate::connectors::UpstreamLeg;
use crate::connectors::assertion::UpstreamWishes;

const NOW: i64 = 1_800_000_000;
const SKEW: i64 = 60;
/// The access token of OpenID Core A.3.
const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";

/// A sign-in that passes, until a test changes something.
struct Trip {
    payload: Value,
    algorithm: &'static str,
    access_token: Option<&'static str>,
    settings: OidcSettings,
    wishes: UpstreamWishes,
}

impl Trip {
    fn good() -> Self {
        Self {
            payload: json!({ "iss": "https://idp.example", "sub": "alice", "aud": "symbolon", "iat": NOW }),
            algorithm: "RS256",
            access_token: Some(ACCESS_TOKEN),
            settings: OidcSettings::new("https://idp.example", "symbolon"),
            wishes: UpstreamWishes::default(),
        }
    }

    fn with(claim: &str, value: Value) -> Self {
        let mut trip = Self::good();
        trip.payload[claim] = value;
        trip
    }

    fn without(claim: &str) -> Self {
        let mut trip = Self::good();
        trip.payload.as_object_mut().unwrap().remove(claim);
        trip
    }

    fn settings(mut self, change: impl FnOnce(&mut OidcSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    fn wishes(mut self, change: impl FnOnce(&mut UpstreamWishes)) -> Self {
        change(&mut self.wishes);
        self
    }

    fn refusal(self) -> Option<ReasonCode> {
        let token = VerifiedToken {
            key_issuer: None,
            payload: self.payload.as_object().unwrap().clone(),
            algorithm: self.algorithm.to_owned(),
        };
        let tokens = Tokens {
            id_token: SecretString::from("not looked at"),
            access_token: self.access_token.map(SecretString::from),
        };
        let leg = UpstreamLeg {
            state: "state".into(),
            nonce: "nonce".into(),
            code_verifier: "verifier".into(),
            redirect_uri: "https://broker.example/cb".into(),
            started_at: now() - TimeDelta::seconds(30),
            wishes: self.wishes,
        };
        let refused = check(&token, &tokens, &self.settings, &leg, now()).err()?;
        Some(refused.reason())
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

#[test]
fn p1_the_payload_that_all_tables_change_passes() {
    assert_eq!(Trip::good().refusal(), None);
}

#[test]
fn p2_a_token_was_issued_within_ten_minutes_by_a_clock_that_agrees() {
    let (early, expired) =
        (Some(ReasonCode::OidcTokenNotYetValid), Some(ReasonCode::OidcTokenExpired));
    for (issued, expected) in [
        (NOW + SKEW, None),
        (NOW + SKEW + 1, early),
        (NOW - 600 - SKEW, None),
        (NOW - 600 - SKEW - 1, expired),
        (0, expired),
        (-1, expired),
    ] {
        assert_eq!(Trip::with("iat", json!(issued)).refusal(), expected, "{issued}");
    }
}

#[test]
fn p2_the_time_of_issue_is_a_number() {
    for bad in [json!("1800000000"), json!(null), json!([NOW]), json!(true)] {
        let refused = Trip::with("iat", bad.clone()).refusal();
        assert_eq!(refused, Some(ReasonCode::OidcTokenMalformed), "{bad}");
    }
    let missing = Trip::without("iat").refusal();
    assert_eq!(missing, Some(ReasonCode::OidcTokenMalformed));
    assert_eq!(
        Trip::with("iat", json!(NOW as f64 + 0.5)).refusal(),
        None,
        "a fraction is a number too"
    );
    // Numbers that no date has are no time at all.
    for absurd in [json!(i64::MAX), json!(1e300)] {
        assert_eq!(Trip::with("iat", absurd).refusal(), Some(ReasonCode::OidcTokenMalformed));
    }
}

#[test]
fn p2_not_before_may_be_ahead_by_the_skew_only() {
    for (start, expected) in [
        (NOW + SKEW, None),
        (NOW + SKEW + 1, Some(ReasonCode::OidcTokenNotYetValid)),
        (NOW - 100_000, None),
    ] {
        assert_eq!(Trip::with("nbf", json!(start)).refusal(), expected, "{start}");
    }
    for odd in [json!(i64::MAX), json!("soon"), json!(null)] {
        let refused = Trip::with("nbf", odd.clone()).refusal();
        assert_eq!(refused, Some(ReasonCode::OidcTokenMalformed), "{odd}");
    }
}

#[test]
fn p2_the_skew_is_a_setting_that_ends_at_five_minutes() {
    for (configured, ahead, passes) in
        [(0, 0, true), (0, 1, false), (300, 300, true), (100_000, 300, true), (100_000, 301, false)]
    {
        let trip = Trip::with("iat", json!(NOW + ahead));
        let refused = trip.settings(|s| s.clock_skew_seconds = configured).refusal();
        assert_eq!(refused.is_none(), passes, "skew {configured}, {ahead}s");
    }
}

#[test]
fn p3_the_authorized_party_is_us_and_stands_when_there_are_several_audiences() {
    let mismatch = Some(ReasonCode::OidcAzpMismatch);
    for (aud, azp, expected) in [
        (json!("symbolon"), None, None),
        (json!(["symbolon"]), None, None),
        (json!(["symbolon", "other"]), None, mismatch),
        (json!(["symbolon", "other"]), Some(json!("symbolon")), None),
        (json!(["symbolon", "other"]), Some(json!("other")), mismatch),
        (json!("symbolon"), Some(json!("other")), mismatch),
        (json!("symbolon"), Some(json!("symbolon ")), mismatch),
        (json!("symbolon"), Some(json!(["symbolon"])), mismatch),
        (json!("symbolon"), Some(json!(null)), mismatch),
    ] {
        let mut trip = Trip::with("aud", aud.clone());
        if let Some(azp) = &azp {
            trip.payload["azp"] = azp.clone();
        }
        assert_eq!(trip.refusal(), expected, "{aud} {azp:?}");
    }
}

#[test]
fn p4_a_subject_is_1_to_255_characters_without_controls() {
    let invalid = Some(ReasonCode::OidcSubjectInvalid);
    for (subject, expected) in [
        (json!("a"), None),
        (json!("ä".repeat(255)), None),
        (json!("a".repeat(256)), invalid),
        (json!(""), invalid),
        (json!("a\nb"), invalid),
        (json!("a\u{0}"), invalid),
        (json!("\u{85}"), invalid),
        (json!(null), invalid),
        (json!(["alice"]), invalid),
        (json!({"id": 1}), invalid),
    ] {
        assert_eq!(Trip::with("sub", subject.clone()).refusal(), expected, "{subject}");
    }
    assert_eq!(Trip::without("sub").refusal(), invalid);
}

#[test]
fn p4_the_claim_that_the_settings_name_is_the_one_that_counts() {
    let renamed = |trip: Trip| trip.settings(|s| s.claims.subject = "oid".into());
    let missing = renamed(Trip::good()).refusal();
    assert_eq!(missing, Some(ReasonCode::OidcSubjectInvalid));
    assert_eq!(renamed(Trip::with("oid", json!("o-1"))).refusal(), None);
}

#[test]
fn p5_at_hash_belongs_to_the_access_token_in_the_hash_of_the_algorithm() {
    // RS256 is the vector of OpenID Core A.3; the others are the left halves of SHA-384 and SHA-512.
    let vectors = [
        ("RS256", "77QmUPtjPfzWtF2AnpK9RQ"),
        ("ES384", "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs"),
        ("EdDSA", "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM"),
    ];
    for (algorithm, _) in vectors {
        for (of, hash) in vectors {
            let mut trip = Trip::with("at_hash", json!(hash));
            trip.algorithm = algorithm;
            let expected = (of != algorithm).then_some(ReasonCode::OidcAtHashMismatch);
            assert_eq!(trip.refusal(), expected, "{of} in a token of {algorithm}");
        }
    }
}

#[test]
fn p5_a_foreign_access_token_is_refused_and_a_missing_one_is_not_asked_for() {
    let stated = || Trip::with("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ"));
    let mut swapped = stated();
    swapped.access_token = Some("another access token");
    assert_eq!(swapped.refusal(), Some(ReasonCode::OidcAtHashMismatch));
    let mut alone = stated();
    alone.access_token = None;
    assert_eq!(alone.refusal(), None);
    for odd in [json!(1), json!(null), json!("77QmUPtjPfzWtF2AnpK9RQ=="), json!("")] {
        let refused = Trip::with("at_hash", odd.clone()).refusal();
        assert_eq!(refused, Some(ReasonCode::OidcAtHashMismatch), "{odd}");
    }
}

#[test]
fn p7_a_max_age_that_was_sent_is_proved_by_auth_time() {
    let stale = Some(ReasonCode::OidcAuthTimeStale);
    for (auth_time, expected) in [
        (Some(json!(NOW)), None),
        (Some(json!(NOW - 100 - SKEW)), None),
        (Some(json!(NOW - 100 - SKEW - 1)), stale),
        (None, stale),
        (Some(json!("yesterday")), stale),
    ] {
        let mut trip = Trip::good().wishes(|w| w.max_age = Some(100));
        if let Some(auth_time) = &auth_time {
            trip.payload["auth_time"] = auth_time.clone();
        }
        assert_eq!(trip.refusal(), expected, "{auth_time:?}");
    }
}

#[test]
fn p7_a_fresh_sign_in_that_was_asked_for_is_no_older_than_the_trip() {
    let began = NOW - 30;
    for (auth_time, expected) in
        [(began - SKEW, None), (began - SKEW - 1, Some(ReasonCode::OidcAuthTimeStale))]
    {
        let trip = Trip::with("auth_time", json!(auth_time));
        assert_eq!(trip.wishes(|w| w.fresh_sign_in = true).refusal(), expected);
        let unasked = Trip::with("auth_time", json!(auth_time));
        assert_eq!(unasked.refusal(), None, "nobody asked");
    }
    // `prompt=login` owes no time (OpenID Core 2); who must know asks with `max_age=0`.
    assert_eq!(Trip::good().wishes(|w| w.fresh_sign_in = true).refusal(), None);
    let proved = Trip::good().wishes(|w| (w.fresh_sign_in, w.max_age) = (true, Some(0)));
    assert_eq!(proved.refusal(), Some(ReasonCode::OidcAuthTimeStale));
}

#[test]
fn p7_the_authentication_context_is_one_of_those_that_the_connector_asks_for() {
    let unmet = Some(ReasonCode::OidcAcrNotMet);
    for (acr, expected) in [
        (Some(json!("gold")), None),
        (Some(json!("silver")), None),
        (Some(json!("bronze")), unmet),
        (Some(json!("Gold")), unmet),
        (Some(json!(["gold"])), unmet),
        (None, unmet),
    ] {
        let mut trip = Trip::good();
        if let Some(acr) = &acr {
            trip.payload["acr"] = acr.clone();
        }
        let trip = trip.settings(|s| s.acr_values = vec!["gold".into(), "silver".into()]);
        assert_eq!(trip.refusal(), expected, "{acr:?}");
    }
}

#[test]
fn a_claim_that_the_admin_pinned_has_exactly_its_value() {
    let mismatch = Some(ReasonCode::OidcRequiredClaimMismatch);
    for (hd, expected) in [
        (Some(json!("contoso.example")), None),
        (Some(json!("CONTOSO.example")), mismatch),
        (Some(json!(["contoso.example"])), mismatch),
        (None, mismatch),
    ] {
        let mut trip = Trip::good();
        if let Some(hd) = &hd {
            trip.payload["hd"] = hd.clone();
        }
        let pinned = ("hd".to_owned(), "contoso.example".to_owned());
        let trip = trip.settings(|s| s.required_claims.extend([pinned]));
        assert_eq!(trip.refusal(), expected, "{hd:?}");
    }
}
