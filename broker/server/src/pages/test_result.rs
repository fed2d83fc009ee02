//! What a test sign-in found, and what came back from an admin consent: pages for admins.

use serde::Serialize;

use super::Page;

/// The report of a test sign-in (N34). The admin opened the link, so the texts are an admin's.
#[derive(Debug, Clone, Serialize)]
pub struct TestResultPage {
    /// The verdict in words.
    pub verdict: String,
    /// Whether the person would come in.
    pub passed: bool,
    /// Which connector, and which version of its settings.
    pub connector: String,
    /// The version of the settings.
    pub settings_version: i32,
    /// Why the person would not come in.
    pub refusal: Option<RefusalFacts>,
    /// The redirect URI, where the upstream used it.
    pub redirect_uri: String,
    /// Whether it did.
    pub redirect_uri_proved: bool,
    /// Whether the test counts as the green test of the settings.
    pub settings_tested: bool,
    /// From leaving to coming back.
    pub duration: String,
    /// Rules that were judged one by one.
    pub checks: Vec<CheckFacts>,
    /// Whether one of them does not hold: then they are shown at once.
    pub check_failed: bool,
    /// How many of them hold, in words.
    pub checks_summary: String,
    /// What would happen to the user.
    pub user: Option<String>,
    /// Roles with their reasons.
    pub roles: Vec<RoleFacts>,
    /// Fields that the mapping sets.
    pub fields: Vec<NameAndValue>,
    /// What the upstream said.
    pub statement: Option<StatementFacts>,
    /// What to mend all the same.
    pub warnings: Vec<WarningFacts>,
    /// Asks for the report once more.
    pub command: String,
}

/// A reason code with what an admin needs.
#[derive(Debug, Clone, Serialize)]
pub struct RefusalFacts {
    /// The code.
    pub reason: String,
    /// Seen and expected.
    pub detail: String,
    /// What it comes from.
    pub cause: String,
    /// What to do.
    pub fix: String,
}

/// One rule of the protocol, and how it ended.
#[derive(Debug, Clone, Serialize)]
pub struct CheckFacts {
    /// Its name.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// What was seen: untrusted text.
    pub seen: String,
    /// What was expected.
    pub expected: String,
    /// Whether both are the same words, which are then shown once.
    pub as_expected: bool,
    /// What to do, when it does not hold.
    pub fix: Option<String>,
}

/// A role and the rule that gave it.
#[derive(Debug, Clone, Serialize)]
pub struct RoleFacts {
    /// The role.
    pub role: String,
    /// The rule.
    pub because: Option<String>,
}

/// A name and a value.
#[derive(Debug, Clone, Serialize)]
pub struct NameAndValue {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// What the upstream said.
#[derive(Debug, Clone, Serialize)]
pub struct StatementFacts {
    /// The issuer.
    pub issuer: String,
    /// The subject.
    pub subject: String,
    /// The groups claim in words.
    pub groups: String,
    /// Roles in the directory itself.
    pub directory_roles: Vec<String>,
    /// Claims to be switched on at Microsoft.
    pub optional_claims: Vec<OptionalClaimFacts>,
    /// Every claim.
    pub claims: Vec<NameAndValue>,
}

/// A claim that must be switched on.
#[derive(Debug, Clone, Serialize)]
pub struct OptionalClaimFacts {
    /// Its name.
    pub name: String,
    /// Whether it came.
    pub arrived: bool,
    /// What it is for.
    pub purpose: String,
}

/// Something to mend.
#[derive(Debug, Clone, Serialize)]
pub struct WarningFacts {
    /// The code, where there is one.
    pub reason: Option<String>,
    /// What was seen.
    pub detail: String,
}

impl Page for TestResultPage {
    const TEMPLATE: &'static str = "login/test_result";

