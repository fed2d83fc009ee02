//! What goes to an upstream and what comes back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use symbolon_contract::ReasonCode;

/// One trip to an upstream, as both ends of it need to know it.
///
/// `nonce` and `code_verifier` are derived from the browser's login cookie, so a copy of the
/// database cannot finish somebody's trip.
#[derive(Debug, Clone)]
pub struct UpstreamLeg {
    /// The `state` parameter: 256 random bits, bound to browser, tenant and connector by the attempt.
    pub state: String,
    /// The `nonce` that the ID token must carry.
    pub nonce: String,
    /// PKCE verifier (RFC 7636).
    pub code_verifier: String,
    /// Our callback for this connector, byte for byte as registered upstream.
    pub redirect_uri: String,
    /// When the person was sent away.
    pub started_at: DateTime<Utc>,
    /// What the application and the person asked for.
    pub wishes: UpstreamWishes,
}

/// Parameters that travel through us to the upstream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamWishes {
    /// Whom the application expects.
    pub login_hint: Option<String>,
    /// The person must prove themselves anew (`prompt=login`).
    pub fresh_sign_in: bool,
    /// The person must choose an account (`prompt=select_account`).
    pub choose_account: bool,
    /// The oldest acceptable authentication, in seconds.
    pub max_age: Option<u32>,
    /// Requested authentication contexts, in order of preference.
    pub acr_values: Vec<String>,
    /// What an upstream demanded when it sent the person back (a claims challenge), as JSON.
    #[serde(default)]
    pub claims_challenge: Option<String>,
    /// Preferred languages.
    pub ui_locales: Option<String>,
}

/// How the person gets to the upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstreamRedirect {
    /// A redirect by GET.
    Redirect {
        /// The full URL.
        url: String,
    },
    /// A form that the browser posts (SAML's POST binding).
    PostForm {
        /// Where to.
        action: String,
        /// Hidden fields in order.
        fields: Vec<(String, String)>,
    },
}

/// What the browser brought back, still untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstreamCallback {
    /// Parameters of the URL.
    Query(Vec<(String, String)>),
    /// Fields of a posted form.
    Form(Vec<(String, String)>),
}

impl UpstreamCallback {
    /// The parameters, whichever way they came.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        match self {
            Self::Query(parameters) | Self::Form(parameters) => parameters,
        }
    }

    /// What ties it to a sign-in under way: OAuth's `state`, SAML's `RelayState`. The store of states knows for which
    /// connector it was made, so neither passes for the other.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.single("state").or_else(|| self.single("RelayState"))
    }

    /// The value of a parameter that stands exactly once; `None` when absent or repeated.
    #[must_use]
    pub fn single(&self, name: &str) -> Option<&str> {
        let pairs = self.parameters().iter().map(|(key, value)| (key.as_str(), value.as_str()));
        single(pairs, name)
    }
}

/// The value of a field that stands exactly once; `None` when absent or repeated (RFC 6749 3.1).
pub(super) fn single<K: AsRef<str>, V>(
    fields: impl Iterator<Item = (K, V)>,
    name: &str,
) -> Option<V> {
    let mut values = fields.filter(|(key, _)| key.as_ref() == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

/// A verified statement of an upstream, of any protocol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assertion {
    /// The verified issuer.
    pub issuer: String,
    /// The issuer-scoped subject.
    pub subject: String,
    /// The raw verified payload, with UserInfo merged as the settings say.
    pub claims: Map<String, Value>,
    /// Whether `email_verified` may be believed for the `email` in `claims` (same document, P-9).
    pub email_proved: bool,
    /// When the person proved themselves to the upstream, if it says.
    pub auth_time: Option<DateTime<Utc>>,
    /// The authentication context that the upstream states.
    pub acr: Option<String>,
    /// The methods that the upstream states.
    pub amr: Vec<String>,
    /// The upstream's session, for logout.
    pub upstream_sid: Option<String>,
    /// The upstream's `sub`, where the subject is something else (Entra's is `tid` and `oid`).
    pub upstream_subject: Option<String>,
    /// What the upstream wants to hear when the person signs out there.
    pub logout_hint: Option<String>,
    /// Digest of the subject as the upstream's own logout names it.
    pub logout_subject: Option<String>,
    /// When the upstream wants the session to end at the latest.
    pub session_ends_at: Option<DateTime<Utc>>,
    /// What may be accepted once only.
    #[serde(skip)]
    pub once: Option<OnceOnly>,
    /// Rules that were judged, where the protocol has them one by one.
    #[serde(skip)]
    pub checks: Vec<symbolon_saml::response::Check>,
    /// What went wrong without keeping the person out.
    pub warnings: Vec<AssertionWarning>,
    /// Groups that were asked for beside the token, to be kept for a bad day (E-29).
    pub groups_to_remember: Option<RememberedGroups>,
    /// The groups in `claims` are those of an earlier sign-in (E-29): nobody has seen them now.
    #[serde(skip)]
    pub groups_are_old: bool,
}

/// A statement that must not count twice (VA-14): remembered until nobody could believe it any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceOnly {
    /// Digest of connector, issuer and the statement's id.
    pub hash: String,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// Something that an admin should know of a sign-in that took place all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionWarning {
    /// The catalogue's code.
    pub reason: ReasonCode,
    /// What was seen.
    pub detail: String,
}

/// The groups of a person as they were at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedGroups {
    /// Their ids.
    pub ids: Vec<String>,
    /// When the upstream said so.
    pub at: DateTime<Utc>,
}
