//! A second opinion on signatures: every signature of the public corpora and of honest and forged documents is judged by
//! xmlsec, as the broker uses it, and by bergshamra, which shares no code with it.
//!
//! Both get the same element with the same certificate. A difference is an error unless it is listed with the rule that
//! overrules it. The list is empty so far, and there are differences nobody has explained: this exits with 1.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra::{DsigContext, KeysManager, VerifyResult};
use chrono::{DateTime, TimeDelta, Utc};
use symbolon_saml::certificate::{Certificate, PrivateKey};
use symbolon_saml::engine::{SignatureEngine, Trust, XmlSec};
use symbolon_saml::gate::{self, AssertionPlace, GatedDocument};
use symbolon_saml::policy::AlgorithmPolicy;
use symbolon_saml::{Fault, Refusal};

/// Documents on which the two differ, and why ours stands.
const OVERRULED: &[(&str, &str)] = &[];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn document(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return bytes;
    }
    let bare: String = text.split_whitespace().collect();
    STANDARD.decode(bare).unwrap_or(bytes)
}

fn certificates(text: &str) -> Vec<Certificate> {
    let inner = text.split("X509Certificate>").skip(1).step_by(2);
    let mut all: Vec<_> =
        inner.filter_map(|one| Certificate::from_base64(one.split('<').next()?).ok()).collect();
    all.dedup();
    all
}

/// Ours: yes also where only the key is too short, because that is a rule of ours and no question of the signature.
fn ours(document: &GatedDocument, id: &str, certificate: &Certificate, now: DateTime<Utc>) -> bool {
    let certificates = [certificate.clone()];
    let algorithms = AlgorithmPolicy { sha1_until: Some(now + TimeDelta::days(1)) };
    let trust = Trust { certificates: &certificates, algorithms, now };
    match XmlSec::new().verify(document, id, &trust) {
        Ok(_) => true,
        Err(Refusal { fault, .. }) => fault == Fault::WeakAlgorithm,
    }
}

/// Theirs: every signature that covers this id is valid, and there is one.
fn theirs(text: &str, id: &str, certificate: &Certificate) -> Result<bool, String> {
    let pem = certificate.to_pem();
    let key = bergshamra::keys::loader::load_x509_cert_pem(pem.as_bytes())
        .map_err(|error| error.to_string())?;
    let mut manager = KeysManager::new();
    manager.add_key(key);
    let context = DsigContext::new(manager);
    let results = bergshamra::verify_all(&context, text).map_err(|error| error.to_string())?;
    let uri = format!("#{id}");
    Ok(results.iter().any(|result| match result {
        VerifyResult::Valid { references, .. } => references.iter().any(|one| one.uri == uri),
        VerifyResult::Invalid { .. } => false,
    }))
}

fn signed_ids(document: &GatedDocument) -> Vec<String> {
    let mut ids = Vec::new();
    if document.root_signature.is_some() {
        ids.extend(document.root_id.clone());
    }
    if let AssertionPlace::Plain { id, signature: Some(_) } = &document.assertion {
        ids.push(id.clone());
    }
    ids.dedup();
    ids
}

/// Honest documents signed here, and changes to them: half of these canonicalise away, half do not.
fn made(corpora: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |name: &str| fs::read_to_string(corpora.join(name)).unwrap_or_default();
    let key = PrivateKey::from_pem(&read("ruby-saml/test/certificates/ruby-saml.key"));
    let certificate = Certificate::from_pem(&read("ruby-saml/test/certificates/ruby-saml.crt"));
    let (Ok(key), Ok(certificate)) = (key, certificate) else { return Vec::new() };
    let sign = |xml: &str| XmlSec::new().sign(xml, &key, &certificate).unwrap_or_default();
    let response = |assertion: &str| {
        format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" \
             Version=\"2.0\"><s:Issuer xmlns:s=\"urn:oasis:names:tc:SAML:2.0:assertion\">i</s:Issuer>\
             <samlp:Status><samlp:StatusCode \
             Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{assertion}\
             </samlp:Response>"
        )
    };
    let bare = "<s:Assertion xmlns:s=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\" \
                Version=\"2.0\"><s:Issuer>i</s:Issuer><s:Subject><s:NameID Format=\"f\" \
                NameQualifier=\"n\">zo&#xEB; &amp; a]b</s:NameID></s:Subject></s:Assertion>";
    let signed = [response(&sign(bare)), sign(&response(bare)), sign(&response(&sign(bare)))];
    let mut all = Vec::new();
    for (number, good) in signed.iter().enumerate() {
        let mut add = |name: &str, xml: String| {
            all.push((format!("made {number}: {name}"), xml.into_bytes()));
        };
        add("as it is", good.clone());
        for (old, new) in CHANGES {
            add(&format!("{old} to {new}"), good.replace(old, new));
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

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let mut all = Vec::new();
    files(&root.join("corpora"), &mut all);
    files(&root.join("hostile"), &mut all);
    all.sort();
    let Some(now) = DateTime::from_timestamp(1_750_000_000, 0) else { return };
    let algorithms = AlgorithmPolicy { sha1_until: Some(now + TimeDelta::days(1)) };
    let mut documents = made(&root.join("corpora"));
    documents.extend(all.iter().map(|path| {
        let name = path.strip_prefix(&root).unwrap_or(path).display().to_string();
        (name, document(path))
    }));
    let (mut judged, mut valid, mut gated, mut differ) = (0, 0, 0, 0);
    for (name, bytes) in &documents {
        let Ok(document) = gate::response(bytes, &algorithms, now) else {
            gated += 1;
            continue;
        };
        for id in signed_ids(&document) {
            for certificate in certificates(document.as_str()) {
                let ours = ours(&document, &id, &certificate, now);
                let theirs = theirs(document.as_str(), &id, &certificate);
                judged += 1;
                valid += usize::from(ours);
                if theirs.as_ref() == Ok(&ours) || (!ours && theirs.is_err()) {
                    continue;
                }
                let rule = OVERRULED.iter().find(|(listed, _)| name.ends_with(listed));
                println!(
                    "{name} {id}: ours {ours}, theirs {theirs:?}; {}",
                    rule.map_or("NOT LISTED", |rule| rule.1)
                );
                differ += usize::from(rule.is_none());
            }
        }
    }
    println!(
        "{judged} pairs of signature and certificate, {valid} valid, {differ} unexplained differences; {gated} documents stopped by the gate"
    );
    std::process::exit(i32::from(differ > 0 || valid == 0));
}
