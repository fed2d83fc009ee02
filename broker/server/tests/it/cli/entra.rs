//! Microsoft Entra ID at the command line, against the mock: three fields, a test, a switch (N26 to N37).

use symbolon_testkit::FakeEntra;
use symbolon_testkit::entra::{AppRegistration, Directory};

use super::Installation;

const TENANT: &str = "11111111-2222-4333-8444-555555555555";
const CLIENT: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const SECRET: &str = "Abc8Q~dEf.ghi-jkl_mno-0123456789";
const CREATE: &str = "connector create contoso entra --type entra --cloud mock \
     --client-id aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee --client-secret-file entra.secret";

/// A tenant, and the mock as one of the operator's clouds.
fn installation() -> (Installation, FakeEntra) {
    let app = AppRegistration::new(CLIENT)
        .secret(SECRET)
        .redirect_uri("https://login.example.com/t/contoso/callback/entra")
        .application_permission("User.Read.All")
        .application_permission("Group.Read.All");
    let directory = Directory::new(TENANT, "contoso.onmicrosoft.com", "Contoso").application(app);
    let entra = FakeEntra::builder().directory(directory).start().unwrap();
    let here = Installation::with_tenant();
    let more = format!(
        "{}\n[outgoing]\nallow_private = [\"127.0.0.0/8\"]\n\n\
         [entra.clouds.mock]\nauthority = \"{}\"\ngraph = \"{}\"\n",
        here.read("symbolon.toml"),
        entra.authority_url(),
        entra.graph_url(),
    );
    here.write("symbolon.toml", &more);
    here.write("entra.secret", SECRET);
    (here, entra)
}

#[test]
fn feat_n15_n29_n30_b6_b17_three_fields_make_a_connector_with_the_documents_defaults() {
    let (here, _entra) = installation();
    here.ok(&format!("{CREATE} --tenant-id {TENANT}"));
    let shown = here.json("connector show contoso entra");
    assert_eq!((shown["kind"].as_str(), shown["mode"].as_str()), (Some("entra"), Some("test")));
    assert_eq!(shown["display_name"], "Microsoft", "the button says: Sign in with Microsoft");
    let callback = "https://login.example.com/t/contoso/callback/entra";
    assert_eq!(shown["callback_url"], callback, "N15, B6: from public_url");
    let settings = &shown["settings"];
    assert_eq!(settings["provisioning"]["auto_provision"], false, "N3");
    assert_eq!(settings["upstream"]["accepted_directories"], "one", "N17, B10");
    let rules: serde_json::Value =
        serde_json::from_str(&here.ok("mapping show contoso entra")).unwrap();
    assert_eq!(rules["default_role"], "viewer", "N37");
    assert_eq!(rules["sync_fields"], serde_json::json!(["email", "name"]), "N39");
    assert!(!shown.to_string().contains(SECRET), "N19");
}

#[test]
fn feat_n26_entra_e09_a_domain_becomes_the_directorys_id_and_is_shown_beside_it() {
    let (here, entra) = installation();
    here.ok(&format!("{CREATE} --tenant-id Contoso.OnMicrosoft.com"));
    let upstream = here.json("connector show contoso entra")["settings"]["upstream"].clone();
    assert_eq!(upstream["tenant_id"], TENANT);
    assert_eq!(upstream["tenant_domain"], "contoso.onmicrosoft.com");
    let other = CREATE.replace(" entra --type", " other --type");
    let address = format!("{}/{TENANT}/v2.0", entra.authority_url().trim_end_matches('/'));
    here.ok(&format!("{other} --tenant-id {address}"));
    for shared in ["common", "organizations", "consumers"] {
        let third = CREATE.replace(" entra --type", " third --type");
        let refused = here.refused(1, &format!("{third} --tenant-id {shared}"));
        assert!(refused.contains("no directories"), "{shared}: {refused}");
    }
    let unknown = CREATE.replace(" entra --type", " third --type");
    let refused = here.refused(1, &format!("{unknown} --tenant-id nobody.example"));
    assert!(refused.contains("AADSTS90002"), "{refused}");
}

#[test]
fn feat_n28_n32_n33_test_then_enable() {
    let (here, _entra) = installation();
    here.ok(&format!("{CREATE} --tenant-id {TENANT} --secret-ends-on 2099-01-01"));
    let refused = here.refused(1, "connector mode contoso entra on");
    assert!(refused.contains("not tested"), "{refused}");
    let report = here.ok("connector test contoso entra");
    assert!(report.starts_with("✓ Successfully connected to Entra ID\n"), "{report}");
    here.ok("connector mode contoso entra on");
    assert_eq!(here.json("connector show contoso entra")["mode"], "on");
}

#[test]
fn feat_n36_n54_a_failed_test_names_cause_and_fix_and_ends_with_1() {
    let (here, entra) = installation();
    here.write("entra.secret", "Wrong8Q~secret-that-is-none-00000");
    here.ok(&format!("{CREATE} --tenant-id {TENANT}"));
    entra.change_application(CLIENT, |app| {
        app.without_redirect_uris().redirect_uri("https://x.example/")
    });
    let run = here.run("connector test contoso entra");
    assert_eq!(run.status, 1, "{run:?}");
    for part in [
        "FAIL  redirect_uri: https://login.example.com/t/contoso/callback/entra",
        "(entra.redirect_uri_mismatch)",
        "FAIL  credential: ",
        "(entra.secret_invalid)",
        "fix: ",
        "not proved: the redirect URI",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert!(!run.stdout.contains("✓"), "{}", run.stdout);
}

#[test]
fn feat_n18_n21_n22_n37_mistakes_of_the_hand_are_named_all_at_once() {
    let (here, _entra) = installation();
    here.write("entra.secret", CLIENT);
    let swapped = CREATE.replace(CLIENT, TENANT);
    let refused = here.refused(1, &format!("{swapped} --tenant-id {TENANT}"));
    assert!(refused.contains("this is the Directory (tenant) ID"), "{refused}");
    assert!(refused.contains("this is the Secret ID"), "{refused}");
    here.write("entra.secret", "sec ret");
    let refused = here.refused(1, &format!("{CREATE} --tenant-id {TENANT}"));
    assert!(refused.contains("blanks or line breaks"), "{refused}");
    let admin = format!("{CREATE} --tenant-id {TENANT} --default-role admin");
    assert!(here.refused(1, &admin).contains("--confirm-admin-default"));
}

#[test]
fn feat_n14_b9_the_guide_prints_every_value() {
    let (here, _entra) = installation();
    here.ok(&format!("{CREATE} --tenant-id {TENANT}"));
    let guide = here.ok("connector guide contoso entra");
    for part in [
        "Redirect URI: platform Web, https://login.example.com/t/contoso/callback/entra",
        "Accounts in this organizational directory only",
        "https://login.example.com/t/contoso/logout/frontchannel/entra",
        "\"name\": \"xms_edov\"",
        "az ad app create",
    ] {
        assert!(guide.contains(part), "{part}: {guide}");
    }
}
