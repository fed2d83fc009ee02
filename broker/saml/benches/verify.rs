//! What our own stages cost beside xmlsec: the whole reading of a typical Entra response, as a ratio to samael's
//! verification of the same bytes alone. Both take turns within one run, because only their ratio can be compared
//! between machines; the bar is 1.3.
//!
//! `cargo bench -p symbolon-saml --bench verify`, rounds as argument (400).
#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};
use samael::crypto::AllowedSignatureAlgorithm as Allowed;
use samael::crypto::{CertificateDer, Crypto, CryptoProvider, ReduceMode};
use symbolon_saml::certificate::{Certificate, PrivateKey};
use symbolon_saml::gate;
use symbolon_saml::policy::AlgorithmPolicy;
use symbolon_saml::response;

mod support;

const BAR: f64 = 1.3;

struct Medians {
    xmlsec: Duration,
    gate: Duration,
    whole: Duration,
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all.get(all.len() / 2).copied().unwrap()
}

/// RSA 2048, as Entra's.
fn provider() -> support::Provider {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let pem = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    let certificate = certificate(&key);
    support::Provider { key: PrivateKey::from_pem(&pem).unwrap(), certificate }
}

fn certificate(key: &PKey<Private>) -> Certificate {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "Microsoft Azure Federated SSO Certificate").unwrap();
    let name = name.build();
    let mut x509 = X509::builder().unwrap();
    x509.set_version(2).unwrap();
    x509.set_subject_name(&name).unwrap();
    x509.set_issuer_name(&name).unwrap();
    x509.set_not_before(&Asn1Time::from_unix(0).unwrap()).unwrap();
    x509.set_not_after(&Asn1Time::from_unix(4_000_000_000).unwrap()).unwrap();
    x509.set_pubkey(key).unwrap();
    x509.sign(key, MessageDigest::sha256()).unwrap();
    Certificate::from_der(&x509.build().to_der().unwrap()).unwrap()
}

fn measure(provider: &support::Provider, xml: &str, rounds: usize) -> Medians {
    let field = STANDARD.encode(xml);
    let certificates = [provider.certificate.clone()];
    let der = [CertificateDer::from(STANDARD.decode(provider.certificate.to_base64()).unwrap())];
    let (keys, expected) = (support::keys(&certificates), support::expected());
    let alone = || {
        let mode = ReduceMode::PreDigest;
        let allowed = Some(&[Allowed::RsaSha256][..]);
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(xml, &der, mode, allowed).unwrap()
    };
    let whole = || response::read(&field, &keys, &expected).outcome.unwrap();
    let gated =
        || gate::response(xml.as_bytes(), &AlgorithmPolicy::default(), support::now()).unwrap();
    for _ in 0..20 {
        black_box((alone(), whole(), gated()));
    }
    let (mut a, mut w, mut g) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        a.push(timed(alone));
        w.push(timed(whole));
        g.push(timed(gated));
    }
    Medians { xmlsec: median(a), gate: median(g), whole: median(w) }
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(400);
    let provider = provider();
    println!("medians of {rounds} rounds; the bar for the ratio is {BAR}");
    for groups in [0, 150] {
        let xml = provider.response(groups);
        let found = measure(&provider, &xml, rounds);
        let ratio = found.whole.as_secs_f64() / found.xmlsec.as_secs_f64();
        println!(
            "{:>6} bytes, {groups:>3} groups: xmlsec alone {:>7.1?}, gate {:>7.1?}, whole reading {:>7.1?}, ratio {ratio:.2}{}",
            xml.len(),
            found.xmlsec,
            found.gate,
            found.whole,
            if ratio <= BAR { "" } else { "  ABOVE THE BAR" },
        );
    }
}
