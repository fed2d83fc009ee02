//! Signing keys and master keys change while everything goes on.

use serde_json::json;

use super::{CONFIGURATION, Installation, KEY_2};

#[test]
fn h10_a_rotated_key_signs_and_the_old_one_stays_published() {
    let here = Installation::with_tenant();
    let states = |algorithm: &str| {
        let keys = here.json("keys list contoso");
        let of = keys.as_array().unwrap().iter().filter(|key| key["algorithm"] == algorithm);
        let mut states: Vec<(String, String)> = of
            .map(|key| (key["state"].as_str().unwrap().into(), key["kid"].as_str().unwrap().into()))
            .collect();
        states.sort();
        states
    };
    let before = states("ES256");
    let rotated = here.json("keys rotate contoso");
    assert_eq!(rotated["state"], "active");
    let after = states("ES256");
    let kid = rotated["kid"].as_str().unwrap().to_owned();
    assert!(after.contains(&("active".into(), kid)), "{after:?}");
    let old = before.iter().find(|(state, _)| state == "active").unwrap();
    assert!(after.contains(&("retired".into(), old.1.clone())), "{after:?}");
    here.ok("keys rotate contoso --algorithm rs256");
    assert!(here.ok("audit export contoso --event key.rotated").lines().count() == 2);
    assert_eq!(here.json("keys forget-retired contoso"), json!({ "forgotten": 2 }));
    assert_eq!(states("ES256").len(), 1);
}

#[test]
fn a_master_key_is_rotated_and_the_old_one_can_go() {
    let here = Installation::complete();
    here.write("k2.key", KEY_2);
    let both = format!("{CONFIGURATION}k2_file = \"k2.key\"\n")
        .replace("[secrets.keys]", "[secrets]\nactive = \"k2\"\n[secrets.keys]");
    let only_new = both.replace("k1_file = \"k1.key\"\n", "");

    // Too soon: what the old key wrapped cannot be opened without it.
    here.write("symbolon.toml", &only_new);
    let doctor = here.run("doctor");
    assert_eq!(doctor.status, 1);
    assert!(doctor.stdout.contains("cannot be opened"), "{doctor:?}");
    let too_soon = here.run("secrets rotate");
    assert_eq!(too_soon.status, 1, "{too_soon:?}");

    here.write("symbolon.toml", &both);
    let planned = here.json("secrets rotate --dry-run");
    assert_eq!((&planned["active_master_key"], &planned["dry_run"]), (&json!("k2"), &json!(true)));
    assert_eq!(planned["rewrapped"], 1);
    assert_eq!(here.json("secrets rotate")["rewrapped"], 1);
    assert_eq!(here.json("secrets rotate")["rewrapped"], 0, "nothing is left");

    here.write("symbolon.toml", &only_new);
    std::fs::remove_file(here.path("k1.key")).unwrap();
    assert_eq!(here.run("doctor").status, 0);
    here.ok("keys rotate contoso");
    here.ok("connector create contoso second --issuer https://idp.contoso.example \
             --client-id symbolon --client-secret-file upstream.secret");
}

#[test]
fn a_master_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = Installation::new();
    std::fs::set_permissions(here.path("k1.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let refusal = here.refused(78, "config check");
    assert!(refusal.contains("chmod 600"), "{refusal}");
}
