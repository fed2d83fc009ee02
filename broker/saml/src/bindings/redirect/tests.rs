use chrono::{DateTime, TimeDelta, Utc};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::sign::Signer;
use proptest::prelude::*;

use super::*;
use crate::certificate::Certificate;
use crate::certificate::fixtures::{EC, OTHER_RSA, Pair, RSA, WEAK_RSA, ec_key, pair};
use crate::gate::LONGEST_MESSAGE;
use crate::policy::AlgorithmPolicy;

const KIND: MessageKind = MessageKind::LogoutRequest;
const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn check(query: &str, certificates: &[Certificate]) -> Result<String, Fault> {
    let algorithms = AlgorithmPolicy::default();
    let message = read(query, KIND).map_err(|refusal| refusal.fault)?;
    message.verify(&Trust { certificates, algorithms, now: now() }).map_err(|one| one.fault)
}

fn ours(pair: &Pair) -> [Certificate; 1] {
    [pair.certificate.clone()]
}

/// The query of a message signed by this pair.
fn sent(pair: &Pair, relay_state: Option<&str>) -> String {
    let url = url("https://idp.example/slo", KIND, "<ab/>", relay_state, Some(&pair.key)).unwrap();
    url.split_once('?').unwrap().1.to_owned()
}

/// A query signed as others sign: any octets, any algorithm.
fn signed(octets: &str, algorithm: &str, digest: MessageDigest, pair: &Pair) -> String {
    let octets = format!("{octets}&SigAlg={}", percent_encoded(algorithm));
    let mut signer = Signer::new(digest, pair.key.pkey()).unwrap();
    let value = signer.sign_oneshot_to_vec(octets.as_bytes()).unwrap();
    format!("{octets}&Signature={}", percent_encoded(&STANDARD.encode(value)))
}

fn message() -> String {
    format!("SAMLRequest={}", percent_encoded(&STANDARD.encode(deflate("<ab/>").unwrap())))
}

fn read_fault(query: &str) -> Option<Fault> {
    read(query, KIND).err().map(|refusal| refusal.fault)
}

#[test]
fn what_is_sent_is_read_and_verified_again() {
    for pair in [&*RSA, &*EC] {
        let query = sent(pair, Some("a b&c=d+é"));
        let message = read(&query, KIND).unwrap();
        assert_eq!(message.xml, b"<ab/>");
        assert_eq!(message.relay_state.as_deref(), Some("a b&c=d+é"));
        assert!(message.is_signed());
        assert_eq!(check(&query, &ours(pair)).unwrap(), pair.certificate.facts().fingerprint);
        assert!(check(&sent(pair, None), &ours(pair)).is_ok());
    }
}

#[test]
fn saml_rb06_the_location_keeps_its_own_query() {
    let to = |location: &str| url(location, KIND, "<ab/>", Some("x"), None);
    let message = message();
    for (location, joint) in [
        ("https://a.example/slo", "?"),
        ("https://a.example/?tenant=1", "&"),
        ("http://a.example?", ""),
    ] {
        assert_eq!(to(location).unwrap(), format!("{location}{joint}{message}&RelayState=x"));
    }
    for odd in
        ["javascript:alert(1)", "//a.example", "", "https://a.example/#x", "https://a.example/ x"]
    {
        assert_eq!(to(odd).unwrap_err().fault, Fault::Encoding, "{odd}");
    }
}

#[test]
fn saml_rb01_the_received_octets_are_verified_whatever_their_encoding() {
    let lower = message().replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d");
    assert_ne!(lower, message());
    for state in ["a%20b", "a+b", "a%2bb", "%41", ""] {
        let query = signed(
            &format!("{lower}&RelayState={state}"),
            &RSA_SHA1.replace("2000/09/xmldsig#rsa-sha1", "2001/04/xmldsig-more#rsa-sha256"),
            MessageDigest::sha256(),
            &RSA,
        );
        assert!(check(&query, &ours(&RSA)).is_ok(), "{state}");
        // Encoded again it would be the same value, but not the same octets.
        let again = query.replace(&lower, &message());
        assert_eq!(check(&again, &ours(&RSA)), Err(Fault::BadSignature));
    }
}

#[test]
fn saml_rb01_order_and_other_parameters_do_not_matter() {
    let query = sent(&RSA, Some("state"));
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.reverse();
    pairs.insert(1, "tenant=1");
    pairs.push("flag&=&%zz=1");
    assert!(check(&pairs.join("&"), &ours(&RSA)).is_ok());
}

