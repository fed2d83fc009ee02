//! The public corpora (saml.md 11) before gate and engine: every document's verdict is in `corpora/verdicts.tsv`.
//!
//! Columns: document, our verdict, how the suite files the document (among the bad ones, by folder or name, or not), and
//! the rule by which we differ. Only shape and signatures are judged, with SHA-1 taken and each document's own
//! certificates trusted; times, audiences and the like are not.
//! `UPDATE_CORPORA=1` writes our verdicts anew and keeps the rest.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot set its scene has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use symbolon_saml::certificate::{Certificate, PrivateKey};
use symbolon_saml::engine::{SignatureEngine, Trust, XmlSec};
use symbolon_saml::gate::{self, AssertionPlace, GatedDocument};
use symbolon_saml::policy::AlgorithmPolicy;
use symbolon_saml::{Refusal, decrypt};

const FOLDERS: [&str; 3] =
    ["ruby-saml/test/responses", "python3-saml/tests/data/responses", "pysaml2/tests"];

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// XML as it is, base64 decoded.
fn document(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return bytes;
    }
    let bare: String = text.split_whitespace().collect();
    STANDARD.decode(bare).unwrap_or(bytes)
}

struct Setting {
    engine: XmlSec,
    own: Vec<Certificate>,
    keys: Vec<PrivateKey>,
    now: DateTime<Utc>,
}

impl Setting {
    fn new() -> Self {
        let read = |name: &str| fs::read_to_string(corpora().join(name)).unwrap();
        Self {
            engine: XmlSec::new(),
            own: vec![
                Certificate::from_pem(&read("ruby-saml/test/certificates/ruby-saml.crt")).unwrap(),
            ],
            keys: vec![
                PrivateKey::from_pem(&read("ruby-saml/test/certificates/ruby-saml.key")).unwrap(),
                PrivateKey::from_pem(&read("python3-saml/tests/data/customPath/certs/sp.key"))
                    .unwrap(),
            ],
            now: DateTime::from_timestamp(1_750_000_000, 0).unwrap(),
        }
    }

    fn verdict(&self, bytes: &[u8]) -> String {
        match self.signed(bytes) {
            Ok(signed) => format!("accepted {signed}"),
            Err(refusal) => format!("refused {}", refusal.fault.code()),
        }
    }

    fn signed(&self, bytes: &[u8]) -> Result<String, Refusal> {
        let algorithms = AlgorithmPolicy { sha1_until: Some(self.now + TimeDelta::days(1)) };
        let mut document = gate::response(bytes, &algorithms, self.now)?;
        let mut signed = Vec::new();
        if document.root_signature.is_some() {
            let id = document.root_id.clone().unwrap();
            let xml = self.verify(&document, &id, bytes)?;
            signed.push("response");
            if document.assertion == AssertionPlace::Encrypted {
                document = gate::response(xml.as_bytes(), &algorithms, self.now)?;
            }
        }
        if document.assertion == AssertionPlace::Encrypted {
            let plain = decrypt::encrypted_assertion(&document, &self.keys)?;
            signed.push("encrypted");
            document = gate::assertion(plain.as_bytes(), &algorithms, self.now)?;
        }
        if let AssertionPlace::Plain { id, signature: Some(_) } = &document.assertion {
            self.verify(&document, id, document.as_str().as_bytes())?;
            signed.push("assertion");
        }
        if document.assertion == AssertionPlace::None {
            signed.push("error");
        }
        Ok(signed.join("+"))
    }

    /// With the document's own certificates, as the suites configure the one that signed.
    fn verify(&self, document: &GatedDocument, id: &str, bytes: &[u8]) -> Result<String, Refusal> {
        let text = String::from_utf8_lossy(bytes);
        let inner = text.split("X509Certificate>").skip(1).step_by(2);
        let certificates: Vec<_> = inner
            .filter_map(|text| Certificate::from_base64(text.split('<').next()?).ok())
            .chain(self.own.iter().cloned())
            .collect();
        let algorithms = AlgorithmPolicy { sha1_until: Some(self.now + TimeDelta::days(1)) };
        let trust = Trust { certificates: &certificates, algorithms, now: self.now };
        self.engine.verify(document, id, &trust).map(|signed| signed.xml)
    }
}

/// Name of a document to our verdict, the suite's and the rule.
fn table() -> BTreeMap<String, [String; 3]> {
    let text = fs::read_to_string(corpora().join("verdicts.tsv")).unwrap_or_default();
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
    text.lines()
        .skip(1)
        .map(cells)
        .map(|row| (row[0].clone(), [row[1].clone(), row[2].clone(), row[3].clone()]))
        .collect()
}

fn verdicts() -> BTreeMap<String, String> {
    let setting = Setting::new();
    let mut all = Vec::new();
    FOLDERS.iter().for_each(|folder| files(&corpora().join(folder), &mut all));
    let name = |path: &Path| path.strip_prefix(corpora()).unwrap().display().to_string();
    all.iter().map(|path| (name(path), setting.verdict(&document(path)))).collect()
}

#[test]
fn saml_co1_co2_co3_every_document_has_its_verdict() {
    let (seen, known) = (verdicts(), table());
    if std::env::var_os("UPDATE_CORPORA").is_some() {
        let mut text = "document\tours\tsuite\trule\n".to_owned();
        for (name, ours) in &seen {
            let (suite, rule) =
                known.get(name).map_or(("", ""), |row| (row[1].as_str(), row[2].as_str()));
            text += &format!("{name}\t{ours}\t{suite}\t{rule}\n");
        }
        fs::write(corpora().join("verdicts.tsv"), text).unwrap();
        return;
    }
    let expected: BTreeMap<_, _> =
        known.into_iter().map(|(name, row)| (name, row[0].clone())).collect();
    assert_eq!(seen, expected);
}

#[test]
fn saml_co1_co2_co3_every_difference_from_a_suite_names_its_rule() {
    let table = table();
    assert!(table.len() > 150);
    for (name, [ours, suite, rule]) in &table {
        assert!(["accepted", "refused"].contains(&suite.as_str()), "{name}");
        let differs = !ours.starts_with(suite.as_str());
        assert_eq!(differs, !rule.is_empty(), "{name}: {ours}, the suite {suite}, rule {rule:?}");
    }
    // Refusing everything would be easy. Few documents have keys that are long enough; `weak_algorithm` is no proof of
    // a signature that verifies, so it does not count here.
    let verified = table.values().filter(|row| {
        row[0].starts_with("accepted")
            && row[0].split(['+', ' ']).any(|part| part == "response" || part == "assertion")
    });
    assert!(verified.count() >= 4);
}
