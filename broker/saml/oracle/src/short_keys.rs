//! The one borrowed step: bergshamra refuses to verify by RSA keys below 2048 bits, as we do, but half of the public
//! corpora is signed by such keys. For these, OpenSSL does the arithmetic of RSA; which octets are signed, the digests of
//! what they name and the verdict stay bergshamra's.

use kryptering::{HashAlgorithm, SignatureAlgorithm};
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Public};
use openssl::sign::Verifier;
use openssl::x509::X509;

/// An RSA key of less than 2048 bits, for one signature algorithm.
pub(crate) struct ShortKey {
    key: PKey<Public>,
    hash: HashAlgorithm,
}

impl ShortKey {
    /// The key of a certificate, if it is one of these and the URI names an algorithm for it.
    pub(crate) fn of(pem: &str, method: &str) -> Option<Self> {
        let key = X509::from_pem(pem.as_bytes()).ok()?.public_key().ok()?;
        let hash = match method {
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => HashAlgorithm::Sha1,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => HashAlgorithm::Sha256,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => HashAlgorithm::Sha384,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => HashAlgorithm::Sha512,
            _ => return None,
        };
        (key.id() == Id::RSA && key.bits() < 2048).then_some(Self { key, hash })
    }
}

impl kryptering::Verifier for ShortKey {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RsaPkcs1v15(self.hash)
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> kryptering::Result<bool> {
        let digest = match self.hash {
            HashAlgorithm::Sha1 => MessageDigest::sha1(),
            HashAlgorithm::Sha384 => MessageDigest::sha384(),
            HashAlgorithm::Sha512 => MessageDigest::sha512(),
            _ => MessageDigest::sha256(),
        };
        let verified = Verifier::new(digest, &self.key)
            .and_then(|mut verifier| verifier.verify_oneshot(signature, data));
        Ok(verified.unwrap_or_default())
    }
}
