//! Why a document is refused: one fault a rule, with what was seen and what was expected.

use std::fmt;

use thiserror::Error;

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal),+ $(,)?) => {
        /// A rule that a document broke. [`Fault::code`] is its reason code in the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Fault { $($(#[doc = $doc])* $name),+ }

        impl Fault {
            /// Every fault, in the order of the rules.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The reason code, `<area>.<snake>`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

faults! {
    /// Longer than is read, compressed or not (PC-01, PC-02).
    TooLarge = "saml.document_too_large",
    /// Not base64, or its compressed form is broken (PC-01, PC-02).
    Encoding = "saml.encoding_invalid",
    /// Not UTF-8 (PC-03).
    NotUtf8 = "saml.not_utf8",
    /// A document type, an entity or a processing instruction (PC-04, PC-05).
    Markup = "saml.markup_refused",
    /// Not well-formed XML (PC-06).
    Malformed = "saml.malformed",
    /// Deeper, wider or with more nodes than any honest document (PC-07).
    TooComplex = "saml.too_complex",
    /// Another message than expected, another version, or an element that has no place here (PC-08, PC-17).
    Structure = "saml.structure_refused",
    /// None, or more than one assertion (PC-09).
    AssertionCount = "saml.assertion_count",
    /// An assertion inside `Advice` (SA-5).
    AdviceAssertion = "saml.advice_assertion",
    /// An id that stands twice (PC-10).
    DuplicateId = "saml.duplicate_id",
    /// No signature where one is needed (PC-11, SI-5).
    Unsigned = "saml.unsigned",
    /// A signature at a place or with a reference, transform or content that has no use here (PC-11 to PC-15).
    SignatureShape = "saml.signature_shape",
    /// A signature or digest algorithm, or a key, that is too weak (PC-14).
    WeakAlgorithm = "saml.weak_algorithm",
    /// No configured certificate verifies the signature (SI-1, SI-2).
    BadSignature = "saml.bad_signature",
    /// It cannot be decrypted, whatever the cause (DC-9).
    Decryption = "saml.decryption_failed",
    /// An encryption algorithm that is refused (DC-2).
    EncryptionAlgorithm = "saml.encryption_algorithm",
    /// The identity provider reports an error (ER-1).
    Status = "saml.status",
    /// Another issuer than the configured one (VA-02).
    IssuerMismatch = "saml.issuer_mismatch",
    /// Sent to another address (VA-03).
    DestinationMismatch = "saml.destination_mismatch",
    /// Meant for another recipient (VA-08).
    RecipientMismatch = "saml.recipient_mismatch",
    /// Meant for another audience, or for none (VA-06).
    AudienceMismatch = "saml.audience_mismatch",
    /// Too late (VA-05, VA-08, VA-11).
    Expired = "saml.expired",
    /// Too early (VA-04, VA-05).
    NotYetValid = "saml.not_yet_valid",
    /// No conditions, or one that nobody here understands (VA-05, VA-07).
    Condition = "saml.condition_refused",
    /// Nobody asked for it (VA-09).
    Unsolicited = "saml.unsolicited",
    /// The answer to another request (VA-09).
    InResponseTo = "saml.in_response_to_mismatch",
    /// No single subject that can be used (VA-08).
    Subject = "saml.subject_invalid",
    /// An attribute that the settings require is missing or has another value.
    Attribute = "saml.attribute_mismatch",
    /// No statement that the person authenticated (VA-10).
    AuthnStatement = "saml.authn_statement_missing",
    /// Another authentication context than the requested one (VA-10).
    AuthnContext = "saml.authn_context_mismatch",
    /// The person was to authenticate anew and did not (VA-12).
    NotFresh = "saml.authentication_too_old",
    /// More attributes than are read (VA-15).
    TooManyAttributes = "saml.too_many_attributes",
    /// Metadata of no use: another entity, no role, no signing certificate, too old (ME-2 to ME-8).
    Metadata = "saml.metadata_invalid",
    /// More work than there are places for (API-5).
    Busy = "server.busy",
}

/// A refusal. Seen and expected are cut and hold no raw XML, so that admins and logs may have them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Refusal {
    /// The rule.
    pub fault: Fault,
    /// What the document says: untrusted text, cut by [`shorten`].
    pub seen: String,
    /// What it should say.
    pub expected: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seen {}, expected {}", self.seen, self.expected)
    }
}

impl Refusal {
    /// A refusal with both sides shown, cut to what a page can hold.
    #[must_use]
    pub fn new(fault: Fault, seen: impl fmt::Display, expected: impl fmt::Display) -> Self {
        let (seen, expected) = (shorten(&seen.to_string()), shorten(&expected.to_string()));
        Self { fault, seen, expected }
    }
}

/// Untrusted text for an admin: no control characters, at most 300 characters.
#[must_use]
pub fn shorten(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(301).collect();
    match clean.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
        None => clean,
    }
}
