//! What the browser shall do next.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use symbolon_contract::{ApplicationId, ConnectorId};
use url::Url;

use super::choose_connector::ConnectorChoice;
use crate::connectors::UpstreamRedirect;
use crate::downstream::oidc::consent::Wish;
use crate::downstream::{Application, DownstreamResponse};
use crate::sessions::OpenedSession;
use crate::test_sign_in::TestReport;

/// The next step of a sign-in.
#[derive(Debug, Clone)]
pub enum LoginStep {
    /// Go to the login page of this attempt.
    ShowLoginPage {
        /// The attempt.
        attempt: String,
    },
    /// Choose a connector on the page that follows.
    Choose {
        /// The attempt.
        attempt: String,
        /// For which application.
        application: Option<Box<Application>>,
        /// What can be chosen.
        connectors: Vec<ConnectorChoice>,
        /// Whether to ask for the e-mail first.
        ask_email: bool,
    },
    /// The e-mail chose a connector: say so and go on.
    Announce {
        /// The attempt.
        attempt: String,
        /// The connector.
        connector: ConnectorChoice,
    },
    /// Go to the upstream.
    Leave(UpstreamRedirect),
    /// Come back with cookies: what was posted across sites waits under this handle.
    ComeBack {
        /// Its connector.
        connector: ConnectorId,
        /// The handle.
        handle: String,
    },
    /// Come back with cookies: a sign-in that an identity provider began waits under this handle.
    PickUp {
        /// Its connector.
        connector: ConnectorId,
        /// The handle.
        handle: String,
    },
    /// Start a sign-in there: the application's own address for that, or our own page.
    Start {
        /// Where.
        url: Url,
    },
    /// Ask the person whether the application may learn about them.
    AskConsent {
        /// Of the question.
        handle: String,
    },
    /// Tell the application.
    Answer(DownstreamResponse),
    /// Show the person that they are in.
    SignedIn {
        /// Where the connector wants people to go on (N41).
        landing: Option<Url>,
    },
    /// Show an admin what their test sign-in found.
    Tested(Box<TestReport>),
}

/// A step and the cookies that go with it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What next.
    pub step: LoginStep,
    /// A login cookie to set.
    pub login_cookie: Option<SecretString>,
    /// A session cookie to set.
    pub session: Option<OpenedSession>,
}

impl Outcome {
    /// A step without cookies.
    #[must_use]
    pub fn of(step: LoginStep) -> Self {
        Self { step, login_cookie: None, session: None }
    }
}

/// What the tenant's own page shows to a person who is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonPage {
    /// Name to show.
    pub name: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Roles, sorted.
    pub roles: Vec<String>,
    /// Name of the connector that vouched.
    pub connector: String,
    /// The applications of others that they allowed to learn about them.
    pub applications: Vec<AllowedApplication>,
    /// Where signing out leads on, at the upstream: the form that begins it must be allowed to (E-60).
    pub sign_out_at: Vec<Url>,
}

/// An application of somebody else that a person allowed to learn about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedApplication {
    /// Its id.
    pub id: ApplicationId,
    /// The name that people see.
    pub display_name: String,
    /// What they agreed to.
    pub wishes: Vec<Wish>,
    /// Since when.
    pub since: DateTime<Utc>,
}
