//! Decryption by its rules, on documents of our own encrypter with single parts changed; [`peers`] asks xmlsec1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::open::Work;
use super::*;
use crate::certificate::fixtures::{EC, LONG_RSA, OTHER_RSA, RSA};
use crate::encrypt;
use crate::names::XENC;

mod peers;

const PLAIN: &str = "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\"><saml:Issuer>zo&#235;</saml:Issuer></saml:Assertion>";
const TRANSPORTS: [KeyTransport; 4] = [
    KeyTransport::OAEP,
    KeyTransport::OAEP_SHA256,
    KeyTransport { digest: OaepHash::Sha256, mask: OaepHash::Sha1 },
    KeyTransport { digest: OaepHash::Sha1, mask: OaepHash::Sha256 },
];

fn encrypted(cipher: ContentCipher) -> String {
    encrypt::assertion(PLAIN, &RSA.certificate, cipher, KeyTransport::OAEP).unwrap()
}

fn read(text: &str) -> Result<String, Fault> {
    assertion_in(text, &[OTHER_RSA.key.clone(), RSA.key.clone()]).map_err(|refusal| refusal.fault)
}

/// The document with the n-th `CipherValue` changed: 0 is the wrapped key, 1 the content.
fn with_value(xml: &str, number: usize, change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let mut parts: Vec<String> = xml.split("CipherValue>").map(str::to_owned).collect();
    let place = number * 2 + 1;
    let old = parts[place].strip_suffix("</xenc:").unwrap();
    parts[place] = STANDARD.encode(change(STANDARD.decode(old).unwrap())) + "</xenc:";
    parts.join("CipherValue>")
}

#[test]
fn saml_at70_every_cipher_and_key_transport_comes_back() {
    for cipher in ContentCipher::ALL {
        for transport in TRANSPORTS {
            let xml = encrypt::assertion(PLAIN, &RSA.certificate, cipher, transport).unwrap();
            assert!(!xml.contains("Issuer"));
            assert_eq!(read(&xml).as_deref(), Ok(PLAIN), "{cipher:?} {transport:?}");
        }
    }
}

#[test]
fn saml_dc06_all_keys_are_tried() {
    let xml = encrypted(ContentCipher::Aes256Gcm);
    for keys in [[&*RSA, &*EC], [&*EC, &*RSA], [&*LONG_RSA, &*RSA]] {
        let keys = keys.map(|pair| pair.key.clone());
        assert_eq!(assertion_in(&xml, &keys).unwrap(), PLAIN);
    }
    for keys in [vec![], vec![OTHER_RSA.key.clone()], vec![EC.key.clone()]] {
        assert_eq!(assertion_in(&xml, &keys).unwrap_err().fault, Fault::Decryption);
    }
}

#[test]
fn saml_dc02_rsa15_and_3des_are_refused_before_any_key_is_touched() {
    let xml = encrypted(ContentCipher::Aes128Cbc);
    for (old, new) in [
        (KeyTransport::URI_MGF1P, "http://www.w3.org/2001/04/xmlenc#rsa-1_5"),
        (KeyTransport::URI_MGF1P, "http://www.w3.org/2001/04/xmlenc#kw-aes128"),
        (ContentCipher::Aes128Cbc.uri(), "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"),
        (ContentCipher::Aes128Cbc.uri(), ""),
        ("xmldsig#sha1", "xmldsig#md5"),
    ] {
        let refusal = assertion_in(&xml.replace(old, new), &[]).unwrap_err();
        assert_eq!(refusal.fault, Fault::EncryptionAlgorithm, "{new}");
    }
}

#[test]
fn saml_dc02_a_foreign_key_in_a_refused_wrapping_does_not_hinder_ours() {
    let xml = encrypted(ContentCipher::Aes128Cbc);
    let start = xml.find("<xenc:EncryptedKey>").unwrap();
    let end = xml.find("</ds:KeyInfo>").unwrap();
    let foreign = xml[start..end].replace("rsa-oaep-mgf1p", "rsa-1_5");
    let two = [&xml[..start], &foreign, &xml[start..]].concat();
    assert_eq!(read(&two).as_deref(), Ok(PLAIN));
}

#[test]
fn saml_dc03_a_missing_digest_means_sha1() {
    let digest = format!("<ds:DigestMethod Algorithm=\"{DSIG}sha1\"/>");
    let xml = encrypted(ContentCipher::Aes256Cbc);
    assert!(xml.contains(&digest));
    assert_eq!(read(&xml.replace(&digest, "")).as_deref(), Ok(PLAIN));
}

