//! How a sign-in ended.

use symbolon_testkit::browser::Page;
use symbolon_testkit::{Browser, Misbehaviour};

use super::{CONNECTOR, TestTenant};

/// How a sign-in ended.
pub(crate) struct Login {
    pub(crate) browser: Browser,
    pub(crate) page: Page,
    pub(super) roles: Option<String>,
}

impl Login {
    /// One line: who is signed in with which roles, or the status and reason code of the refusal.
    pub(crate) fn outcome(&self) -> String {
        if let Some(roles) = &self.roles {
            let email = self.page.text("signed-in-email").unwrap_or_default();
            return format!("signed in as {email} with roles [{roles}]");
        }
        if let Some(reason) = self.page.text("reason-code") {
            return format!("{} {reason}", self.page.status());
        }
        let error = self.page.text("application-error").unwrap_or_else(|| self.page.body().into());
        format!("{} at {}: {error}", self.page.status(), self.page.url())
    }

    /// What a refused application was told: the `error` and the reason code in its description.
    pub(crate) fn told(&self) -> Option<String> {
        if self.page.has("reason-code") {
            return None;
        }
        let url = url::Url::parse(self.page.url().as_str()).ok()?;
        let description = super::parameter(&url, "error_description")?;
        let (reason, _) = description.split_once(':')?;
        Some(format!("{} {reason}", super::parameter(&url, "error")?))
    }

    /// The reason code, shown to the person or told to the application.
    pub(crate) fn reason(&self) -> Option<String> {
        let told = || self.told()?.split_once(' ').map(|(_, reason)| reason.to_owned());
        self.page.text("reason-code").or_else(told)
    }

    /// The session cookie at a tenant, if the browser has one.
    pub(crate) fn session(&self, tenant: &str) -> Option<String> {
        let name = format!("symbolon-session-{tenant}");
        self.browser.cookie("127.0.0.1", &name).map(str::to_owned)
    }
}

/// The provider misbehaves once, and the sign-in is refused for this reason; afterwards all is well.
pub(crate) async fn refused_then_fine(
    tenant: &TestTenant<'_>,
    faults: &[Misbehaviour],
    expected: &str,
) {
    let wiki = tenant.application("wiki").await;
    for fault in faults {
        tenant.world.provider.misbehave(fault.clone()).unwrap();
    }
    let refused = wiki.log_in("alice").await;
    assert_eq!(refused.outcome(), expected, "{faults:?}");
    assert!(refused.session(tenant.record.slug.as_str()).is_none(), "{faults:?}: a session cookie");
    assert_eq!(tenant.sessions().await, 0, "{faults:?}: a session");
    tenant.assert_told_and_kept(&refused.page, Some(CONNECTOR)).await;
    tenant.world.provider.behave();
    let fine = wiki.log_in("alice").await;
    assert!(fine.outcome().starts_with("signed in as alice@contoso.com"), "{}", fine.outcome());
}
