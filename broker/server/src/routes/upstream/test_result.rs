//! The report of a test sign-in as a page.

use symbolon_identity::test_sign_in::{
    ShownCheck, ShownClaim, Statement, TestRefusal, TestReport, TestWarning, Verdict,
};

use crate::extract::AtTenant;
use crate::pages::{
    CheckFacts, NameAndValue, OptionalClaimFacts, RefusalFacts, RoleFacts, StatementFacts,
    TestResultPage, WarningFacts,
};

pub(in crate::routes) fn test_result(at: &AtTenant, report: TestReport) -> TestResultPage {
    let (slug, connector) = (&at.tenant.slug, &report.connector);
    TestResultPage {
        verdict: report.in_words().to_owned(),
        passed: report.verdict == Verdict::Passed,
        settings_version: report.settings_version,
        refusal: report.refusal.map(refusal),
        redirect_uri: report.redirect_uri,
        redirect_uri_proved: report.redirect_uri_proved,
        settings_tested: report.settings_tested,
        duration: seconds(report.duration_ms),
        check_failed: report.checks.iter().any(|one| !one.passed),
        checks_summary: summary(&report.checks),
        checks: report.checks.into_iter().map(check).collect(),
        user: report.user.map(|fate| fate.in_words()),
        roles: report
            .roles
            .into_iter()
            .map(|one| RoleFacts { role: one.role, because: one.because })
            .collect(),
        fields: report.fields.into_iter().map(fact).collect(),
        statement: report.statement.map(statement),
        warnings: report.warnings.into_iter().map(warning).collect(),
        command: format!("symbolon connector test-sign-in {slug} {connector} --show {}", report.id),
        connector: report.connector.to_string(),
    }
}

fn statement(said: Statement) -> StatementFacts {
    StatementFacts {
        issuer: said.issuer,
        subject: said.subject,
        groups: said.groups.in_words(),
        directory_roles: said.directory_roles,
        optional_claims: said
            .optional_claims
            .into_iter()
            .map(|one| OptionalClaimFacts {
                name: one.name,
                arrived: one.arrived,
                purpose: one.purpose,
            })
            .collect(),
        claims: said.claims.into_iter().map(fact).collect(),
    }
}

/// The first failed rule ends a reading, so what comes after it was not judged.
fn summary(checks: &[ShownCheck]) -> String {
    let held = checks.iter().filter(|one| one.passed).count();
    format!("{held} of {} hold", checks.len())
}

fn check(check: ShownCheck) -> CheckFacts {
    CheckFacts {
        name: check.name.replace('_', " "),
        passed: check.passed,
        as_expected: check.passed && check.seen == check.expected,
        seen: check.seen,
        expected: check.expected,
        fix: check.fix,
    }
}

fn fact(claim: ShownClaim) -> NameAndValue {
    NameAndValue { name: claim.name, value: claim.value }
}

fn refusal(refusal: TestRefusal) -> RefusalFacts {
    RefusalFacts {
        reason: refusal.reason.to_string(),
        detail: refusal.detail,
        cause: refusal.cause,
        fix: refusal.fix,
    }
}

fn warning(warning: TestWarning) -> WarningFacts {
    WarningFacts { reason: warning.reason.map(|reason| reason.to_string()), detail: warning.detail }
}

fn seconds(milliseconds: i64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}