/// Moves the wrapped key behind the data, with this content of `KeyInfo`.
fn beside(info: &str) -> String {
    let xml = encrypted(ContentCipher::Aes256Cbc);
    let start = xml.find("<xenc:EncryptedKey>").unwrap();
    let end = xml.find("</ds:KeyInfo>").unwrap();
    let opening =
        format!("<xenc:EncryptedKey xmlns:xenc=\"{XENC}\" xmlns:ds=\"{DSIG}\" Id=\"_k\">");
    let key = xml[start..end].replace("<xenc:EncryptedKey>", &opening);
    let close = "</saml:EncryptedAssertion>";
    [&xml[..start], info, &xml[end..].replace(close, &key), close].concat()
}

#[test]
fn saml_dc04_the_wrapped_key_may_stand_beside_the_data() {
    assert_eq!(read(&beside("")).as_deref(), Ok(PLAIN));
    let kind = format!("Type=\"{XENC}EncryptedKey\"");
    let pointer = format!("<ds:RetrievalMethod {kind} URI=\"#_k\"/>");
    assert_eq!(read(&beside(&pointer)).as_deref(), Ok(PLAIN));
}

#[test]
fn saml_dc04_a_pointer_leads_to_a_neighbour_or_nowhere() {
    for uri in [
        "#_x",
        "_k",
        "",
        "#",
        "http://127.0.0.1:1/#_k",
        "file:///etc/passwd",
        "#xpointer(id('_k'))",
    ] {
        let pointer = format!("<ds:RetrievalMethod URI=\"{uri}\"/>");
        assert_eq!(read(&beside(&pointer)), Err(Fault::Decryption), "{uri}");
    }
    let transforms = "<ds:RetrievalMethod URI=\"#_k\"><ds:Transforms/></ds:RetrievalMethod>";
    assert_eq!(read(&beside(transforms)), Err(Fault::Decryption));
    // A key outside of the encrypted element is none of its own.
    let inside = beside("<ds:RetrievalMethod URI=\"#_k\"/>");
    let key = inside.find("<xenc:EncryptedKey").unwrap();
    let end = inside.rfind("</saml:EncryptedAssertion>").unwrap();
    let outside = ["<r>", &inside[..key], &inside[end..], &inside[key..end], "</r>"].concat();
    assert_eq!(read(&outside), Err(Fault::Decryption));
}

#[test]
fn saml_dc04_nothing_is_fetched() {
    let xml = encrypted(ContentCipher::Aes256Cbc);
    let reference = "<xenc:CipherReference URI=\"file:///etc/passwd\"/>";
    let start = xml.rfind("<xenc:CipherValue>").unwrap();
    let end = xml.rfind("</xenc:CipherData>").unwrap();
    assert_eq!(read(&[&xml[..start], reference, &xml[end..]].concat()), Err(Fault::Decryption));
}

#[test]
fn saml_dc05_prefixes_do_not_matter() {
    let xml = encrypted(ContentCipher::Aes256Cbc)
        .replace("ds:KeyInfo xmlns:ds", "KeyInfo xmlns")
        .replace("/ds:KeyInfo", "/KeyInfo")
        .replace("ds:DigestMethod", "DigestMethod");
    assert!(!xml.contains("ds:") && xml.contains("<KeyInfo xmlns="));
    assert_eq!(read(&xml).as_deref(), Ok(PLAIN));
}

#[test]
fn saml_dc07_usual_prefixes_that_a_signature_dropped_are_declared_again_and_no_others() {
    let typed = |prefix: &str| {
        let body = format!(
            "<saml:Assertion xmlns:saml=\"{ASSERTION}\" {prefix}:type=\"xs:anyType\"><ds:Signature/></saml:Assertion>"
        );
        let key = &RSA.certificate;
        encrypt::element(&body, key, ContentCipher::Aes256Gcm, KeyTransport::OAEP).unwrap()
    };
    let told = read(&typed("xsi")).unwrap();
    for declaration in [
        format!("xmlns:xsi=\"{XSI}\""),
        format!("xmlns:xs=\"{XS}\""),
        format!("xmlns:ds=\"{DSIG}\""),
    ] {
        assert!(told.contains(&declaration), "{told}");
    }
    assert_eq!(read(&typed("own")), Err(Fault::Decryption));
}

