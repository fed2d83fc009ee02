//! Encryption of assertions for a recipient's certificate (SW-12).
//!
//! Owns: the `EncryptedAssertion` that we write. Does not own: which recipient wants one, and the algorithms, which
//! are those that we read ([`crate::decrypt`]).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::rsa::Padding;
use openssl::symm::{Crypter, Mode};

use crate::certificate::Certificate;
use crate::decrypt::open::{BLOCK, GCM_IV};
use crate::decrypt::{ContentCipher, KeyTransport, OaepHash};
use crate::fault::{Fault, Refusal};
use crate::names::{ASSERTION, DSIG, XENC, XENC11};
use crate::xml;

/// Encrypts an `Assertion` that stands alone into an `EncryptedAssertion` (SAML Core 2.3.4), with the wrapped key inside
/// `KeyInfo`, where every product looks for it.
///
/// # Errors
/// [`Fault::Malformed`] when the text is no assertion; [`Fault::Metadata`] when the certificate's key cannot encrypt.
pub fn assertion(
    text: &str,
    recipient: &Certificate,
    cipher: ContentCipher,
    transport: KeyTransport,
) -> Result<String, Refusal> {
    if !xml::parse(text)?.root_element().has_tag_name((ASSERTION, "Assertion")) {
        return Err(Refusal::new(Fault::Malformed, "another element", "an Assertion"));
    }
    element(text, recipient, cipher, transport)
}

/// Encrypts whatever text it is.
pub(crate) fn element(
    text: &str,
    recipient: &Certificate,
    cipher: ContentCipher,
    transport: KeyTransport,
) -> Result<String, Refusal> {
    let failed = |_| Refusal::new(Fault::Metadata, "a key that cannot encrypt", "an RSA key");
    let mut key = vec![0; cipher.cipher().key_len()];
    openssl::rand::rand_bytes(&mut key).map_err(failed)?;
    let content = encipher(cipher, &key, text.as_bytes()).map_err(failed)?;
    let wrapped = wrap(&key, recipient, transport).map_err(failed)?;
    Ok(document(cipher, transport, &wrapped, &content))
}

fn wrap(
    key: &[u8],
    recipient: &Certificate,
    transport: KeyTransport,
) -> Result<Vec<u8>, ErrorStack> {
    let mut encrypter = Encrypter::new(recipient.public_key())?;
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
    encrypter.set_rsa_oaep_md(transport.digest.message_digest())?;
    encrypter.set_rsa_mgf1_md(transport.mask.message_digest())?;
    let mut wrapped = vec![0; encrypter.encrypt_len(key)?];
    let length = encrypter.encrypt(key, &mut wrapped)?;
    wrapped.truncate(length);
    Ok(wrapped)
}

/// Initialisation vector, ciphertext and, for GCM, the tag (XML Encryption 5.2).
fn encipher(cipher: ContentCipher, key: &[u8], text: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut iv = vec![0; if cipher.is_authenticated() { GCM_IV } else { BLOCK }];
    openssl::rand::rand_bytes(&mut iv)?;
    // PKCS #7 padding is one that XML Encryption allows.
    let mut crypter = Crypter::new(cipher.cipher(), Mode::Encrypt, key, Some(&iv))?;
    let mut octets = vec![0; text.len() + BLOCK];
    let mut length = crypter.update(text, &mut octets)?;
    length += crypter.finalize(octets.get_mut(length..).unwrap_or_default())?;
    octets.truncate(length);
    let mut tag = Vec::new();
    if cipher.is_authenticated() {
        tag.resize(BLOCK, 0);
        crypter.get_tag(&mut tag)?;
    }
    Ok([iv, octets, tag].concat())
}

fn document(
    cipher: ContentCipher,
    transport: KeyTransport,
    wrapped: &[u8],
    content: &[u8],
) -> String {
    let mask = match transport.mask {
        OaepHash::Sha1 => String::new(),
        other => {
            let uri = other.mask_uri();
            format!("<xenc11:MGF xmlns:xenc11=\"{XENC11}\" Algorithm=\"{uri}\"/>")
        }
    };
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"{ASSERTION}\"><xenc:EncryptedData \
         xmlns:xenc=\"{XENC}\" Type=\"{XENC}Element\"><xenc:EncryptionMethod \
         Algorithm=\"{}\"/><ds:KeyInfo xmlns:ds=\"{DSIG}\"><xenc:EncryptedKey>\
         <xenc:EncryptionMethod Algorithm=\"{}\"><ds:DigestMethod Algorithm=\"{}\"/>{mask}\
         </xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue>\
         </xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData>\
         <xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>\
         </saml:EncryptedAssertion>",
        cipher.uri(),
        transport.uri(),
        transport.digest.digest_uri(),
        STANDARD.encode(wrapped),
        STANDARD.encode(content),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::fixtures::{EC, RSA};

    const PLAIN: &str =
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\"/>";

    #[test]
    fn encryption_takes_assertions_and_rsa_keys_only() {
        let (cipher, transport) = (ContentCipher::Aes256Gcm, KeyTransport::OAEP);
        assert!(assertion("<a/>", &RSA.certificate, cipher, transport).is_err());
        assert!(assertion(PLAIN, &EC.certificate, cipher, transport).is_err());
    }
}
