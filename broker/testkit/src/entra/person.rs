//! People of a directory.

use serde_json::{Map, Value, json};

/// A person in a directory, as Graph and the ID token show them.
#[derive(Clone, Debug)]
pub struct Person {
    pub(super) key: String,
    pub(super) id: String,
    /// Graph's properties by their Graph names.
    pub(super) properties: Map<String, Value>,
    /// Claims that win over all others.
    pub(super) claims: Map<String, Value>,
    /// Memberships to be written when the person is added.
    pub(super) groups: Vec<String>,
    pub(super) directory_roles: Vec<String>,
    pub(super) identity_provider: Option<GuestHome>,
    pub(super) domain_verified: Option<bool>,
    pub(super) does_mfa: bool,
    pub(super) refused: Option<u32>,
}

/// Where a guest comes from.
#[derive(Clone, Debug)]
pub(super) enum GuestHome {
    Directory(String),
    Personal,
}

impl Person {
    /// A member with this short name (the page's button is `user-{key}`) and object id.
    #[must_use]
    pub fn new(key: &str, oid: &str) -> Self {
        let mut properties = Map::new();
        properties.insert("displayName".to_owned(), json!(key));
        properties.insert("accountEnabled".to_owned(), json!(true));
        properties.insert("userType".to_owned(), json!("Member"));
        properties.insert("businessPhones".to_owned(), json!([]));
        Self {
            key: key.to_owned(),
            id: oid.to_ascii_lowercase(),
            properties,
            claims: Map::new(),
            groups: Vec::new(),
            directory_roles: Vec::new(),
            identity_provider: None,
            domain_verified: None,
            does_mfa: false,
            refused: None,
        }
    }

    /// Their object id.
    #[must_use]
    pub fn oid(&self) -> &str {
        &self.id
    }

    /// The `mail` property; also the UPN when none is given.
    #[must_use]
    pub fn email(self, email: &str) -> Self {
        let has_upn = self.properties.contains_key("userPrincipalName");
        let person = if has_upn { self } else { self.upn_is(email) };
        person.property("mail", json!(email))
    }

    /// The user principal name; without one it is `{key}@{domain of the directory}`.
    #[must_use]
    pub fn upn_is(self, upn: &str) -> Self {
        self.property("userPrincipalName", json!(upn))
    }

    /// The full name.
    #[must_use]
    pub fn display_name(self, name: &str) -> Self {
        self.property("displayName", json!(name))
    }

    /// First and last name.
    #[must_use]
    pub fn names(self, given: &str, surname: &str) -> Self {
        self.property("givenName", json!(given)).property("surname", json!(surname))
    }

    /// `department`.
    #[must_use]
    pub fn department(self, department: &str) -> Self {
        self.property("department", json!(department))
    }

    /// `jobTitle`.
    #[must_use]
    pub fn job_title(self, title: &str) -> Self {
        self.property("jobTitle", json!(title))
    }

    /// `officeLocation`.
    #[must_use]
    pub fn office(self, office: &str) -> Self {
        self.property("officeLocation", json!(office))
    }

    /// `accountEnabled`.
    #[must_use]
    pub fn enabled(self, enabled: bool) -> Self {
        self.property("accountEnabled", json!(enabled))
    }

    /// Any property of Graph's user resource; `null` means that it was cleared.
    #[must_use]
    pub fn property(mut self, name: &str, value: Value) -> Self {
        self.properties.insert(name.to_owned(), value);
        self
    }

    /// Puts the person into the group with this id when they are added.
    #[must_use]
    pub fn group(mut self, id: &str) -> Self {
        self.groups.push(id.to_owned());
        self
    }

    /// A directory role, by template id: shown as `wids`.
    #[must_use]
    pub fn directory_role(mut self, template_id: &str) -> Self {
        self.directory_roles.push(template_id.to_owned());
        self
    }

    /// A guest whose home is another directory (`acct` 1, `idp` of that directory).
    #[must_use]
    pub fn guest_of(mut self, home_directory: &str) -> Self {
        self.identity_provider = Some(GuestHome::Directory(home_directory.to_ascii_lowercase()));
        self.property("userType", json!("Guest"))
    }

    /// A guest with a personal Microsoft account (`idp` is `live.com`).
    #[must_use]
    pub fn guest_with_personal_account(mut self) -> Self {
        self.identity_provider = Some(GuestHome::Personal);
        self.property("userType", json!("Guest"))
    }

    /// What the optional claim `xms_edov` says; without a call it is left out.
    #[must_use]
    pub fn domain_verified(mut self, verified: bool) -> Self {
        self.domain_verified = Some(verified);
        self
    }

    /// Whether they do the second factor when an authentication context asks for it.
    #[must_use]
    pub fn does_mfa(mut self, does: bool) -> Self {
        self.does_mfa = does;
        self
    }

    /// Microsoft refuses them with this AADSTS number (50053, 50126, 53003, ...).
    #[must_use]
    pub fn refused_with(mut self, aadsts: u32) -> Self {
        self.refused = Some(aadsts);
        self
    }

    /// Ends [`Person::refused_with`].
    #[must_use]
    pub fn not_refused(mut self) -> Self {
        self.refused = None;
        self
    }

    /// Sets any claim of the ID token to any value, also a hostile one.
    #[must_use]
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    pub(super) fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }

    pub(super) fn upn(&self, domain: &str) -> String {
        if let Some(upn) = self.text("userPrincipalName") {
            if self.is_guest() && !upn.contains("#EXT#") {
                return format!("{}#EXT#@{domain}", upn.replace('@', "_"));
            }
            return upn.to_owned();
        }
        format!("{}@{domain}", self.key)
    }

    pub(super) fn is_guest(&self) -> bool {
        self.identity_provider.is_some() || self.text("userType") == Some("Guest")
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.properties.get("accountEnabled") != Some(&json!(false))
    }

    /// Whether a `login_hint` means this person: a name, or the claim of the same name.
    pub(super) fn is_hinted_by(&self, hint: &str, domain: &str) -> bool {
        self.key == hint
            || self.id == hint
            || self.login_hint() == hint
            || self.upn(domain).eq_ignore_ascii_case(hint)
            || self.text("mail").is_some_and(|mail| mail.eq_ignore_ascii_case(hint))
    }

    /// The value of the optional claim `login_hint`: opaque, and no name.
    pub(super) fn login_hint(&self) -> String {
        format!("O.{}", crate::values::sha256_base64url(&self.id))
    }
}
