//! The gate: what every document passes before any other parser sees it (SA-1, PC-01 to PC-17).
//!
//! Parsers differ, and forged documents live from the differences; engines fetch, transform and count for anyone who
//! asks. So the gate lets through only documents that all parsers read alike and that ask an engine for nothing but
//! one plain signature at one plain place. Owns: the order of the rules ([`response`] and its siblings) and the proof
//! that a document kept them ([`GatedDocument`], which nothing else can make). Does not own: trust. What passes is
//! well shaped, nothing more.

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, Utc};
use roxmltree::Node;

use self::limits::Limits;
use crate::fault::Refusal;
use crate::names::ASSERTION;
use crate::policy::AlgorithmPolicy;

pub(crate) mod algorithms;
mod encrypted;
#[cfg(test)]
pub(crate) mod fixtures;
mod ids;
mod limits;
mod references;
mod scan;
mod signature;
mod status;
mod structure;
#[cfg(test)]
mod tests;
mod tree;

/// The longest message that is read, in bytes of XML, also after inflating (PC-01, PC-02).
pub const LONGEST_MESSAGE: usize = 256 * 1024;
/// The longest metadata that is read, in bytes.
pub const LONGEST_METADATA: usize = 10 * 1024 * 1024;

/// A document that passed every rule of the gate. Not trusted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatedDocument {
    text: String,
    /// The `ID` of the root element.
    pub root_id: Option<String>,
    /// The signature of the root element: well shaped, not verified.
    pub root_signature: Option<SignatureFacts>,
    /// Where the one assertion stands.
    pub assertion: AssertionPlace,
    /// Where the plain assertion stands inside the root.
    assertion_range: Option<Range<usize>>,
}

impl GatedDocument {
    /// The document, without a byte order mark.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The document without its plain assertion, for whoever reads the assertion from signed bytes: half the work of
    /// parsing it twice.
    pub(crate) fn envelope(&self) -> Cow<'_, str> {
        let cut = self.assertion_range.as_ref().and_then(|range| {
            let (before, behind) = (self.text.get(..range.start)?, self.text.get(range.end..)?);
            Some([before, behind].concat())
        });
        cut.map_or(Cow::Borrowed(&self.text), Cow::Owned)
    }
}

/// Where the one assertion of a document stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AssertionPlace {
    /// In plain text, as child of the response or as the root.
    Plain {
        /// Its `ID`.
        id: String,
        /// Its own signature: well shaped, not verified.
        signature: Option<SignatureFacts>,
    },
    /// Encrypted, as child of the response.
    Encrypted,
    /// Nowhere: an error, a request, metadata.
    #[default]
    None,
}

/// What a signature says of itself (XML Signature 4.4.2, 4.4.3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureFacts {
    /// The URI of the signature algorithm.
    pub method: String,
    /// The URI of the digest algorithm.
    pub digest: String,
    /// Whether either of them uses SHA-1.
    pub uses_sha1: bool,
}

/// The messages that travel through a browser (SAML Core 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// `samlp:Response`.
    Response,
    /// `samlp:AuthnRequest`.
    AuthnRequest,
    /// `samlp:LogoutRequest`.
    LogoutRequest,
    /// `samlp:LogoutResponse`.
    LogoutResponse,
}

impl MessageKind {
    /// The name of the field or query parameter that carries it (SAML Bindings 3.4.4.1, 3.5.4).
    #[must_use]
    pub fn parameter(self) -> &'static str {
        match self {
            Self::AuthnRequest | Self::LogoutRequest => "SAMLRequest",
            Self::Response | Self::LogoutResponse => "SAMLResponse",
        }
    }

    /// The local name of its element.
    #[must_use]
    pub fn local_name(self) -> &'static str {
        match self {
            Self::Response => "Response",
            Self::AuthnRequest => "AuthnRequest",
            Self::LogoutRequest => "LogoutRequest",
            Self::LogoutResponse => "LogoutResponse",
        }
    }
}

/// The gate for a `Response` (PC-01 to PC-16). One that reports an error passes when it holds no assertion (ER-1).
///
/// # Errors
/// The first rule that it breaks.
pub fn response(
    text: &[u8],
    algorithms: &AlgorithmPolicy,
    now: DateTime<Utc>,
) -> Result<GatedDocument, Refusal> {
    message(text, MessageKind::Response, algorithms, now)
}

/// The gate for a decrypted assertion, which is the root of its own document (DC-1, GT-15).
///
/// # Errors
/// The first rule that it breaks.
pub fn assertion(
    text: &[u8],
    algorithms: &AlgorithmPolicy,
    now: DateTime<Utc>,
) -> Result<GatedDocument, Refusal> {
    let takes_sha1 = algorithms.takes_sha1(now);
    pass(text, &Size::MESSAGE, |root| structure::assertion(root, takes_sha1))
}

/// The gate for a message of any kind (PC-17, GT-20).
///
/// # Errors
/// The first rule that it breaks.
pub fn message(
    text: &[u8],
    kind: MessageKind,
    algorithms: &AlgorithmPolicy,
    now: DateTime<Utc>,
) -> Result<GatedDocument, Refusal> {
    let takes_sha1 = algorithms.takes_sha1(now);
    pass(text, &Size::MESSAGE, |root| structure::message(root, kind, takes_sha1))
}

/// The gate for metadata: `EntityDescriptor` or `EntitiesDescriptor`, of larger size (ME-1).
///
/// # Errors
/// The first rule that it breaks.
pub fn metadata(
    text: &[u8],
    algorithms: &AlgorithmPolicy,
    now: DateTime<Utc>,
) -> Result<GatedDocument, Refusal> {
    let takes_sha1 = algorithms.takes_sha1(now);
    pass(text, &Size::METADATA, |root| structure::metadata(root, takes_sha1))
}

/// The gate for metadata that is only read, because the caller vouches for it otherwise (ME-8). No engine ever sees its
/// signatures, which may have any form, as those of old federations do: what comes back is text, which cannot be
/// verified.
///
/// # Errors
/// The first rule that it breaks.
pub fn readable_metadata(text: &[u8]) -> Result<String, Refusal> {
    pass(text, &Size::METADATA, structure::readable_metadata).map(|document| document.text)
}

/// How large a document may be.
struct Size {
    bytes: usize,
    limits: Limits,
}

impl Size {
    const MESSAGE: Self = Self { bytes: LONGEST_MESSAGE, limits: limits::MESSAGE };
    const METADATA: Self = Self { bytes: LONGEST_METADATA, limits: limits::METADATA };
}

/// What the rules of structure found out.
struct Facts {
    root_id: Option<String>,
    root_signature: Option<SignatureFacts>,
    assertion: AssertionPlace,
}

/// The order of the gate: nothing later runs when something earlier refuses.
fn pass(
    bytes: &[u8],
    size: &Size,
    rules: impl Fn(Node<'_, '_>) -> Result<Facts, Refusal>,
) -> Result<GatedDocument, Refusal> {
    let text = scan::scan(bytes, size.bytes)?;
    limits::check(&text, &size.limits)?;
    references::are_characters(&text)?;
    let tree = tree::parse(&text, &size.limits)?;
    let root = tree.root_element();
    let Facts { root_id, root_signature, assertion } = rules(root)?;
    let inner = root.children().find(|node| tree::is(*node, ASSERTION, "Assertion"));
    let assertion_range = inner.map(|node| node.range());
    Ok(GatedDocument { text, root_id, root_signature, assertion, assertion_range })
}
