//! Encrypted assertions (XML Encryption 1.1), right and wrong. Options of `{{encrypt ..}}`:
//! `cipher=` aes128-cbc, aes256-cbc, aes128-gcm, aes256-gcm (default), tripledes-cbc; `transport=` oaep (default),
//! oaep-sha256, rsa-1_5; `to=` a pair (default `ours`); `beside` (EncryptedKey beside EncryptedData); `default-ns`
//! (KeyInfo in the default namespace); `no-digest` (no DigestMethod of OAEP); `short` (ciphertext shorter than IV or
//! tag); `key-length=` of the content key, in bytes; `id` (an EncryptedID, which stands in an assertion).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::rand::rand_bytes;
use openssl::rsa::Padding;
use openssl::symm::{Cipher, encrypt, encrypt_aead};

use super::named;

const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// The `EncryptedAssertion` with this content.
pub(super) fn assertion(plaintext: &str, options: &str) -> String {
    let get =
        |name: &str| options.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let has = |word: &str| options.split(' ').any(|one| one == word);
    let plaintext = match plaintext.strip_prefix("hex:") {
        Some(hex) => bytes(hex),
        None => plaintext.as_bytes().to_vec(),
    };
    let (cipher, uri) = cipher(get("cipher").unwrap_or("aes256-gcm"));
    let key = random(cipher.key_len());
    let data = if has("short") { vec![7; 5] } else { sealed(cipher, &key, &plaintext) };
    let length = get("key-length").map_or(key.len(), |length| length.parse().unwrap());
    let wrapped = wrapped(
        &key[..length.min(key.len())],
        get("to").unwrap_or("ours"),
        get("transport").unwrap_or("oaep"),
        has("no-digest"),
    );
    // Canonical form has no declaration that is in scope already.
    let wrapped = match has("default-ns") || has("beside") {
        true => wrapped,
        false => wrapped.replace(&format!(r#" xmlns:ds="{DSIG}""#), ""),
    };
    let (data, ds) = (STANDARD.encode(data), if has("default-ns") { "" } else { "ds:" });
    let declared = if has("default-ns") { "xmlns" } else { "xmlns:ds" };
    let (inside, beside) = if has("beside") {
        let pointer = format!(
            r##"<{ds}RetrievalMethod Type="{XENC}EncryptedKey" URI="#_key"></{ds}RetrievalMethod>"##
        );
        (pointer, wrapped.replacen("<xenc:EncryptedKey", r#"<xenc:EncryptedKey Id="_key""#, 1))
    } else {
        (wrapped, String::new())
    };
    let (name, scope) = match has("id") {
        true => ("EncryptedID", ""),
        false => ("EncryptedAssertion", r#" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion""#),
    };
    format!(
        r#"<saml:{name}{scope}><xenc:EncryptedData xmlns:xenc="{XENC}" Type="{XENC}Element"><xenc:EncryptionMethod Algorithm="{uri}"></xenc:EncryptionMethod><{ds}KeyInfo {declared}="{DSIG}">{inside}</{ds}KeyInfo><xenc:CipherData><xenc:CipherValue>{data}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>{}</saml:{name}>"#,
        beside.replacen(
            "<xenc:EncryptedKey",
            &format!(r#"<xenc:EncryptedKey xmlns:xenc="{XENC}""#),
            1
        )
    )
}

fn cipher(name: &str) -> (Cipher, String) {
    match name {
        "aes128-cbc" => (Cipher::aes_128_cbc(), format!("{XENC}{name}")),
        "aes256-cbc" => (Cipher::aes_256_cbc(), format!("{XENC}{name}")),
        "aes128-gcm" => (Cipher::aes_128_gcm(), format!("{XENC11}{name}")),
        "aes256-gcm" => (Cipher::aes_256_gcm(), format!("{XENC11}{name}")),
        "tripledes-cbc" => (Cipher::des_ede3_cbc(), format!("{XENC}{name}")),
        unknown => panic!("no cipher {unknown}"),
    }
}

fn sealed(cipher: Cipher, key: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut iv = random(cipher.iv_len().unwrap());
    if cipher.block_size() > 1 {
        // PKCS 7 padding is one of the paddings that XML Encryption 5.2.1 reads.
        iv.extend(encrypt(cipher, key, Some(&iv.clone()), plaintext).unwrap());
        return iv;
    }
    let mut tag = [0; 16];
    let sealed = encrypt_aead(cipher, key, Some(&iv), &[], plaintext, &mut tag).unwrap();
    iv.extend(sealed);
    iv.extend(tag);
    iv
}

fn wrapped(key: &[u8], to: &str, transport: &str, no_digest: bool) -> String {
    let public = named(to).x509.public_key().unwrap();
    let mut encrypter = Encrypter::new(&public).unwrap();
    let mut digest =
        format!(r#"<ds:DigestMethod xmlns:ds="{DSIG}" Algorithm="{DSIG}sha1"></ds:DigestMethod>"#);
    let uri = match transport {
        "rsa-1_5" => {
            encrypter.set_rsa_padding(Padding::PKCS1).unwrap();
            digest.clear();
            format!("{XENC}rsa-1_5")
        }
        "oaep-sha256" => {
            encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
            encrypter.set_rsa_oaep_md(MessageDigest::sha256()).unwrap();
            encrypter.set_rsa_mgf1_md(MessageDigest::sha1()).unwrap();
            digest = digest.replace(&format!("{DSIG}sha1"), &format!("{XENC}sha256"));
            format!("{XENC}rsa-oaep-mgf1p")
        }
        _ => {
            encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
            format!("{XENC}rsa-oaep-mgf1p")
        }
    };
    if no_digest {
        digest.clear();
    }
    let mut value = vec![0; encrypter.encrypt_len(key).unwrap()];
    let length = encrypter.encrypt(key, &mut value).unwrap();
    value.truncate(length);
    let value = STANDARD.encode(value);
    format!(
        r#"<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{uri}">{digest}</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"#
    )
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rand_bytes(&mut bytes).unwrap();
    bytes
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}
