//! App registrations: credentials, redirect URIs, optional claims, permissions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::certificate::Certificate;
use crate::values::random_word;

/// An application registered at the mock.
#[derive(Clone, Debug)]
pub struct AppRegistration {
    pub(super) client_id: String,
    pub(super) name: String,
    pub(super) home: String,
    pub(super) secrets: Vec<Secret>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) federated: Vec<Federated>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) logout_url: Option<String>,
    pub(super) optional_claims: BTreeSet<String>,
    pub(super) app_roles: Vec<(String, String)>,
    pub(super) assigned: Option<BTreeSet<String>>,
    pub(super) delegated: BTreeSet<String>,
    pub(super) application: BTreeSet<String>,
    pub(super) groups_style: GroupsStyle,
    pub(super) is_multi_tenant: bool,
    pub(super) is_public: bool,
    pub(super) is_enabled: bool,
    pub(super) is_consented: bool,
    pub(super) has_own_key: bool,
}

/// How the `groups` claim names groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupsStyle {
    /// Object ids: the default at Microsoft.
    #[default]
    ObjectIds,
    /// Display names (only with "groups assigned to the application" at Microsoft).
    DisplayNames,
    /// Object ids, sent as `roles`; app roles vanish then.
    AsRoles,
}

#[derive(Clone, Debug)]
pub(super) struct Secret {
    pub(super) id: String,
    pub(super) value: String,
    pub(super) expires_at: Option<i64>,
}

/// Whose assertions are accepted in place of a secret.
#[derive(Clone, Debug)]
pub(super) struct Federated {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) keys: IssuerKeys,
}

#[derive(Clone, Debug)]
pub(super) enum IssuerKeys {
    /// Asked over HTTP at this address, usually the issuer itself.
    Discovered(String),
    Given(Value),
}