#[test]
fn saml_rb01_a_changed_message_state_or_algorithm_is_refused() {
    let query = sent(&RSA, Some("state"));
    let other = percent_encoded(&STANDARD.encode(deflate("<b/>").unwrap()));
    for changed in [
        query.replace("RelayState=state", "RelayState=other"),
        query.replace("&RelayState=state", ""),
        query.replace("rsa-sha256", "rsa-sha512"),
        query.replace("rsa-sha256", "ecdsa-sha256"),
        format!("SAMLRequest={other}{}", &query[query.find("&RelayState").unwrap()..]),
        sent(&OTHER_RSA, Some("state")),
    ] {
        assert_eq!(check(&changed, &ours(&RSA)), Err(Fault::BadSignature), "{changed}");
    }
    let unsigned_state = sent(&RSA, None) + "&RelayState=added";
    assert_eq!(check(&unsigned_state, &ours(&RSA)), Err(Fault::BadSignature));
    assert_eq!(check(&query, &[]), Err(Fault::BadSignature));
}

#[test]
fn saml_si02_every_certificate_is_tried_whatever_its_kind() {
    let query = sent(&RSA, None);
    let mixed = [&EC, &OTHER_RSA, &RSA].map(|pair| pair.certificate.clone());
    assert_eq!(check(&query, &mixed).unwrap(), RSA.certificate.facts().fingerprint);
    assert_eq!(check(&sent(&EC, None), &mixed).unwrap(), EC.certificate.facts().fingerprint);
}

#[test]
fn saml_rb02_a_parameter_of_saml_stands_once() {
    let query = sent(&RSA, Some("state"));
    for name in ["SAMLRequest", "RelayState", "SigAlg", "Signature"] {
        for twice in
            [format!("{query}&{name}=x"), format!("{name}=x&{query}"), format!("{query}&{name}")]
        {
            assert_eq!(read_fault(&twice), Some(Fault::Structure), "{name}");
        }
    }
    // In escapes a name is the same to others and not to us.
    assert_eq!(read_fault(&query.replace("RelayState", "Relay%53tate")), Some(Fault::Structure));
    assert_eq!(read_fault(&format!("{query}&SAMLResponse=x")), Some(Fault::Structure));
    for none in ["", "SAMLRequest", "RelayState=x", &query.replace("SAMLRequest", "samlrequest")] {
        assert!(read_fault(none).is_some(), "{none}");
    }
}

#[test]
fn saml_rb02_without_or_with_half_a_signature_verifying_refuses() {
    let query = sent(&RSA, None);
    let (unsigned, _) = query.split_once("&SigAlg").unwrap();
    let (no_value, value) = query.split_once("&Signature").unwrap();
    for (part, is_signed) in [
        (unsigned.to_owned(), false),
        (no_value.to_owned(), true),
        (format!("{unsigned}&Signature{value}"), true),
    ] {
        assert_eq!(read(&part, KIND).unwrap().is_signed(), is_signed);
        assert_eq!(check(&part, &ours(&RSA)), Err(Fault::Unsigned));
    }
    for broken in ["Signature=", "Signature=AA%3D", "Signature=%", "Signature=%C3%28"] {
        let broken = format!("{no_value}&{broken}");
        assert!(check(&broken, &ours(&RSA)).is_err(), "{broken}");
    }
}

#[test]
fn saml_rb03_weak_algorithms_are_refused_and_sha1_has_an_end() {
    let query = signed(&message(), RSA_SHA1, MessageDigest::sha1(), &RSA);
    let until = |seconds| AlgorithmPolicy { sha1_until: Some(now() + TimeDelta::seconds(seconds)) };
    let verify = |algorithms| {
        let trust = Trust { certificates: &ours(&RSA), algorithms, now: now() };
        read(&query, KIND).unwrap().verify(&trust).map_err(|one| one.fault)
    };
    assert_eq!(verify(AlgorithmPolicy::default()), Err(Fault::WeakAlgorithm));
    assert_eq!(verify(until(0)), Err(Fault::WeakAlgorithm));
    assert!(verify(until(1)).is_ok());
    for weak in [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "",
    ] {
        let query = signed(&message(), weak, MessageDigest::sha256(), &RSA);
        assert_eq!(check(&query, &ours(&RSA)), Err(Fault::WeakAlgorithm), "{weak}");
    }
}

#[test]
fn saml_rb03_stronger_algorithms_are_taken_and_weak_keys_are_not() {
    let more = "http://www.w3.org/2001/04/xmldsig-more#";
    for (name, digest) in
        [("rsa-sha384", MessageDigest::sha384()), ("rsa-sha512", MessageDigest::sha512())]
    {
        let query = signed(&message(), &format!("{more}{name}"), digest, &RSA);
        assert!(check(&query, &ours(&RSA)).is_ok(), "{name}");
    }
    assert_eq!(check(&sent(&WEAK_RSA, None), &ours(&WEAK_RSA)), Err(Fault::WeakAlgorithm));
}

