//! The two configurations of NetBox's document, and every way to get them wrong.

use symbolon_identity::connectors::entra::AcceptedDirectories;

use super::*;

const SINGLE: &str = include_str!("../fixtures/netbox_single_tenant.py");
const MULTI: &str = include_str!("../fixtures/netbox_multitenant.py");
const DIRECTORY: &str = "11111111-2222-4333-8444-555555555555";
const OTHER: &str = "99999999-2222-4333-8444-555555555555";
const CLIENT: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const SECRET: &str = "Abc8Q~dEf.ghi-jkl_mno";

/// The placeholders of the document filled in.
fn filled(block: &str) -> String {
    let block = block.replace("<application-id>", CLIENT).replace("<tenant-id>", DIRECTORY);
    block.replace("<client-secret-value>", SECRET)
}

fn of_with(text: &str, given: &Given) -> Plan {
    plan(&PythonFile::read(text).unwrap(), given, &Clouds::default())
}

fn of(text: &str) -> Plan {
    of_with(text, &Given::default())
}

/// The document's block without the line of a name, and a line more.
fn with(name: &str, line: &str) -> Plan {
    let filled = filled(SINGLE);
    let kept: Vec<&str> = filled.lines().filter(|line| !line.starts_with(name)).collect();
    of(&format!("{}\n{line}\n", kept.join("\n")))
}

fn problem(plan: &Plan) -> &str {
    assert!(plan.draft.is_none());
    match plan.problems.as_slice() {
        [problem] => problem,
        other => panic!("{other:?}"),
    }
}