impl AppRegistration {
    /// A single-tenant web application that may ask for `User.Read`.
    #[must_use]
    pub fn new(client_id: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            name: "Symbolon".to_owned(),
            home: String::new(),
            secrets: Vec::new(),
            certificates: Vec::new(),
            federated: Vec::new(),
            redirect_uris: Vec::new(),
            logout_url: None,
            optional_claims: BTreeSet::new(),
            app_roles: Vec::new(),
            assigned: None,
            delegated: BTreeSet::from(["User.Read".to_owned()]),
            application: BTreeSet::new(),
            groups_style: GroupsStyle::default(),
            is_multi_tenant: false,
            is_public: false,
            is_enabled: true,
            is_consented: true,
            has_own_key: false,
        }
    }

    /// The name on Microsoft's pages.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// One more client secret, which never expires.
    #[must_use]
    pub fn secret(mut self, value: &str) -> Self {
        self.secrets.push(Secret::new(value, None));
        self
    }

    /// One more client secret that ends at this second since 1970.
    #[must_use]
    pub fn secret_until(mut self, value: &str, expires_at: i64) -> Self {
        self.secrets.push(Secret::new(value, Some(expires_at)));
        self
    }

    /// One more certificate.
    #[must_use]
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.certificates.push(certificate);
        self
    }

    /// A federated credential: assertions of this issuer and subject, whose keys are found by the
    /// issuer's own discovery document.
    #[must_use]
    pub fn federated(self, issuer: &str, subject: &str) -> Self {
        self.federated_at(issuer, subject, issuer)
    }

    /// The same when the issuer is reached at another address than its name says.
    #[must_use]
    pub fn federated_at(mut self, issuer: &str, subject: &str, address: &str) -> Self {
        let keys = IssuerKeys::Discovered(address.trim_end_matches('/').to_owned());
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        self.federated.push(Federated { issuer, subject, keys });
        self
    }

    /// The same with a JWK Set given by hand.
    #[must_use]
    pub fn federated_with_keys(mut self, issuer: &str, subject: &str, jwks: Value) -> Self {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        self.federated.push(Federated { issuer, subject, keys: IssuerKeys::Given(jwks) });
        self
    }

    /// One more redirect URI, compared exactly (of `localhost` the port does not count).
    #[must_use]
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.redirect_uris.push(uri.to_owned());
        self
    }

    /// The front-channel logout URL.
    #[must_use]
    pub fn logout_url(mut self, url: &str) -> Self {
        self.logout_url = Some(url.to_owned());
        self
    }

    /// Optional claims of the ID token: `email`, `groups`, `acct`, `xms_edov`, `auth_time`, `sid`,
    /// `login_hint`, `upn`, `idp`, `wids`, `given_name`, `family_name`.
    #[must_use]
    pub fn optional_claims<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.optional_claims.extend(names.into_iter().map(str::to_owned));
        self
    }

    /// How groups are named.
    #[must_use]
    pub fn groups_style(mut self, style: GroupsStyle) -> Self {
        self.groups_style = style;
        self
    }

    /// Assigns an app role to a person or a group (by object id); nested groups do not count.
    #[must_use]
    pub fn app_role(mut self, assignee: &str, value: &str) -> Self {
        self.app_roles.push((assignee.to_owned(), value.to_owned()));
        self
    }

    /// "Assignment required": only these people and groups (by object id) may in.
    #[must_use]
    pub fn only_for<'a>(mut self, assigned: impl IntoIterator<Item = &'a str>) -> Self {
        self.assigned = Some(assigned.into_iter().map(str::to_owned).collect());
        self
    }

    /// One more delegated Graph permission.
    #[must_use]
    pub fn delegated_permission(mut self, name: &str) -> Self {
        self.delegated.insert(name.to_owned());
        self
    }

    /// One more application permission of Graph.
    #[must_use]
    pub fn application_permission(mut self, name: &str) -> Self {
        self.application.insert(name.to_owned());
        self
    }

    /// Offered to other directories as well.
    #[must_use]
    pub fn multi_tenant(mut self) -> Self {
        self.is_multi_tenant = true;
        self
    }

    /// A public client (single page or mobile), which may not send a credential.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.is_public = true;
        self
    }

    /// Nobody has consented yet, not even at home.
    #[must_use]
    pub fn not_consented(mut self) -> Self {
        self.is_consented = false;
        self
    }

    /// Has a signing key of its own (claims mapping): found only by `?appid=`.
    #[must_use]
    pub fn own_signing_key(mut self) -> Self {
        self.has_own_key = true;
        self
    }

    /// Whether it is enabled in "Enterprise applications".
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.is_enabled = enabled;
        self
    }

    /// Forgets all secrets, certificates and federated credentials.
    #[must_use]
    pub fn without_credentials(mut self) -> Self {
        self.secrets.clear();
        self.certificates.clear();
        self.federated.clear();
        self
    }

    /// Forgets all redirect URIs.
    #[must_use]
    pub fn without_redirect_uris(mut self) -> Self {
        self.redirect_uris.clear();
        self
    }

    pub(super) fn emits(&self, claim: &str) -> bool {
        self.optional_claims.contains(claim)
    }

    /// Whether this redirect URI is registered.
    pub(super) fn redirects_to(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|known| known == uri || is_same_localhost(known, uri))
    }

    /// The application object as Graph shows it.
    pub(super) fn graph(&self) -> Value {
        let time = super::clock::graph_time;
        let passwords: Vec<Value> = self
            .secrets
            .iter()
            .map(|secret| {
                let hint: String = secret.value.chars().take(3).collect();
                json!({"keyId": secret.id, "displayName": null, "hint": hint,
                    "endDateTime": secret.expires_at.map(time), "secretText": null})
            })
            .collect();
        let keys: Vec<Value> = self
            .certificates
            .iter()
            .map(|certificate| {
                json!({"keyId": super::clock::guid_of(&certificate.sha256), "type": "AsymmetricX509Cert",
                    "usage": "Verify", "customKeyIdentifier": certificate.sha1_hex(),
                    "endDateTime": certificate.not_after.map(time)})
            })
            .collect();
        json!({"id": super::clock::guid_of(&self.client_id), "appId": self.client_id,
            "displayName": self.name, "passwordCredentials": passwords, "keyCredentials": keys})
    }
}

impl Secret {
    fn new(value: &str, expires_at: Option<i64>) -> Self {
        let id = super::clock::guid_of(&random_word());
        Self { id, value: value.to_owned(), expires_at }
    }
}

/// Microsoft ignores the port of `http://localhost` (RFC 8252 section 7.3 in spirit).
fn is_same_localhost(known: &str, uri: &str) -> bool {
    let parsed = url::Url::parse(known).ok().zip(url::Url::parse(uri).ok());
    parsed.is_some_and(|(known, uri)| {
        known.host_str() == Some("localhost")
            && (known.scheme(), known.host_str(), known.path(), known.query())
                == (uri.scheme(), uri.host_str(), uri.path(), uri.query())
    })
}
