//! The allow-list of signature and digest algorithms (PC-14, RB-3): SHA-256 and stronger with RSA or ECDSA, and SHA-1
//! where a connector takes it for now. Everything else has no name here.

use openssl::hash::MessageDigest;
use openssl::pkey::Id;

/// A signature algorithm (XML Signature 1.1 section 6.4, RFC 9231 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignatureMethod {
    /// The kind of key.
    pub(crate) key: Id,
    /// The digest.
    pub(crate) digest: Digest,
}

/// A digest algorithm (XML Signature 1.1 section 6.2, RFC 9231 section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digest {
    /// SHA-1: only with an end date.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// RSA with SHA-256.
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// ECDSA with SHA-256.
pub(crate) const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

impl SignatureMethod {
    /// The method of this URI, exactly as written in the specifications.
    pub(crate) fn of(uri: &str) -> Option<Self> {
        let (key, digest) = match uri {
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => (Id::RSA, Digest::Sha1),
            RSA_SHA256 => (Id::RSA, Digest::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => (Id::RSA, Digest::Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => (Id::RSA, Digest::Sha512),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1" => (Id::EC, Digest::Sha1),
            ECDSA_SHA256 => (Id::EC, Digest::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => (Id::EC, Digest::Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512" => (Id::EC, Digest::Sha512),
            _ => return None,
        };
        Some(Self { key, digest })
    }
}

impl Digest {
    /// The digest of this URI.
    pub(crate) fn of(uri: &str) -> Option<Self> {
        Some(match uri {
            "http://www.w3.org/2000/09/xmldsig#sha1" => Self::Sha1,
            "http://www.w3.org/2001/04/xmlenc#sha256" => Self::Sha256,
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Self::Sha384,
            "http://www.w3.org/2001/04/xmlenc#sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// The same for openssl.
    pub(crate) fn message_digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }
}
