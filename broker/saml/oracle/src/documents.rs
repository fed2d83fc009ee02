//! The documents that are judged: the public corpora, the hostile ones with real signatures, and some made here.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::X509;
use symbolon_saml::certificate::{Certificate, PrivateKey};
use symbolon_saml::engine::{SignatureEngine, XmlSec};

/// A document, and the certificates that it is judged by.
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) certificates: Vec<Certificate>,
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
    found.sort();
}

fn read(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return bytes;
    }
    let bare: String = text.split_whitespace().collect();
    STANDARD.decode(bare).unwrap_or(bytes)
}

/// The certificates that a document names itself.
fn own(text: &str) -> Vec<Certificate> {
    let inner = text.split("X509Certificate>").skip(1).step_by(2);
    let mut all: Vec<_> =
        inner.filter_map(|one| Certificate::from_base64(one.split('<').next()?).ok()).collect();
    all.dedup();
    all
}

/// All files of a folder, judged by the certificates that they name and by those that lie beside them as PEM.
pub(crate) fn folder(root: &Path) -> Vec<Document> {
    let mut all = Vec::new();
    files(root, &mut all);
    let (keys, all): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|path| path.extension().is_some_and(|one| one == "pem"));
    let beside: Vec<Certificate> = keys
        .iter()
        .filter_map(|path| Certificate::from_pem(&fs::read_to_string(path).ok()?).ok())
        .collect();
    let document = |path: PathBuf| {
        let bytes = read(&path);
        let mut certificates = own(&String::from_utf8_lossy(&bytes));
        certificates.extend(beside.iter().cloned());
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        Document { name, bytes, certificates }
    };
    all.into_iter().map(document).collect()
}

struct Pair {
    key: PrivateKey,
    certificate: Certificate,
}

fn pair(key: &PKey<Private>) -> Result<Pair, ErrorStack> {
    let mut x509 = X509::builder()?;
    x509.set_version(2)?;
    let (from, to) = (Asn1Time::from_unix(0)?, Asn1Time::from_unix(4_000_000_000)?);
    x509.set_not_before(&from)?;
    x509.set_not_after(&to)?;
    x509.set_pubkey(key)?;
    x509.sign(key, MessageDigest::sha256())?;
    let der = x509.build().to_der()?;
    let pem = String::from_utf8(key.private_key_to_pem_pkcs8()?).unwrap_or_default();
    let (Ok(key), Ok(certificate)) = (PrivateKey::from_pem(&pem), Certificate::from_der(&der))
    else {
        return Err(ErrorStack::get());
    };
    Ok(Pair { key, certificate })
}

/// RSA of 2048 bits and the curve P-256.
fn pairs() -> Result<[Pair; 2], ErrorStack> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let rsa = PKey::from_rsa(Rsa::generate(2048)?)?;
    Ok([pair(&rsa)?, pair(&PKey::from_ec_key(EcKey::generate(&curve)?)?)?])
}

fn response(assertion: &str) -> String {
    format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" \
         Version=\"2.0\"><s:Issuer xmlns:s=\"urn:oasis:names:tc:SAML:2.0:assertion\">i</s:Issuer>\
         <samlp:Status><samlp:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{assertion}\
         </samlp:Response>"
    )
}

const ASSERTION: &str = "<s:Assertion xmlns:s=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\" \
    Version=\"2.0\"><s:Issuer>i</s:Issuer><s:Subject><s:NameID Format=\"f\" \
    NameQualifier=\"n\">zo&#xEB; &amp; a]b</s:NameID></s:Subject></s:Assertion>";

/// Honest documents signed here, and changes to them: half of these canonicalise away, half do not.
pub(crate) fn made() -> Vec<Document> {
    let mut all = Vec::new();
    for (kind, pair) in ["RSA", "EC"].into_iter().zip(pairs().into_iter().flatten()) {
        let sign = |xml: &str| XmlSec::new().sign(xml, &pair.key, &pair.certificate);
        let sign = |xml: &str| sign(xml).unwrap_or_default();
        let inner = sign(ASSERTION);
        let signed = [
            ("assertion", response(&inner)),
            ("response", sign(&response(ASSERTION))),
            ("both", sign(&response(&inner))),
        ];
        for (part, good) in signed {
            let mut add = |change: &str, xml: String| {
                let certificates = vec![pair.certificate.clone()];
                let name = format!("made, {kind}, {part} signed: {change}");
                all.push(Document { name, bytes: xml.into_bytes(), certificates });
            };
            add("as it is", good.clone());
            for (old, new) in CHANGES {
                add(&format!("{old:?} to {new:?}"), good.replace(old, new));
            }
        }
    }
    all
}

const CHANGES: &[(&str, &str)] = &[
    ("Format=\"f\" NameQualifier=\"n\"", "NameQualifier='n'\n  Format='f'"),
    ("zo&#xEB;", "zo\u{eb}"),
    ("zo&#xEB;", "zo&#235;<!-- c -->"),
    ("a]b", "<![CDATA[a]b]]>"),
    ("a]b", "a]b "),
    ("a]b", "a]c"),
    ("a]b", "a]b&#13;"),
    ("<s:NameID ", "<s:NameID xmlns:u=\"urn:u\" "),
    ("<s:NameID ", "<s:NameID u=\"\" "),
    ("<s:Subject>", "<s:Subject >"),
    ("<s:Subject>", "\n<s:Subject>"),
    ("ID=\"_a\"", "ID=\"_b\""),
    ("Version=\"2.0\"><s:Issuer", "Version=\"2.0\" x=\"y\"><s:Issuer"),
    ("<ds:SignedInfo>", "<ds:SignedInfo >"),
    ("<ds:SignedInfo>", "<ds:SignedInfo> "),
    ("<ds:KeyInfo>", "<ds:KeyInfo> "),
    ("#sha256\"/>", "#sha512\"/>"),
];
