//! A second opinion on signatures: every signature of the public corpora, of honest and of forged documents is judged by
//! xmlsec, as the broker uses it, and by bergshamra, which shares no code with it ([`short_keys`] names one step).
//!
//! Both get the same document with the same certificate. A difference is an error unless [`OVERRULED`] lists it with the
//! rule that overrules it; so is an entry there that nothing needs any more.

use std::collections::BTreeSet;
use std::path::Path;

use bergshamra::{DsigContext, KeysManager, VerifyResult};
use chrono::{DateTime, TimeDelta, Utc};
use symbolon_saml::certificate::Certificate;
use symbolon_saml::engine::{SignatureEngine, Trust, XmlSec};
use symbolon_saml::gate::{self, AssertionPlace, GatedDocument, MessageKind, SignatureFacts};
use symbolon_saml::policy::AlgorithmPolicy;
use symbolon_saml::{Fault, Refusal};

mod documents;
mod short_keys;

use documents::Document;
use short_keys::ShortKey;

/// Documents on which the two differ, and why ours stands.
const OVERRULED: &[(&str, &str)] = &[];

/// One signature by one certificate.
struct Question<'a> {
    document: &'a GatedDocument,
    id: &'a str,
    certificate: &'a Certificate,
    now: DateTime<Utc>,
}

/// Ours: yes also where only the key is too short, because that is a rule of ours and no question of the signature.
fn ours(asked: &Question<'_>) -> bool {
    let certificates = [asked.certificate.clone()];
    let algorithms = AlgorithmPolicy { sha1_until: Some(asked.now + TimeDelta::days(1)) };
    let trust = Trust { certificates: &certificates, algorithms, now: asked.now };
    match XmlSec::new().verify(asked.document, asked.id, &trust) {
        Ok(_) => true,
        Err(Refusal { fault, .. }) => fault == Fault::WeakAlgorithm,
    }
}

/// Theirs: each signature of the document is valid, because ours judges them together (SI-4).
fn theirs(asked: &Question<'_>, signed: &[(String, SignatureFacts)]) -> Result<(), String> {
    for (id, facts) in signed {
        their_one(asked, id, facts)?;
    }
    Ok(())
}

/// Whether a valid signature covers this id; why not, else.
fn their_one(asked: &Question<'_>, id: &str, facts: &SignatureFacts) -> Result<(), String> {
    let pem = asked.certificate.to_pem();
    let mut manager = KeysManager::new();
    let short = ShortKey::of(&pem, &facts.method);
    if short.is_none() {
        let key = bergshamra::keys::loader::load_x509_cert_pem(pem.as_bytes());
        manager.add_key(key.map_err(|error| error.to_string())?);
    }
    let mut context = DsigContext::new(manager);
    if let Some(short) = short {
        context = context.with_hsm_verifier(Box::new(short));
    }
    let results = bergshamra::verify_all(&context, asked.document.as_str());
    let (uri, mut why) = (format!("#{id}"), format!("no signature over {id}"));
    for result in results.map_err(|error| error.to_string())? {
        match result {
            VerifyResult::Valid { references, .. } => {
                if references.iter().any(|one| one.uri == uri && one.digest_verified) {
                    return Ok(());
                }
            }
            VerifyResult::Invalid { reason } => why = reason,
        }
    }
    Err(why)
}

/// The gate of whatever message it is.
fn gated(bytes: &[u8], now: DateTime<Utc>) -> Option<GatedDocument> {
    let algorithms = AlgorithmPolicy { sha1_until: Some(now + TimeDelta::days(1)) };
    let kinds = [
        MessageKind::Response,
        MessageKind::AuthnRequest,
        MessageKind::LogoutRequest,
        MessageKind::LogoutResponse,
    ];
    let message = |kind| gate::message(bytes, kind, &algorithms, now).ok();
    (kinds.into_iter().find_map(message))
        .or_else(|| gate::assertion(bytes, &algorithms, now).ok())
        .or_else(|| gate::metadata(bytes, &algorithms, now).ok())
}

fn signed(document: &GatedDocument) -> Vec<(String, SignatureFacts)> {
    let mut all = Vec::new();
    if let (Some(id), Some(facts)) = (&document.root_id, &document.root_signature) {
        all.push((id.clone(), facts.clone()));
    }
    if let AssertionPlace::Plain { id, signature: Some(facts) } = &document.assertion {
        all.push((id.clone(), facts.clone()));
    }
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

#[derive(Default)]
struct Counts {
    stopped: usize,
    valid: usize,
    invalid: usize,
    unexplained: usize,
    overruled: BTreeSet<&'static str>,
}

impl Counts {
    fn judge(&mut self, document: &Document, now: DateTime<Utc>) {
        let Some(gated) = gated(&document.bytes, now) else {
            self.stopped += 1;
            return;
        };
        let signed = signed(&gated);
        for (id, _) in &signed {
            for certificate in &document.certificates {
                let asked = Question { document: &gated, id, certificate, now };
                self.compare(&document.name, id, ours(&asked), theirs(&asked, &signed));
            }
        }
    }

    fn compare(&mut self, name: &str, id: &str, ours: bool, theirs: Result<(), String>) {
        match (ours, &theirs) {
            (true, Ok(())) => self.valid += 1,
            (false, Err(_)) => self.invalid += 1,
            _ => match OVERRULED.iter().find(|(listed, _)| name.ends_with(listed)) {
                Some((listed, _)) => {
                    self.overruled.insert(listed);
                }
                None => {
                    self.unexplained += 1;
                    println!("{name}, {id}: ours {ours}, theirs {theirs:?}");
                }
            },
        }
    }
}

fn main() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpora");
    let Some(now) = DateTime::from_timestamp(1_793_534_400, 0) else { return };
    let mut all = documents::made();
    all.extend(documents::folder(&corpora));
    if let Some(hostile) = std::env::args_os().nth(1) {
        all.extend(documents::folder(Path::new(&hostile)));
    }
    let mut counts = Counts::default();
    for document in &all {
        counts.judge(document, now);
    }
    let idle: Vec<_> =
        OVERRULED.iter().filter(|(listed, _)| !counts.overruled.contains(listed)).collect();
    if !idle.is_empty() {
        println!("listed, but no difference: {idle:?}");
    }
    println!(
        "{} documents, {} stopped by the gate; pairs of signature and certificate: {} valid by both, {} by neither, \
         {} documents overruled, {} unexplained differences",
        all.len(),
        counts.stopped,
        counts.valid,
        counts.invalid,
        counts.overruled.len(),
        counts.unexplained
    );
    let good = counts.unexplained == 0 && idle.is_empty() && counts.valid > 0;
    std::process::exit(i32::from(!good));
}
