//! Every way in which an upstream can fail us.

use symbolon_contract::ReasonCode;
use thiserror::Error;

use crate::outgoing::OutgoingError;
use crate::secrets::SecretsError;

/// Why no assertion came of a trip. The texts are for the admin: they hold what was seen and expected,
/// never a token, secret or code.
#[derive(Debug, Error)]
pub enum ConnectorError {
    /// The upstream answered the browser with an error (RFC 6749 4.1.2.1).
    #[error("the upstream answered {code}: {description}")]
    Upstream {
        /// The `error` parameter.
        code: String,
        /// Its description: untrusted text, shortened.
        description: String,
    },
    /// The person, or a rule of the upstream, said no.
    #[error("the upstream denied access: {description}")]
    AccessDenied {
        /// Untrusted text, shortened.
        description: String,
    },
    /// The callback names another issuer than the one that was asked (RFC 9207).
    #[error("the callback names issuer {seen}, expected {expected}")]
    MixUp {
        /// What came.
        seen: String,
        /// Whom we asked.
        expected: String,
    },
    /// No code in the callback.
    #[error("the callback carries no single code parameter")]
    CodeMissing,
    /// A document or endpoint could not be fetched.
    #[error("{what}: {source}")]
    Fetch {
        /// Which one.
        what: &'static str,
        /// Its code.
        reason: ReasonCode,
        /// Why.
        source: OutgoingError,
    },
    /// A document was fetched and is of no use.
    #[error("{what}: {problem}")]
    Document {
        /// Which one.
        what: &'static str,
        /// Its code.
        reason: ReasonCode,
        /// What is wrong with it.
        problem: String,
    },
    /// The token endpoint said no.
    #[error("{0}")]
    TokenRefused(Box<super::oidc::TokenRefusal>),
    /// Microsoft Entra ID said no, in its own words and numbers.
    #[error("{0}")]
    Entra(Box<super::entra::EntraProblem>),
    /// A SAML message was refused.
    #[error("{0}")]
    Saml(Box<super::saml::SamlProblem>),
    /// The upstream wants the person to prove more: the trip is to be made once more with these wishes.
    #[error("once more: {because}")]
    OnceMore {
        /// What to ask for now.
        wishes: Box<super::assertion::UpstreamWishes>,
        /// Why the first trip was not enough.
        because: Box<ConnectorError>,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(symbolon_storage::StorageError),
    /// The ID token, or what belongs to it, was refused.
    #[error("{rule}: seen {seen}, expected {expected}")]
    Token {
        /// The rule's code.
        reason: ReasonCode,
        /// The rule's name.
        rule: &'static str,
        /// What the token says, shortened.
        seen: String,
        /// What it should say.
        expected: String,
    },
    /// The connector's own settings or credential are incomplete.
    #[error("the connector is not fully configured: {0}")]
    Misconfigured(String),
    /// The credential could not be opened.
    #[error("the connector's credential cannot be opened: {0}")]
    Secrets(#[from] SecretsError),
}

impl ConnectorError {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Upstream { .. } => ReasonCode::OidcUpstreamError,
            Self::AccessDenied { .. } => ReasonCode::OidcAccessDenied,
            Self::MixUp { .. } => ReasonCode::OidcMixup,
            Self::CodeMissing => ReasonCode::OidcCodeMissing,
            Self::Fetch { reason, source, .. } => match source.reason() {
                // Where our own guard said no, that is the cause to show.
                guard @ (ReasonCode::NetBlockedAddress
                | ReasonCode::NetSchemeRefused
                | ReasonCode::NetRedirectRefused
                | ReasonCode::NetResponseTooLarge) => guard,
                _ => *reason,
            },
            Self::Document { reason, .. } | Self::Token { reason, .. } => *reason,
            Self::TokenRefused(refusal) => refusal.reason(),
            Self::Entra(problem) => problem.reason(),
            Self::Saml(problem) => problem.reason(),
            Self::OnceMore { because, .. } => because.reason(),
            Self::Storage(error) => crate::storage_reason(error),
            Self::Misconfigured(_) => ReasonCode::ConnectorMisconfigured,
            Self::Secrets(error) => error.reason(),
        }
    }

    /// Whether the upstream's token endpoint did not take our credential (RFC 6749 5.2 `invalid_client`).
    pub(crate) fn is_about_our_credential(&self) -> bool {
        matches!(self, Self::TokenRefused(refusal) if refusal.error == "invalid_client")
    }

    /// A token refusal with both sides shown.
    pub(crate) fn token(
        reason: ReasonCode,
        rule: &'static str,
        seen: impl std::fmt::Display,
        expected: impl std::fmt::Display,
    ) -> Self {
        Self::Token {
            reason,
            rule,
            seen: shorten(&seen.to_string()),
            expected: shorten(&expected.to_string()),
        }
    }
}

/// Untrusted text for an admin: no control characters, at most 200 characters.
pub(crate) fn shorten(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(201).collect();
    match clean.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
        None => clean,
    }
}
