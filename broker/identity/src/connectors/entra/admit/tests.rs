//! The rules before tokens that are signed, but not as they should be.

use serde_json::{Value, json};

use super::*;
use crate::connectors::entra::clouds::Clouds;
use crate::connectors::entra::settings::AcceptedDirectories;

const OURS: &str = "11111111-2222-4333-8444-555555555555";
const OTHER: &str = "99999999-2222-4333-8444-555555555555";

struct World {
    settings: EntraSettings,
    clouds: Clouds,
    payload: Value,
    key_issuer: Option<String>,
}

fn issuer(directory: &str) -> String {
    format!("https://login.microsoftonline.com/{directory}/v2.0")
}

fn world() -> World {
    World {
        settings: EntraSettings::new(DirectoryId::parse(OURS).unwrap(), "app"),
        clouds: Clouds::default(),
        payload: json!({
            "ver": "2.0", "tid": OURS, "iss": issuer(OURS),
            "oid": "00000000-0000-4000-8000-00000000a11c", "sub": "pairwise",
        }),
        key_issuer: Some(issuer("{tenantid}")),
    }
}

impl World {
    fn refused(&self) -> Option<ReasonCode> {
        let directory = DirectoryId::parse(OURS).unwrap();
        let token = VerifiedToken::for_tests(
            self.payload.as_object().unwrap().clone(),
            self.key_issuer.clone(),
        );
        let cloud = self.clouds.find("global").unwrap();
        let examined =
            Examined { settings: &self.settings, cloud, directory: &directory, token: &token };
        check(&examined).err().map(|error| error.reason())
    }

    fn with(claim: &str, value: Value) -> Self {
        let mut world = world();
        world.payload[claim] = value;
        world
    }
}

#[test]
fn entra_e10_a_member_of_the_accepted_directory_comes_in() {
    assert_eq!(world().refused(), None);
    let fixed = World { key_issuer: Some(issuer(OURS)), ..world() };
    assert_eq!(fixed.refused(), None);
    let silent = World { key_issuer: None, ..world() };
    assert_eq!(silent.refused(), None, "a key set may state no issuers");
}

#[test]
fn entra_e01_a_v1_token_is_refused() {
    for version in [json!("1.0"), json!(null), json!("2")] {
        assert_eq!(World::with("ver", version).refused(), Some(ReasonCode::EntraTokenVersion));
    }
}

/// The issuer cases of Microsoft's own tests (E-15), as far as a v2 token can have them.
#[test]
fn entra_e10_e15_tid_and_iss_must_be_the_same_directory_to_the_letter() {
    for tid in [OTHER, "", "not-a-guid", "{tenantid}"] {
        let refused = World::with("tid", json!(tid)).refused();
        assert_eq!(refused, Some(ReasonCode::EntraTidInvalid), "tid {tid}");
    }
    let wrong = [
        issuer(OTHER),
        issuer("{tenantid}"),
        format!("{}/", issuer(OURS)),
        issuer(&OURS.to_uppercase().replace('1', "I")),
        format!("https://sts.windows.net/{OURS}/"),
        format!("https://login.microsoftonline.us/{OURS}/v2.0"),
        format!("https://login.microsoftonline-ppe.com/{OURS}/v2.0"),
        String::new(),
    ];
    for iss in wrong {
        let refused = World::with("iss", json!(iss)).refused();
        assert_eq!(refused, Some(ReasonCode::EntraTidInvalid), "iss {iss}");
    }
}

#[test]
fn entra_e04_a_key_of_another_issuer_signs_nothing_here() {
    for foreign in [issuer(OTHER), issuer(PERSONAL_ACCOUNTS), "https://evil.example".into()] {
        let world = World { key_issuer: Some(foreign), ..world() };
        assert_eq!(world.refused(), Some(ReasonCode::EntraKeyIssuerMismatch));
    }
}

#[test]
fn entra_e12_a_personal_account_is_refused_unless_it_is_wanted() {
    for home in ["live.com".to_owned(), format!("https://sts.windows.net/{PERSONAL_ACCOUNTS}/")] {
        let mut world = World::with("idp", json!(home));
        assert_eq!(world.refused(), Some(ReasonCode::EntraPersonalAccount));
        world.settings.allow_personal_accounts = true;
        assert_eq!(world.refused(), Some(ReasonCode::EntraGuestRefused), "still a guest");
        world.settings.allow_guests = true;
        assert_eq!(world.refused(), None);
    }
}

#[test]
fn entra_e13_a_guest_is_refused_unless_guests_are_wanted() {
    let by_acct = World::with("acct", json!(1));
    let by_idp = World::with("idp", json!(format!("https://sts.windows.net/{OTHER}/")));
    for mut world in [by_acct, by_idp] {
        assert_eq!(world.refused(), Some(ReasonCode::EntraGuestRefused));
        world.settings.allow_guests = true;
        assert_eq!(world.refused(), None);
    }
    assert_eq!(World::with("acct", json!(0)).refused(), None);
    let home = json!(format!("https://sts.windows.net/{OURS}/"));
    assert_eq!(World::with("idp", home).refused(), None, "the directory itself in v1 form");
}

#[test]
fn entra_e20_without_an_object_id_there_is_nobody() {
    for oid in [json!(null), json!("alice"), json!(7)] {
        assert_eq!(World::with("oid", oid).refused(), Some(ReasonCode::EntraOidMissing));
    }
}

#[test]
fn entra_e45_the_required_context_must_be_in_the_token() {
    let mut world = world();
    world.settings.assurance.required_context = Some("c1".into());
    assert_eq!(world.refused(), Some(ReasonCode::EntraAuthContextNotMet));
    world.payload["acrs"] = json!(["c2"]);
    assert_eq!(world.refused(), Some(ReasonCode::EntraAuthContextNotMet));
    world.payload["acrs"] = json!(["c2", "c1"]);
    assert_eq!(world.refused(), None);
}

#[test]
fn entra_e11_keys_are_asked_of_accepted_directories_only() {
    let ask = |settings: &EntraSettings, tid: &str| {
        let claims = json!({ "tid": tid });
        directory_to_ask(settings, claims.as_object().unwrap())
            .map(|found| found.to_string())
            .map_err(|error| error.reason())
    };
    let mut settings = world().settings;
    assert_eq!(ask(&settings, OURS), Ok(OURS.into()));
    assert_eq!(ask(&settings, OTHER), Err(ReasonCode::EntraDirectoryNotAccepted));
    assert_eq!(ask(&settings, "../evil"), Err(ReasonCode::EntraTidInvalid));
    assert_eq!(ask(&settings, PERSONAL_ACCOUNTS), Err(ReasonCode::EntraPersonalAccount));
    settings.accepted_directories = AcceptedDirectories::Any { confirmed: true };
    assert_eq!(ask(&settings, OTHER), Ok(OTHER.into()));
    assert_eq!(ask(&settings, PERSONAL_ACCOUNTS), Err(ReasonCode::EntraPersonalAccount));
}
