//! A request that passed every rule.

use serde::{Deserialize, Serialize};
use symbolon_contract::ApplicationId;

use crate::downstream::RedirectUri;
use crate::downstream::oidc::OauthError;
use crate::downstream::oidc::claims_request::ClaimsRequest;

/// How the answer travels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the redirect's query.
    #[default]
    Query,
    /// In a form that the browser posts.
    FormPost,
}

/// What the application wants of the person (OpenID Core 3.1.2.1 `prompt`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// No page may be shown.
    pub none: bool,
    /// Prove yourself again.
    pub login: bool,
    /// Agree again.
    pub consent: bool,
    /// Choose an account.
    pub select_account: bool,
}

/// What an application asked for, checked. Kept with the login attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub application: ApplicationId,
    /// Where to answer; one of those registered.
    pub redirect_uri: RedirectUri,
    /// Whether the request named it, because then the token request must too (RFC 6749 4.1.3).
    pub redirect_uri_was_sent: bool,
    /// Returned unchanged.
    pub state: Option<String>,
    /// How to answer.
    pub response_mode: ResponseMode,
    /// Known scopes, in the order asked.
    pub scopes: Vec<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// PKCE challenge, always of method S256.
    pub code_challenge: Option<String>,
    /// What the person must do.
    pub prompt: Prompt,
    /// Oldest acceptable sign-in, in seconds.
    pub max_age: Option<u32>,
    /// Whom the application expects.
    pub login_hint: Option<String>,
    /// The subject of the `id_token_hint`, verified later against our own keys.
    pub id_token_hint: Option<String>,
    /// Authentication contexts in order of preference.
    pub acr_values: Vec<String>,
    /// Preferred languages.
    pub ui_locales: Option<String>,
    /// The connector that the application would like, a hint only (D22).
    pub connector_hint: Option<String>,
    /// Where its access tokens shall be good (RFC 8707 2); all of them registered.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Single claims that it asks for (OpenID Core 5.5).
    #[serde(default)]
    pub claims: Option<ClaimsRequest>,
    /// The key that the code is bound to (RFC 9449 10).
    #[serde(default)]
    pub dpop_jkt: Option<String>,
    /// Hash of the `request_uri` that it was pushed under; spent when the request is answered (FA-05).
    #[serde(default)]
    pub pushed: Option<String>,
}

/// Where a refusal goes when it goes to the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerAddress {
    /// One of the registered URIs.
    pub redirect_uri: RedirectUri,
    /// How.
    pub response_mode: ResponseMode,
    /// Returned unchanged.
    pub state: Option<String>,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizeRefusal {
    /// Shown to the person: nobody can be trusted with a redirect (D1).
    Page(OauthError),
    /// Told to the application.
    Redirect {
        /// What is wrong.
        error: OauthError,
        /// Where to say it.
        answer_to: AnswerAddress,
    },
}

impl AuthorizationRequest {
    /// A draft that the rules fill.
    pub(super) fn new(application: ApplicationId, redirect_uri: RedirectUri) -> Self {
        Self {
            application,
            redirect_uri,
            redirect_uri_was_sent: true,
            state: None,
            response_mode: ResponseMode::Query,
            scopes: Vec::new(),
            nonce: None,
            code_challenge: None,
            prompt: Prompt::default(),
            max_age: None,
            login_hint: None,
            id_token_hint: None,
            acr_values: Vec::new(),
            ui_locales: None,
            connector_hint: None,
            resources: Vec::new(),
            claims: None,
            dpop_jkt: None,
            pushed: None,
        }
    }

    /// The contexts one of which must be proved, if any must (OpenID Core 5.5.1.1).
    #[must_use]
    pub fn essential_contexts(&self) -> Vec<&str> {
        self.claims.as_ref().map(ClaimsRequest::essential_contexts).unwrap_or_default()
    }

    /// The contexts to ask the upstream for: those that must be proved, else those that are wished for.
    #[must_use]
    pub fn wished_contexts(&self) -> Vec<String> {
        let essential = self.essential_contexts();
        if essential.is_empty() {
            return self.acr_values.clone();
        }
        essential.into_iter().map(str::to_owned).collect()
    }

    /// Where answers go.
    #[must_use]
    pub fn answer_address(&self) -> AnswerAddress {
        AnswerAddress {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode,
            state: self.state.clone(),
        }
    }
}
