//! What a test can change about the identity provider while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::misbehaviour::Misbehaviour;
pub use crate::provider::AutomaticSignIn;

/// Whose shapes it speaks in: issuer, claim URIs, NameID, prefixes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Vendor {
    /// None in particular: claims by their short names.
    #[default]
    Generic,
    /// Microsoft Entra ID.
    Entra {
        /// The directory's id.
        tid: String,
    },
    /// Microsoft AD FS.
    Adfs,
    /// Okta.
    Okta,
    /// Google Workspace.
    Google,
}

/// Which elements are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The response only.
    Response,
    /// The assertion only.
    Assertion,
    /// Both.
    Both,
    /// Nothing.
    Nothing,
}

/// The hash of signatures and digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hash {
    /// What everybody should use.
    #[default]
    Sha256,
    /// What Entra still offers.
    Sha1,
}

/// How the content of an assertion is encrypted (W3C xmlenc-core 1.1, section 5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cipher {
    /// `http://www.w3.org/2001/04/xmlenc#aes128-cbc`
    Aes128Cbc,
    /// `http://www.w3.org/2001/04/xmlenc#aes256-cbc`: AD FS, OneLogin.
    #[default]
    Aes256Cbc,
    /// `http://www.w3.org/2009/xmlenc11#aes128-gcm`
    Aes128Gcm,
    /// `http://www.w3.org/2009/xmlenc11#aes256-gcm`
    Aes256Gcm,
}

/// How the content's key is encrypted (W3C xmlenc-core 1.1, section 5.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyTransport {
    /// `rsa-oaep-mgf1p` with SHA-1: what most use.
    #[default]
    OaepSha1,
    /// `xmlenc11#rsa-oaep` with SHA-256 and MGF1 with SHA-256.
    OaepSha256,
    /// RSA PKCS #1 v1.5: only to see it refused.
    Rsa15,
}

/// How assertions are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encryption {
    /// The content.
    pub cipher: Cipher,
    /// The key.
    pub transport: KeyTransport,
    /// The EncryptedKey stands beside the EncryptedData, which points to it (Okta), not inside it.
    pub key_beside: bool,
    /// The key transport's DigestMethod is left out, which means SHA-1 (PingFederate, OneLogin).
    pub no_digest_method: bool,
    /// Only the first bytes of the ciphertext are sent: only to see it refused.
    pub cut_to: Option<usize>,
}

/// A name identifier (SAML Core 2.2.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameId {
    /// The text.
    pub value: String,
    /// `Format`.
    pub format: Option<String>,
    /// `NameQualifier`.
    pub name_qualifier: Option<String>,
    /// `SPNameQualifier`.
    pub sp_name_qualifier: Option<String>,
}

impl NameId {
    /// One with a format.
    #[must_use]
    pub fn new(format: &str, value: &str) -> Self {
        Self { value: value.to_owned(), format: Some(format.to_owned()), ..Self::default() }
    }
}

/// An attribute (SAML Core 2.7.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// `Name`.
    pub name: String,
    /// `NameFormat`.
    pub name_format: Option<String>,
    /// `FriendlyName`.
    pub friendly_name: Option<String>,
    /// One AttributeValue each.
    pub values: Vec<String>,
}

impl Attribute {
    /// One with these values and no format.
    #[must_use]
    pub fn new<T: Into<String>>(name: &str, values: impl IntoIterator<Item = T>) -> Self {
        Self {
            name: name.to_owned(),
            name_format: None,
            friendly_name: None,
            values: values.into_iter().map(Into::into).collect(),
        }
    }
}

/// What `SessionIndex` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SessionIndex {
    /// Another one each time.
    #[default]
    Fresh,
    /// Always this one.
    Fixed(String),
    /// There is none.
    Missing,
}

/// A status other than success (SAML Core 3.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusError {
    /// The outer code, for example `Responder`; the prefix `urn:oasis:names:tc:SAML:2.0:status:` is added.
    pub code: String,
    /// The inner code.
    pub inner: Option<String>,
    /// The message, for example `AADSTS50105: ...`.
    pub message: Option<String>,
}

impl StatusError {
    /// Outer code, inner code, message.
    #[must_use]
    pub fn new(code: &str, inner: &str, message: &str) -> Self {
        let (inner, message) = (Some(inner.to_owned()), Some(message.to_owned()));
        Self { code: code.to_owned(), inner, message }
    }
}

