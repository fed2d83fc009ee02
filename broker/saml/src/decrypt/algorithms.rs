//! The algorithms of XML Encryption that are taken, and nothing else (DC-2, DC-3).
//!
//! RSA 1.5 and 3DES have no entry here, so that no configuration can bring them back.

use openssl::hash::MessageDigest;
use openssl::symm::Cipher;

/// How the content is encrypted (XML Encryption 1.1 sections 5.2.2 and 5.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCipher {
    /// `xmlenc#aes128-cbc`
    Aes128Cbc,
    /// `xmlenc#aes192-cbc`
    Aes192Cbc,
    /// `xmlenc#aes256-cbc`
    Aes256Cbc,
    /// `xmlenc11#aes128-gcm`
    Aes128Gcm,
    /// `xmlenc11#aes192-gcm`
    Aes192Gcm,
    /// `xmlenc11#aes256-gcm`
    Aes256Gcm,
}

impl ContentCipher {
    /// Every cipher.
    pub const ALL: [Self; 6] = [
        Self::Aes128Cbc,
        Self::Aes192Cbc,
        Self::Aes256Cbc,
        Self::Aes128Gcm,
        Self::Aes192Gcm,
        Self::Aes256Gcm,
    ];

    /// Its name in documents and metadata.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::Aes128Cbc => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
            Self::Aes192Cbc => "http://www.w3.org/2001/04/xmlenc#aes192-cbc",
            Self::Aes256Cbc => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
            Self::Aes128Gcm => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            Self::Aes192Gcm => "http://www.w3.org/2009/xmlenc11#aes192-gcm",
            Self::Aes256Gcm => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
        }
    }

    pub(crate) fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.uri() == uri)
    }

    /// Whether it notices a changed ciphertext by itself (DC-9).
    #[must_use]
    pub fn is_authenticated(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm)
    }

    pub(crate) fn cipher(self) -> Cipher {
        match self {
            Self::Aes128Cbc => Cipher::aes_128_cbc(),
            Self::Aes192Cbc => Cipher::aes_192_cbc(),
            Self::Aes256Cbc => Cipher::aes_256_cbc(),
            Self::Aes128Gcm => Cipher::aes_128_gcm(),
            Self::Aes192Gcm => Cipher::aes_192_gcm(),
            Self::Aes256Gcm => Cipher::aes_256_gcm(),
        }
    }
}

/// A hash of RSA-OAEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OaepHash {
    /// SHA-1: the default of the standard, and no weakness in this place.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl OaepHash {
    /// Its name as digest (`ds:DigestMethod`).
    #[must_use]
    pub fn digest_uri(self) -> &'static str {
        match self {
            Self::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
            Self::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        }
    }

    /// Its name as mask generation function (`xenc11:MGF`).
    #[must_use]
    pub fn mask_uri(self) -> &'static str {
        match self {
            Self::Sha1 => "http://www.w3.org/2009/xmlenc11#mgf1sha1",
            Self::Sha256 => "http://www.w3.org/2009/xmlenc11#mgf1sha256",
        }
    }

    pub(crate) fn from_digest_uri(uri: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256].into_iter().find(|hash| hash.digest_uri() == uri)
    }

    pub(crate) fn from_mask_uri(uri: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256].into_iter().find(|hash| hash.mask_uri() == uri)
    }

    pub(crate) fn message_digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
        }
    }
}

/// How the content key travels: RSA-OAEP (XML Encryption 1.1 section 5.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyTransport {
    /// The hash of the label.
    pub digest: OaepHash,
    /// The hash of the mask.
    pub mask: OaepHash,
}

impl KeyTransport {
    /// `xmlenc#rsa-oaep-mgf1p` with SHA-1, which every product reads.
    pub const OAEP: Self = Self { digest: OaepHash::Sha1, mask: OaepHash::Sha1 };
    /// `xmlenc11#rsa-oaep` with SHA-256 for digest and mask.
    pub const OAEP_SHA256: Self = Self { digest: OaepHash::Sha256, mask: OaepHash::Sha256 };
    /// The name whose mask is always SHA-1.
    pub(crate) const URI_MGF1P: &'static str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
    /// The name that states its mask.
    pub(crate) const URI_11: &'static str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";

    /// Its name in documents and metadata.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self.mask {
            OaepHash::Sha1 => Self::URI_MGF1P,
            OaepHash::Sha256 => Self::URI_11,
        }
    }
}