#[test]
fn saml_rb06_ecdsa_values_are_read_in_both_forms() {
    for curve in [Nid::X9_62_PRIME256V1, Nid::SECP384R1, Nid::SECP521R1] {
        let pair = pair(&ec_key(curve), "ec");
        let query = sent(&pair, None);
        let (start, value) = query.split_once("&Signature=").unwrap();
        let der = STANDARD.decode(query::decoded(value).unwrap()).unwrap();
        let half = i32::try_from(pair.key.pkey().bits().div_ceil(8)).unwrap();
        let parts = openssl::ecdsa::EcdsaSig::from_der(&der).unwrap();
        let plain = [parts.r(), parts.s()].map(|part| part.to_vec_padded(half).unwrap()).concat();
        let plain = format!("{start}&Signature={}", percent_encoded(&STANDARD.encode(&plain)));
        assert!(check(&plain, &ours(&pair)).is_ok());
        let spoilt = plain.replace("Signature=", "Signature=AAAA");
        assert_eq!(check(&spoilt, &ours(&pair)), Err(Fault::BadSignature));
    }
}

#[test]
fn saml_rb07_only_the_wanted_kind_and_encoding_are_read() {
    let query = message();
    assert_eq!(read(&query, KIND).unwrap().relay_state, None);
    assert_eq!(read(&query, MessageKind::LogoutResponse).unwrap_err().fault, Fault::Structure);
    let deflate =
        "SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE";
    assert_eq!(read_fault(&format!("{query}&{deflate}")), None);
    assert_eq!(read_fault(&format!("{query}&SAMLEncoding=gzip")), Some(Fault::Encoding));
    assert_eq!(read_fault(&format!("{query}&RelayState=%")), Some(Fault::Encoding));
    assert_eq!(read_fault(&format!("{query}&RelayState=%FF")), Some(Fault::Encoding));
    assert_eq!(read_fault("SAMLRequest=%3C"), Some(Fault::Encoding));
}

fn with_bytes(deflated: &[u8]) -> Option<Fault> {
    read_fault(&format!("SAMLRequest={}", percent_encoded(&STANDARD.encode(deflated))))
}

#[test]
fn saml_pc02_inflating_stops_at_the_longest_message() {
    let zeros = |length| deflate(&"0".repeat(length)).unwrap();
    assert_eq!(with_bytes(&zeros(LONGEST_MESSAGE)), None);
    assert_eq!(with_bytes(&zeros(LONGEST_MESSAGE + 1)), Some(Fault::TooLarge));
    // 100 MiB from about 100 kB (B4).
    let bomb = zeros(100 << 20);
    assert!(bomb.len() < 120_000);
    assert_eq!(with_bytes(&bomb), Some(Fault::TooLarge));
}

#[test]
fn saml_pc02_broken_streams_are_refused() {
    let whole = deflate("<a>some text, some text, some text</a>").unwrap();
    assert_eq!(with_bytes(&whole), None);
    for length in 0..whole.len() {
        assert_eq!(with_bytes(&whole[..length]), Some(Fault::Encoding), "{length}");
    }
    assert_eq!(with_bytes(&[&whole[..], b"x"].concat()), Some(Fault::Encoding));
    assert_eq!(with_bytes(b"<ab/>"), Some(Fault::Encoding));
}

#[test]
fn saml_pc01_a_query_is_bounded() {
    let long = format!("{}&x={}", message(), "x".repeat(LONGEST_QUERY));
    assert_eq!(read_fault(&long), Some(Fault::TooLarge));
    let long = format!("SAMLRequest={}", "A".repeat(400 * 1024 + 4));
    assert_eq!(read_fault(&long), Some(Fault::TooLarge));
}

proptest! {
    #[test]
    fn a_query_never_makes_it_panic(query in "(&?(SAMLRequest|RelayState|SigAlg|Signature|x)=[%A-Fa-f0-9+/=]*)*\\PC*") {
        for kind in [KIND, MessageKind::Response] {
            if let Ok(message) = read(&query, kind) {
                let trust = Trust { certificates: &ours(&EC), algorithms: AlgorithmPolicy::default(), now: now() };
                prop_assert!(message.verify(&trust).is_err());
            }
        }
    }

    #[test]
    fn broken_deflate_never_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = with_bytes(&bytes);
    }

    #[test]
    fn any_message_and_state_is_read_again(xml in "\\PC*", state in "\\PC*") {
        let url = url("https://a.example", KIND, &xml, Some(&state), None).unwrap();
        let message = read(url.split_once('?').unwrap().1, KIND).unwrap();
        prop_assert_eq!(message.xml, xml.into_bytes());
        prop_assert_eq!(message.relay_state, Some(state));
    }
}