fn warned(plan: &Plan, about: WarningKind) -> String {
    let texts = plan.warnings.iter().filter(|one| one.about == about).map(|one| one.text.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

const KEY: &str = "SOCIAL_AUTH_AZUREAD_OAUTH2_KEY";
const SECRET_NAME: &str = "SOCIAL_AUTH_AZUREAD_OAUTH2_SECRET";
const TENANT_ID: &str = "SOCIAL_AUTH_AZUREAD_OAUTH2_TENANT_ID";

#[test]
fn feat_b11_the_named_settings_of_the_document_become_a_connector() {
    let plan = of(&filled(SINGLE));
    assert_eq!(plan.problems, [""; 0]);
    let draft = plan.draft.unwrap();
    let expected = EntraSettings::new(DirectoryId::parse(DIRECTORY).unwrap(), CLIENT);
    assert_eq!(draft.settings, expected);
    assert_eq!(draft.settings.accepted_directories, AcceptedDirectories::One);
    assert_eq!(draft.client_secret.expose_secret(), SECRET);
    assert!(draft.auto_provision, "NetBox makes users at their first sign-in");
    assert_eq!(plan.not_taken, []);
}

#[test]
fn feat_b17_b8_each_backend_is_known_by_its_class_with_its_path_and_user_key() {
    for (class, prefix, path, key) in [
        ("azuread.AzureADOAuth2", "AZUREAD_OAUTH2", "azuread-oauth2", "by upn,"),
        (
            "azuread_tenant.AzureADTenantOAuth2",
            "AZUREAD_TENANT_OAUTH2",
            "azuread-tenant-oauth2",
            "by sub,",
        ),
        (
            "azuread_tenant.AzureADV2TenantOAuth2",
            "AZUREAD_V2_TENANT_OAUTH2",
            "azuread-v2-tenant-oauth2",
            "by preferred_username,",
        ),
    ] {
        for class in [
            format!("'social_core.backends.{class}'"),
            format!(
                "['social_core.backends.{class}', 'netbox.authentication.ObjectPermissionBackend']"
            ),
        ] {
            let plan = of(&format!(
                "REMOTE_AUTH_BACKEND = {class}\nSOCIAL_AUTH_{prefix}_KEY = '{CLIENT}'\n\
                 SOCIAL_AUTH_{prefix}_SECRET = '{SECRET}'\nSOCIAL_AUTH_{prefix}_TENANT_ID = '{DIRECTORY}'\n"
            ));
            let draft = plan.draft.as_ref().unwrap_or_else(|| panic!("{:?}", plan.problems));
            assert_eq!(draft.old_path, format!("/oauth/complete/{path}/"));
            assert!(warned(&plan, WarningKind::UserKey).contains(key), "{class}");
        }
    }
    let below = with("BASE_PATH", "BASE_PATH = 'netbox/'").draft.unwrap();
    assert_eq!(below.old_path, "/netbox/oauth/complete/azuread-oauth2/");
}

#[test]
fn feat_b17_a_backend_that_is_not_clear_is_asked_for() {
    for backend in ["'social_core.backends.okta.OktaOAuth2'", "[]", "BACKEND", "f'{x}'", "7"] {
        let plan = with("REMOTE_AUTH_BACKEND", &format!("REMOTE_AUTH_BACKEND = {backend}"));
        assert!(problem(&plan).contains("--backend"), "{backend}: {}", problem(&plan));
    }
    let two = "REMOTE_AUTH_BACKEND = ['social_core.backends.azuread.AzureADOAuth2',\n \
               'social_core.backends.azuread_tenant.AzureADTenantOAuth2']";
    assert!(problem(&with("REMOTE_AUTH_BACKEND", two)).contains("more than one backend"));
    let given = Given { backend: Some("azuread-oauth2".into()), ..Given::default() };
    for line in [two, "REMOTE_AUTH_BACKEND = BACKEND", ""] {
        let text = format!("{}{line}\n", filled(SINGLE));
        assert_eq!(of_with(&text, &given).backend, Backend::find("azuread-oauth2"));
        assert_eq!(of_with(&text, &given).problems, [""; 0]);
    }
}

#[test]
fn feat_dec1_the_single_tenant_configuration_is_pinned_and_the_operator_is_told() {
    let told = warned(&of(&filled(SINGLE)), WarningKind::AcceptedDirectories);
    assert!(told.contains(&format!("never reads {TENANT_ID}")), "{told}");
    assert!(told.contains("signs in at /common and accepts every directory"), "{told}");
    assert!(told.contains(&format!("pinned to {DIRECTORY}")), "{told}");
}

#[test]
fn feat_dec1_without_a_directory_there_is_no_plan_until_one_is_given() {
    for line in ["", "SOCIAL_AUTH_AZUREAD_OAUTH2_TENANT_ID = None"] {
        let plan = with(TENANT_ID, line);
        assert!(problem(&plan).contains("accepts every directory"), "{}", problem(&plan));
        assert!(problem(&plan).contains("--tenant-id"));
    }
    let any = with(TENANT_ID, "SOCIAL_AUTH_AZUREAD_OAUTH2_TENANT_ID = 'organizations'");
    assert!(problem(&any).contains("people of many directories"), "{}", problem(&any));
    let given = Given { tenant_id: DirectoryId::parse(OTHER), ..Given::default() };
    let plan = of_with(&filled(SINGLE), &given);
    assert_eq!(plan.draft.as_ref().unwrap().settings.tenant_id.as_str(), OTHER);
    assert!(warned(&plan, WarningKind::GivenByHand).contains(DIRECTORY));
}

#[test]
fn feat_b31_the_multi_tenant_configuration_names_one_directory_and_so_do_we() {
    let plan = of(&filled(MULTI));
    let told = warned(&plan, WarningKind::AcceptedDirectories);
    assert!(told.contains("alone are accepted"), "{told}");
    assert!(told.contains("accepted_directories") && !told.contains("/common"), "{told}");
    assert_eq!(plan.draft.unwrap().settings.accepted_directories, AcceptedDirectories::One);
}

#[test]
fn feat_b11_the_documents_placeholders_are_no_values() {
    for block in [SINGLE, MULTI] {
        let plan = of(block);
        assert!(plan.draft.is_none());
        assert_eq!(plan.problems.len(), 3, "{:?}", plan.problems);
        for problem in &plan.problems {
            assert!(problem.contains("still the placeholder"), "{problem}");
        }
    }
}

#[test]
fn feat_b11_what_is_not_a_literal_is_asked_for_with_its_line() {
    for (name, option) in
        [(KEY, "--client-id"), (SECRET_NAME, "--client-secret-file"), (TENANT_ID, "--tenant-id")]
    {
        for value in
            ["os.environ['X']", "os.environ.get('X', 'hunter2')", "f'{x}'", "b'x'", "('a', 'b')"]
        {
            let plan = with(name, &format!("{name} = {value}"));
            assert!(
                problem(&plan).contains(&format!("{name} (line 4): not a")),
                "{}",
                problem(&plan)
            );
            assert!(problem(&plan).ends_with(option), "{}", problem(&plan));
            assert!(!format!("{plan:?}").contains("hunter2"));
        }
        let missing = with(name, "");
        assert!(problem(&missing).contains(name) && problem(&missing).contains(option));
    }
    let given = Given {
        client_id: Some(CLIENT.into()),
        client_secret: Some(SECRET.into()),
        tenant_id: DirectoryId::parse(DIRECTORY),
        ..Given::default()
    };
    let text = "REMOTE_AUTH_BACKEND = 'social_core.backends.azuread.AzureADOAuth2'\n\
                SOCIAL_AUTH_AZUREAD_OAUTH2_SECRET = os.environ['X']\n";
    assert_eq!(of_with(text, &given).problems, [""; 0]);
}

#[test]
fn feat_b11_settings_of_another_backend_are_pointed_at() {
    let text = filled(MULTI).replace("azuread_tenant.AzureADTenantOAuth2", "azuread.AzureADOAuth2");
    let plan = of(&text);
    let found = plan.problems.join("\n");
    assert!(found.contains("the file sets SOCIAL_AUTH_AZUREAD_TENANT_OAUTH2_KEY"), "{found}");
    assert!(warned(&plan, WarningKind::OtherBackend).contains("AzureADTenantOAuth2"));
    assert_eq!(plan.not_taken.len(), 3, "{:?}", plan.not_taken);
}

#[test]
fn feat_n18_n21_n22_swapped_and_mispasted_values_are_recognised_and_not_repeated() {
    for (name, value, says) in [
        (KEY, DIRECTORY, "this is the Directory (tenant) ID"),
        (KEY, SECRET, "not a UUID"),
        (SECRET_NAME, CLIENT, "this is the Secret ID"),
        (SECRET_NAME, " sec ret", "holds blanks"),
        (SECRET_NAME, "", "empty"),
        (TENANT_ID, SECRET, "not a GUID"),
        (TENANT_ID, "contoso.onmicrosoft.com", "not a GUID"),
    ] {
        let plan = with(name, &format!("{name} = '{value}'"));
        let problem = problem(&plan);
        assert!(problem.starts_with(name) && problem.contains(says), "{problem}");
        assert!(!format!("{plan:?}").contains(SECRET), "{plan:?}");
    }
}

#[test]
fn entra_e06_an_authority_host_names_the_cloud() {
    let name = "SOCIAL_AUTH_AZUREAD_OAUTH2_AUTHORITY_HOST";
    let china = with(name, &format!("{name} = 'login.chinacloudapi.cn'"));
    assert_eq!(china.draft.unwrap().settings.cloud, "china");
    let government = with(name, &format!("{name} = 'login.microsoftonline.us'"));
    assert!(warned(&government, WarningKind::Cloud).contains("us_government_dod"));
    let unknown = with(name, &format!("{name} = 'login.evil.example'"));
    assert!(problem(&unknown).contains("no cloud of Microsoft has this host"));
}

#[test]
fn feat_dec2_links_by_email_are_warned_of() {
    let always = warned(&of(&filled(SINGLE)), WarningKind::Email);
    assert!(always.contains("identify nobody"), "{always}");
    let steps = "SOCIAL_AUTH_PIPELINE = (\n 'social_core.pipeline.social_auth.social_uid',\n \
                 'social_core.pipeline.social_auth.associate_by_email',\n)";
    for line in [steps, "SOCIAL_AUTH_AZUREAD_OAUTH2_ASSOCIATE_BY_EMAIL = True"] {
        let told = warned(&with("-", line), WarningKind::Email);
        assert!(told.contains("could take over an account"), "{told}");
    }
    let off = with("-", "SOCIAL_AUTH_ASSOCIATE_BY_EMAIL = False");
    assert_eq!(warned(&off, WarningKind::Email), always);
    let unread = warned(&with("-", "SOCIAL_AUTH_PIPELINE = STEPS"), WarningKind::Pipeline);
    assert!(unread.contains("see whether it links by e-mail"), "{unread}");
}

#[test]
fn feat_b27_dec8_users_are_made_as_the_file_says_and_permissions_stay_where_they_are() {
    for (value, made) in [("True", true), ("False", false), ("CREATE", false), ("None", false)] {
        let plan = with("-", &format!("REMOTE_AUTH_AUTO_CREATE_USER = {value}"));
        assert_eq!(warned(&plan, WarningKind::NewUsers).contains("nobody gets a user"), !made);
        assert_eq!(plan.draft.unwrap().auto_provision, made, "{value}");
    }
    let lines = "REMOTE_AUTH_DEFAULT_GROUPS = ['readers']\nREMOTE_AUTH_DEFAULT_PERMISSIONS = {}\n";
    let told = warned(&with("-", lines), WarningKind::Permissions);
    assert!(told.starts_with("REMOTE_AUTH_DEFAULT_GROUPS (line 5) is not taken"), "{told}");
    assert!(!told.contains("PERMISSIONS"), "an empty one gives nothing: {told}");
}

#[test]
fn feat_b11_what_is_not_taken_set_twice_or_out_of_sight_is_said() {
    let plan = with(
        "-",
        "SOCIAL_AUTH_AZUREAD_OAUTH2_SCOPE = ['x']\nREMOTE_AUTH_HEADER = 'H'\nDEBUG = True\nDEBUG = False\n\
         from .more import *\nSOCIAL_AUTH_REDIRECT_IS_HTTPS = False\n\
         SOCIAL_AUTH_AZUREAD_OAUTH2_TENANT_ID = '99999999-2222-4333-8444-555555555555'",
    );
    let names: Vec<(&str, usize)> =
        plan.not_taken.iter().map(|(name, line)| (name.as_str(), *line)).collect();
    assert_eq!(names, [("REMOTE_AUTH_HEADER", 6), ("SOCIAL_AUTH_AZUREAD_OAUTH2_SCOPE", 5)]);
    let twice = warned(&plan, WarningKind::SetTwice);
    assert_eq!(twice, format!("{TENANT_ID} is set on lines 4, 11; the last one counts"));
    assert!(warned(&plan, WarningKind::NotSeen).starts_with("line 9 can set names"));
    assert!(warned(&plan, WarningKind::Pipeline).contains("http.public_url decides"));
    assert_eq!(plan.draft.unwrap().settings.tenant_id.as_str(), OTHER);
}