/// How its own logout messages travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binding {
    /// HTTP-Redirect (SAML Bindings 3.4).
    #[default]
    Redirect,
    /// HTTP-POST (SAML Bindings 3.5).
    Post,
}

/// Changes a document.
pub type Tamper = Arc<dyn Fn(String) -> String + Send + Sync>;

/// Everything that can be turned; see [`super::FakeSamlIdp::world`].
#[derive(Clone)]
pub struct Settings {
    /// Whose shapes.
    pub vendor: Vendor,
    /// The entity id, instead of the vendor's.
    pub entity_id: Option<String>,
    /// What is signed.
    pub sign: Sign,
    /// With which hash.
    pub hash: Hash,
    /// Whether assertions are encrypted; the service provider needs a certificate for it.
    pub encrypt: Option<Encryption>,
    /// NameIDs of single people by subject, whatever the request asks for.
    pub name_ids: BTreeMap<String, NameId>,
    /// The format for everybody when the request asks for none, instead of the vendor's.
    pub name_id_format: Option<String>,
    /// More attributes of single people by subject, beside the vendor's.
    pub attributes: BTreeMap<String, Vec<Attribute>>,
    /// Above so many groups Entra sends a link instead (150).
    pub most_groups: usize,
    /// `SessionIndex`.
    pub session_index: SessionIndex,
    /// `SessionNotOnOrAfter`, in seconds from now.
    pub session_ends_in: Option<i64>,
    /// Added to `AuthnInstant`.
    pub authn_instant_offset: i64,
    /// The context class; without it what was asked for, or PasswordProtectedTransport.
    pub authn_context: Option<String>,
    /// How long assertions are valid.
    pub lifetime: i64,
    /// Added to the clock: an identity provider whose clock is wrong.
    pub clock_offset: i64,
    /// Everybody gets this status instead of an assertion.
    pub status: Option<StatusError>,
    /// Who is signed in without being asked.
    pub automatic: AutomaticSignIn,
    /// `RelayState` of unsolicited responses.
    pub unsolicited_relay_state: Option<String>,
    /// Base64 is broken into lines, as some do; legal.
    pub base64_lines: bool,
    /// How its logout messages travel.
    pub logout_binding: Binding,
    /// It demands signed requests, and its metadata says so.
    pub wants_signed_requests: bool,
    /// Its metadata is signed.
    pub sign_metadata: bool,
    /// `validUntil` of its metadata, in seconds from now.
    pub metadata_valid_for: Option<i64>,
    /// `cacheDuration` of its metadata, for example `PT1H`.
    pub metadata_cache_duration: Option<String>,
    /// Faults in force.
    pub faults: Vec<Misbehaviour>,
    /// Changes the response before anything is signed or encrypted.
    pub tamper_before_signing: Option<Tamper>,
    /// Changes the finished response before base64.
    pub tamper: Option<Tamper>,
}

impl Settings {
    /// How this vendor behaves.
    #[must_use]
    pub fn of(vendor: Vendor) -> Self {
        Self {
            sign: if vendor == Vendor::Okta { Sign::Both } else { Sign::Assertion },
            vendor,
            entity_id: None,
            hash: Hash::default(),
            encrypt: None,
            name_ids: BTreeMap::new(),
            name_id_format: None,
            attributes: BTreeMap::new(),
            most_groups: 150,
            session_index: SessionIndex::default(),
            session_ends_in: None,
            authn_instant_offset: 0,
            authn_context: None,
            lifetime: 3600,
            clock_offset: 0,
            status: None,
            automatic: AutomaticSignIn::Off,
            unsolicited_relay_state: None,
            base64_lines: false,
            logout_binding: Binding::default(),
            wants_signed_requests: false,
            sign_metadata: false,
            metadata_valid_for: None,
            metadata_cache_duration: None,
            faults: Vec::new(),
            tamper_before_signing: None,
            tamper: None,
        }
    }

    /// Changes the finished response.
    pub fn tamper_with(&mut self, change: impl Fn(String) -> String + Send + Sync + 'static) {
        self.tamper = Some(Arc::new(change));
    }

    /// Changes the response before it is signed.
    pub fn tamper_before(&mut self, change: impl Fn(String) -> String + Send + Sync + 'static) {
        self.tamper_before_signing = Some(Arc::new(change));
    }

    pub(super) fn has(&self, fault: &Misbehaviour) -> bool {
        self.faults.contains(fault)
    }
}
