//! What three fields become, and what is wrong with others.

use serde_json::json;

use super::*;

const TENANT: &str = "11111111-2222-4333-8444-555555555555";
const CLIENT: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

fn settings() -> EntraSettings {
    EntraSettings::new(DirectoryId::parse(TENANT).unwrap(), CLIENT)
}

fn problems(settings: &EntraSettings) -> String {
    settings.problems(&Clouds::default()).join("\n")
}

#[test]
fn feat_n30_three_fields_are_all_that_must_be_given() {
    let read: EntraSettings =
        serde_json::from_value(json!({ "tenant_id": TENANT, "client_id": CLIENT })).unwrap();
    assert_eq!(read, settings());
    assert_eq!(problems(&read), "");
    assert!(!read.allow_guests && !read.allow_personal_accounts);
    assert_eq!(read.trust_email, EntraTrustEmail::Never);
}

#[test]
fn feat_n18_a_tenant_id_in_the_client_id_field_is_recognised() {
    let swapped = EntraSettings { client_id: TENANT.to_uppercase(), ..settings() };
    assert!(problems(&swapped).contains("this is the Directory (tenant) ID"));
    let name = EntraSettings { client_id: "symbolon".into(), ..settings() };
    assert!(problems(&name).contains("not a UUID"));
}

#[test]
fn feat_n21_n22_a_secret_id_and_blanks_are_recognised() {
    assert_eq!(secret_problem("Abc8Q~dEf.ghi-jkl_mno"), None);
    assert!(secret_problem(CLIENT).unwrap().contains("Secret ID"));
    for blank in [" secret", "secret\n", "sec ret"] {
        assert!(secret_problem(blank).unwrap().contains("blanks"), "{blank:?}");
    }
    assert!(secret_problem("").is_some());
}

#[test]
fn feat_dec1_b31_an_empty_list_and_an_unconfirmed_any_are_refused() {
    let accepting = |accepted_directories| EntraSettings { accepted_directories, ..settings() };
    let nobody = accepting(AcceptedDirectories::List(BTreeSet::new()));
    assert!(problems(&nobody).contains("an empty list means nobody"));
    let everybody = accepting(AcceptedDirectories::Any { confirmed: false });
    assert!(problems(&everybody).contains("every directory in the world"));
    assert_eq!(problems(&accepting(AcceptedDirectories::Any { confirmed: true })), "");
}

#[test]
fn entra_e11_e12_only_named_directories_are_accepted() {
    let other = DirectoryId::parse("99999999-2222-4333-8444-555555555555").unwrap();
    let personal =
        DirectoryId::parse(crate::connectors::entra::directory::PERSONAL_ACCOUNTS).unwrap();
    let one = settings();
    assert!(one.accepts(&one.tenant_id) && !one.accepts(&other));
    let list = EntraSettings {
        accepted_directories: AcceptedDirectories::List([other.clone()].into()),
        ..settings()
    };
    assert!(list.accepts(&list.tenant_id) && list.accepts(&other) && !list.accepts(&personal));
    let any = |confirmed, allow_personal_accounts| EntraSettings {
        accepted_directories: AcceptedDirectories::Any { confirmed },
        allow_personal_accounts,
        ..settings()
    };
    assert!(any(true, false).accepts(&other) && !any(true, false).accepts(&personal));
    assert!(any(true, true).accepts(&personal));
    assert!(!any(false, true).accepts(&other));
}

#[test]
fn unknown_clouds_prompts_and_contexts_are_named() {
    let mut wrong = settings();
    wrong.cloud = "moon".into();
    wrong.prompt = Some("none".into());
    wrong.assurance.required_context = Some("mfa".into());
    wrong.clock_skew_seconds = 301;
    let found = problems(&wrong);
    for part in ["cloud", "prompt", "mfa", "clock_skew"] {
        assert!(found.contains(part), "{part}: {found}");
    }
}