#[test]
fn saml_dc07_namespaces_in_scope_come_along() {
    let bare = PLAIN.replace(" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"", "");
    let hidden = encrypt_any(&bare);
    let xml = hidden.replace(
        "<saml:EncryptedAssertion",
        "<saml:EncryptedAssertion xmlns:xs=\"u:xs\" xmlns=\"u:d\"",
    );
    let plain = read(&xml).unwrap();
    let document = Document::parse(&plain).unwrap();
    assert!(document.root_element().has_tag_name((ASSERTION, "Assertion")));
    assert_eq!(document.root_element().lookup_namespace_uri(Some("xs")), Some("u:xs"));
    assert_eq!(document.root_element().lookup_namespace_uri(None), Some("u:d"));
}

/// Any text, encrypted: the encrypter itself takes assertions only.
pub(crate) fn encrypt_any(text: &str) -> String {
    let cipher = ContentCipher::Aes128Gcm;
    let xml = encrypted(cipher);
    let (key, iv) = ([7; 16], [9; 12]);
    let mut tag = [0; 16];
    let octets = openssl::symm::encrypt_aead(
        cipher.cipher(),
        &key,
        Some(&iv),
        &[],
        text.as_bytes(),
        &mut tag,
    );
    let content = [&iv[..], &octets.unwrap(), &tag].concat();
    with_key(&with_value(&xml, 1, |_| content.clone()), &key)
}

fn with_key(xml: &str, key: &[u8]) -> String {
    let mut wrapped = vec![0; 256];
    let rsa = RSA.certificate.public_key().rsa().unwrap();
    rsa.public_encrypt(key, &mut wrapped, openssl::rsa::Padding::PKCS1_OAEP).unwrap();
    with_value(xml, 0, |_| wrapped.clone())
}

#[test]
fn a_plaintext_with_declaration_or_blanks_is_read() {
    for text in [
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{PLAIN}\n"),
        format!("\u{feff}{PLAIN}"),
        format!(" {PLAIN} "),
    ] {
        assert_eq!(read(&encrypt_any(&text)).as_deref(), Ok(PLAIN));
    }
}

#[test]
fn a_plaintext_that_is_not_one_assertion_is_refused() {
    for text in [
        String::new(),
        "text".to_owned(),
        format!("{PLAIN}{PLAIN}"),
        format!("{PLAIN}text"),
        format!("<!-- x -->{PLAIN}"),
        format!("<!DOCTYPE a>{PLAIN}"),
        format!("</shell>{PLAIN}<shell>"),
        "<a/>".to_owned(),
        PLAIN.replace("SAML:2.0:assertion", "SAML:1.0:assertion"),
        PLAIN.replace("</saml:Issuer>", ""),
    ] {
        assert_eq!(read(&encrypt_any(&text)), Err(Fault::Decryption), "{text}");
    }
}

#[test]
fn saml_at41_short_and_broken_ciphertexts_are_refused_without_a_panic() {
    for cipher in ContentCipher::ALL {
        let xml = encrypted(cipher);
        for length in 0..64 {
            let cut = with_value(&xml, 1, |value| value[..length].to_vec());
            assert_eq!(read(&cut), Err(Fault::Decryption), "{cipher:?} {length}");
            let cut = with_value(&xml, 0, |value| value[..length].to_vec());
            assert_eq!(read(&cut), Err(Fault::Decryption), "{cipher:?} {length}");
        }
        let torn = with_value(&xml, 1, |mut value| {
            let last = value.len() - 1;
            value[last] ^= 1;
            value
        });
        // With CBC the last octet may still be a padding, but then the last tag is cut.
        assert_eq!(read(&torn), Err(Fault::Decryption), "{cipher:?}");
    }
}

#[test]
fn saml_at42_a_content_key_of_another_length_is_refused() {
    for length in [0, 7, 15, 17, 24, 32] {
        let xml = with_key(&encrypted(ContentCipher::Aes128Cbc), &vec![7; length]);
        assert_eq!(read(&xml), Err(Fault::Decryption), "{length}");
    }
}

#[test]
fn saml_at41_a_plaintext_that_is_not_utf8_is_refused() {
    let cipher = ContentCipher::Aes128Cbc;
    let (key, iv) = ([7; 16], [9; 16]);
    let latin = PLAIN.replace("&#235;", "e").into_bytes();
    let latin: Vec<u8> = latin.iter().map(|b| if *b == b'z' { 0xeb } else { *b }).collect();
    let octets = openssl::symm::encrypt(cipher.cipher(), &key, Some(&iv), &latin).unwrap();
    let content = [&iv[..], &octets].concat();
    let xml = with_key(&with_value(&encrypted(cipher), 1, |_| content.clone()), &key);
    assert_eq!(read(&xml), Err(Fault::Decryption));
}

#[test]
fn only_the_last_octet_of_the_padding_counts() {
    // .NET fills the rest at random.
    let cipher = ContentCipher::Aes128Cbc;
    let (key, iv) = ([7; 16], [9; 16]);
    let missing = 16 - PLAIN.len() % 16;
    let mut padded = PLAIN.as_bytes().to_vec();
    padded.extend((0..missing - 1).map(|at| at as u8 ^ 0xa5));
    padded.push(u8::try_from(missing).unwrap());
    let mut crypter =
        openssl::symm::Crypter::new(cipher.cipher(), openssl::symm::Mode::Encrypt, &key, Some(&iv))
            .unwrap();
    crypter.pad(false);
    let mut octets = vec![0; padded.len() + 16];
    let length = crypter.update(&padded, &mut octets).unwrap();
    let content = [&iv[..], &octets[..length]].concat();
    let xml = with_key(&with_value(&encrypted(cipher), 1, |_| content.clone()), &key);
    assert_eq!(read(&xml).as_deref(), Ok(PLAIN));
}

fn work(xml: &str) -> (bool, Work, String) {
    let keys = [OTHER_RSA.key.clone(), RSA.key.clone()];
    let document = xml::parse(xml).unwrap();
    let plan = plan::read(document.root_element()).unwrap();
    let (answer, work) = open::open(&plan, &keys, |text| element(text, "", "Assertion"));
    let refusal =
        assertion_in(xml, &keys).map_or_else(|refusal| format!("{refusal:?}"), |_| String::new());
    (answer.is_some(), work, refusal)
}

#[test]
fn saml_dc09_every_failure_costs_the_same_and_says_the_same() {
    for cipher in [ContentCipher::Aes256Cbc, ContentCipher::Aes256Gcm] {
        let good = encrypted(cipher);
        let flip = |at: usize| {
            move |mut value: Vec<u8>| {
                let at = value.len() - 1 - at;
                value[at] ^= 1;
                value
            }
        };
        let failures = [
            with_value(&good, 0, flip(0)),
            with_value(&good, 0, |_| Vec::new()),
            with_value(&good, 0, |_| vec![0; 256]),
            with_key(&good, &[7; 32]),
            with_key(&good, &[7; 5]),
            with_value(&good, 1, flip(0)),
            with_value(&good, 1, flip(16)),
            with_value(&good, 1, flip(40)),
            with_value(&good, 1, |_| Vec::new()),
        ];
        let expected = Work { unwrapped: 2, deciphered: 2, read: 2 };
        let said = work(&failures[0]).2;
        assert!(!said.is_empty());
        for xml in &failures {
            assert_eq!(work(xml), (false, expected, said.clone()), "{cipher:?}");
        }
        assert_eq!(work(&good), (true, expected, String::new()));
    }
}

#[test]
fn too_many_wrapped_keys_are_refused_before_any_is_tried() {
    let xml = encrypted(ContentCipher::Aes128Gcm);
    let start = xml.find("<xenc:EncryptedKey>").unwrap();
    let end = xml.find("</ds:KeyInfo>").unwrap();
    let many = |count| [&xml[..start], &xml[start..end].repeat(count), &xml[end..]].concat();
    assert_eq!(read(&many(8)).as_deref(), Ok(PLAIN));
    for count in [0, 9, 1000] {
        assert_eq!(read(&many(count)), Err(Fault::Decryption));
    }
}

#[test]
fn exactly_one_encrypted_element_is_read() {
    let xml = encrypted(ContentCipher::Aes128Gcm);
    assert_eq!(read(&format!("<r>{xml}</r>")).as_deref(), Ok(PLAIN));
    assert_eq!(read(&format!("<r>{xml}{xml}</r>")), Err(Fault::Decryption));
    assert_eq!(read("<r/>"), Err(Fault::Decryption));
    assert_eq!(read("<r"), Err(Fault::Malformed));
}

#[test]
fn an_encrypted_name_id_is_read_at_its_two_places_only() {
    let name = "<saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" Format=\"f\">zoë</saml:NameID>";
    let id = encrypt_any(name).replace("EncryptedAssertion", "EncryptedID");
    let keys = [RSA.key.clone()];
    assert_eq!(id_in(&format!("<LogoutRequest>{id}</LogoutRequest>"), &keys).unwrap(), name);
    let subject = format!("<saml:Subject xmlns:saml=\"{ASSERTION}\">{id}</saml:Subject>");
    assert_eq!(id_in(&format!("<r>{subject}</r>"), &keys).unwrap(), name);
    for xml in [
        format!("<r><x>{id}</x></r>"),
        format!("<r>{subject}{id}</r>"),
        format!("<r>{subject}{subject}</r>"),
    ] {
        assert_eq!(id_in(&xml, &keys).unwrap_err().fault, Fault::Decryption);
    }
    let assertion =
        encrypted(ContentCipher::Aes128Gcm).replace("EncryptedAssertion", "EncryptedID");
    assert!(id_in(&format!("<r>{assertion}</r>"), &keys).is_err());
}

#[test]
fn no_error_of_openssl_stays_behind() {
    let xml = with_value(&encrypted(ContentCipher::Aes256Gcm), 0, |_| vec![1; 256]);
    assert!(read(&xml).is_err());
    assert!(openssl::error::ErrorStack::get().errors().is_empty());
}
