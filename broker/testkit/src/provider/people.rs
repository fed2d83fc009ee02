//! Who may sign in at the demo provider, and which brokers it knows.

use serde_json::{Map, Value, json};

/// A person that the demo provider can sign in.
#[derive(Clone, Debug)]
pub struct ProviderUser {
    pub(crate) subject: String,
    pub(crate) claims: Map<String, Value>,
    pub(super) userinfo: Map<String, Value>,
}

impl ProviderUser {
    /// A person with this `sub` and no other claim.
    #[must_use]
    pub fn new(subject: &str) -> Self {
        Self { subject: subject.to_owned(), claims: Map::new(), userinfo: Map::new() }
    }

    /// Sets `email`, `email_verified` (true) and `preferred_username`.
    #[must_use]
    pub fn email(self, email: &str) -> Self {
        self.claim("email", json!(email))
            .claim("email_verified", json!(true))
            .claim("preferred_username", json!(email))
    }

    /// Sets `email_verified`.
    #[must_use]
    pub fn email_verified(self, verified: bool) -> Self {
        self.claim("email_verified", json!(verified))
    }

    /// Sets `name`.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        self.claim("name", json!(name))
    }

    /// Sets `department`.
    #[must_use]
    pub fn department(self, department: &str) -> Self {
        self.claim("department", json!(department))
    }

    /// Sets `jobTitle`.
    #[must_use]
    pub fn job_title(self, title: &str) -> Self {
        self.claim("jobTitle", json!(title))
    }

    /// Sets `officeLocation`.
    #[must_use]
    pub fn office(self, office: &str) -> Self {
        self.claim("officeLocation", json!(office))
    }

    /// Sets `groups`, an array of strings.
    #[must_use]
    pub fn groups<'a>(self, groups: impl IntoIterator<Item = &'a str>) -> Self {
        let groups: Vec<&str> = groups.into_iter().collect();
        self.claim("groups", json!(groups))
    }

    /// Sets any claim to any value, also a hostile one.
    #[must_use]
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    /// Sets a claim that UserInfo alone states, or states otherwise than the ID token.
    #[must_use]
    pub fn userinfo_claim(mut self, name: &str, value: Value) -> Self {
        self.userinfo.insert(name.to_owned(), value);
        self
    }

    /// Takes a claim away.
    #[must_use]
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// The `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The text of a claim, for pages.
    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// Whether a `login_hint` means this person.
    pub(crate) fn is_hinted_by(&self, hint: &str) -> bool {
        self.subject == hint
            || [self.text("email"), self.text("preferred_username")]
                .into_iter()
                .flatten()
                .any(|name| name.eq_ignore_ascii_case(hint))
    }
}

/// A broker (or any OpenID client) that the demo provider knows.
#[derive(Clone, Debug)]
pub struct RegisteredClient {
    pub(super) id: String,
    pub(super) secret: Option<String>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) keys: Option<Value>,
}

impl RegisteredClient {
    /// A client that authenticates with a secret (basic or post).
    #[must_use]
    pub fn new(id: &str, secret: &str) -> Self {
        Self { secret: Some(secret.to_owned()), ..Self::public(id) }
    }

    /// A client without a secret: PKCE alone protects it.
    #[must_use]
    pub fn public(id: &str) -> Self {
        Self { id: id.to_owned(), secret: None, redirect_uris: Vec::new(), keys: None }
    }

    /// A client that authenticates with `private_key_jwt`; `jwks` is a JWK Set with its public keys.
    #[must_use]
    pub fn with_keys(id: &str, jwks: Value) -> Self {
        Self { keys: Some(jwks), ..Self::public(id) }
    }

    /// Allows one more redirect URI; compared as a string.
    #[must_use]
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.redirect_uris.push(uri.to_owned());
        self
    }
}