    fn title(&self) -> String {
        self.verdict.clone()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let fact =
            |name: &str, value: &str| NameAndValue { name: name.into(), value: value.into() };
        let optional = |name: &str, arrived| OptionalClaimFacts {
            name: name.into(),
            arrived,
            purpose: "users get an e-mail address".into(),
        };
        let passed = Self {
            verdict: "The test sign-in succeeded".into(),
            passed: true,
            connector: "entra".into(),
            settings_version: 3,
            refusal: None,
            redirect_uri: "https://id.example/t/contoso/callback/entra".into(),
            redirect_uri_proved: true,
            settings_tested: true,
            duration: "1.2 s".into(),
            checks: Vec::new(),
            check_failed: false,
            checks_summary: String::new(),
            user: Some("a new user would be created".into()),
            roles: vec![
                RoleFacts { role: "admin".into(), because: Some("group Noxys Admins".into()) },
                RoleFacts { role: "viewer".into(), because: None },
            ],
            fields: vec![fact("email", "alice@contoso.example")],
            statement: Some(StatementFacts {
                issuer: "https://login.example/1111/v2.0".into(),
                subject: "1111|2222".into(),
                groups: "present (2)".into(),
                directory_roles: vec!["62e90394-69f5-4237-9190-012177145e10".into()],
                optional_claims: vec![optional("email", true), optional("sid", false)],
                claims: vec![fact("name", "Alice <script>"), fact("groups", "[\"a\",\"b\"]")],
            }),
            warnings: vec![WarningFacts { reason: None, detail: "optional claims: sid".into() }],
            command: "symbolon connector test-sign-in contoso entra --show t1".into(),
        };
        let failed = Self {
            verdict: "The test sign-in failed".into(),
            passed: false,
            refusal: Some(RefusalFacts {
                reason: "entra.secret_expired".into(),
                detail: "Microsoft says invalid_client: AADSTS7000222".into(),
                cause: "The client secret is over.".into(),
                fix: "Make a new one.".into(),
            }),
            settings_tested: false,
            user: None,
            roles: Vec::new(),
            fields: Vec::new(),
            statement: None,
            warnings: vec![WarningFacts {
                reason: Some("connector.test_only".into()),
                detail: "the connector is in mode test".into(),
            }],
            ..passed.clone()
        };
        let checked = saml_refused(failed.clone());
        vec![("checked", checked), ("failed", failed), ("passed", passed)]
    }
}

/// The sample of a SAML response that one rule refused.
fn saml_refused(failed: TestResultPage) -> TestResultPage {
    let check = |name: &str, seen: &str, fix: Option<&str>| CheckFacts {
        name: name.into(),
        passed: fix.is_none(),
        seen: seen.into(),
        expected: "https://id.example/t/contoso/saml/work/metadata".into(),
        as_expected: fix.is_none(),
        fix: fix.map(str::to_owned),
    };
    TestResultPage {
        checks: vec![
            check("issuer", "https://idp.example", None),
            check("audience", "<b>https://other.example</b>", Some("Enter our entity id.")),
        ],
        check_failed: true,
        checks_summary: "1 of 2 hold".into(),
        connector: "work".into(),
        refusal: Some(RefusalFacts {
            reason: "saml.audience_mismatch".into(),
            detail: "https://other.example".into(),
            cause: "The assertion is meant for another audience.".into(),
            fix: "Enter our entity id.".into(),
        }),
        ..failed
    }
}

/// What Microsoft's page of admin consent answered (N25).
#[derive(Debug, Clone, Serialize)]
pub struct ConsentPage {
    /// For which connector.
    pub connector: String,
    /// Whether it says yes.
    pub granted: bool,
    /// The directory that the answer names; nothing proves it.
    pub directory: Option<String>,
    /// Why not.
    pub refusal: Option<RefusalFacts>,
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "login/consent_result";

    fn title(&self) -> String {
        if self.granted { "Consent reported".into() } else { "No consent".into() }
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let granted = Self {
            connector: "entra".into(),
            granted: true,
            directory: Some("<b>1111</b>".into()),
            refusal: None,
        };
        let refused = Self {
            granted: false,
            directory: None,
            refusal: Some(RefusalFacts {
                reason: "entra.consent_refused".into(),
                detail: "Microsoft says permission_denied: AADSTS65004".into(),
                cause: "It was declined.".into(),
                fix: "Open the link again.".into(),
            }),
            ..granted.clone()
        };
        vec![("granted", granted), ("refused", refused)]
    }
}
