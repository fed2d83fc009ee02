//! EncryptedAssertion (SAML Core 2.3.4) with XML Encryption (W3C xmlenc-core 1.1).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, Pkcs1PublicEncryptingKey,
    PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::names::{DSIG, Style, XENC};
use super::settings::{Cipher, Encryption, KeyTransport};

/// The EncryptedAssertion around this assertion, for the key in SubjectPublicKeyInfo form (RFC 5280 4.1.2.7).
pub(super) fn encrypted_assertion(
    assertion: &str,
    public_key: &[u8],
    how: Encryption,
    style: Style,
) -> Result<String, Unspecified> {
    let mut key = vec![0; how.cipher.key_length()];
    aws_lc_rs::rand::fill(&mut key)?;
    let mut content = how.cipher.encrypt(&key, assertion.as_bytes())?;
    content.truncate(how.cut_to.unwrap_or(content.len()));
    let wrapped = how.transport.encrypt(public_key, &key)?;
    let (declaration, info) = (style.signature_namespace(), style.ds("KeyInfo"));
    let encrypted_key = encrypted_key(&wrapped, how);
    let key_info = if how.key_beside {
        format!(
            "<{info}{declaration}><{method} Type=\"{XENC}EncryptedKey\" URI=\"#_encrypted_key\"></{method}></{info}>",
            method = style.ds("RetrievalMethod"),
        )
    } else {
        format!("<{info}{declaration}>{encrypted_key}</{info}>")
    };
    let beside = if how.key_beside { encrypted_key.as_str() } else { "" };
    Ok(format!(
        "<{prefix}EncryptedAssertion{ours}><xenc:EncryptedData xmlns:xenc=\"{XENC}\" Type=\"{XENC}Element\">\
<xenc:EncryptionMethod Algorithm=\"{algorithm}\"></xenc:EncryptionMethod>{key_info}\
<xenc:CipherData><xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>{beside}\
</{prefix}EncryptedAssertion>",
        prefix = style.assertion,
        ours = style.assertion_namespace(),
        algorithm = how.cipher.uri(),
        value = STANDARD.encode(content),
    ))
}

fn encrypted_key(wrapped: &[u8], how: Encryption) -> String {
    let digest = |uri: &str| {
        format!("<ds:DigestMethod xmlns:ds=\"{DSIG}\" Algorithm=\"{uri}\"></ds:DigestMethod>")
    };
    let (algorithm, parameters) = match how.transport {
        KeyTransport::OaepSha1 if how.no_digest_method => {
            (format!("{XENC}rsa-oaep-mgf1p"), String::new())
        }
        KeyTransport::OaepSha1 => (format!("{XENC}rsa-oaep-mgf1p"), digest(&format!("{DSIG}sha1"))),
        KeyTransport::OaepSha256 => (
            "http://www.w3.org/2009/xmlenc11#rsa-oaep".to_owned(),
            format!(
                "{}<xenc11:MGF xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\" \
Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"></xenc11:MGF>",
                digest(&format!("{XENC}sha256"))
            ),
        ),
        KeyTransport::Rsa15 => (format!("{XENC}rsa-1_5"), String::new()),
    };
    format!(
        "<xenc:EncryptedKey xmlns:xenc=\"{XENC}\" Id=\"_encrypted_key\">\
<xenc:EncryptionMethod Algorithm=\"{algorithm}\">{parameters}</xenc:EncryptionMethod>\
<xenc:CipherData><xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>",
        value = STANDARD.encode(wrapped),
    )
}

impl Cipher {
    fn uri(self) -> &'static str {
        match self {
            Self::Aes128Cbc => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
            Self::Aes256Cbc => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
            Self::Aes128Gcm => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            Self::Aes256Gcm => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
        }
    }

    fn key_length(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes256Cbc | Self::Aes256Gcm => 32,
        }
    }

    /// Initialisation vector, ciphertext and, for GCM, the tag (xmlenc-core 1.1, 5.2.2 and 5.2.4).
    fn encrypt(self, key: &[u8], plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Aes128Cbc => cbc(UnboundCipherKey::new(&AES_128, key)?, plain),
            Self::Aes256Cbc => cbc(UnboundCipherKey::new(&AES_256, key)?, plain),
            Self::Aes128Gcm => gcm(UnboundKey::new(&AES_128_GCM, key)?, plain),
            Self::Aes256Gcm => gcm(UnboundKey::new(&AES_256_GCM, key)?, plain),
        }
    }
}

fn cbc(key: UnboundCipherKey, plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let mut content = plain.to_vec();
    let context = PaddedBlockEncryptingKey::cbc_pkcs7(key)?.encrypt(&mut content)?;
    let mut out: Vec<u8> = <&[u8]>::try_from(&context)?.to_vec();
    out.extend_from_slice(&content);
    Ok(out)
}

fn gcm(key: UnboundKey, plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let mut nonce = [0; 12];
    aws_lc_rs::rand::fill(&mut nonce)?;
    let mut content = plain.to_vec();
    LessSafeKey::new(key).seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::empty(),
        &mut content,
    )?;
    let mut out = nonce.to_vec();
    out.extend_from_slice(&content);
    Ok(out)
}

impl KeyTransport {
    fn encrypt(self, public_key: &[u8], key: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let public = PublicEncryptingKey::from_der(public_key).map_err(|_| Unspecified)?;
        let mut out = vec![0; public.key_size_bytes()];
        let oaep = match self {
            Self::OaepSha1 => &OAEP_SHA1_MGF1SHA1,
            Self::OaepSha256 => &OAEP_SHA256_MGF1SHA256,
            Self::Rsa15 => {
                Pkcs1PublicEncryptingKey::new(public)?.encrypt(key, &mut out)?;
                return Ok(out);
            }
        };
        OaepPublicEncryptingKey::new(public)?.encrypt(oaep, key, &mut out, None)?;
        Ok(out)
    }
}
