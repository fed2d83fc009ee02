//! What a request may carry to prove who asks, before anything is looked up.

use symbolon_contract::{TenantId, TraceId};

use super::*;
use crate::downstream::oidc::OpenidProvider;
use crate::downstream::oidc::authorize::Parameters;

fn header(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

fn read(pairs: &[(&str, &str)], authorization: Option<&str>) -> Result<Proof, ReasonCode> {
    let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    let provider = OpenidProvider {
        issuer: "https://id.example/t/contoso".into(),
        keys: TenantId::parse("contoso").unwrap(),
        names_tenant: None,
    };
    Proof::read(&Presented {
        provider: &provider,
        endpoint: "token",
        parameters: &Parameters::new(pairs.collect()),
        authorization,
        proofs: &[],
        trace: &TraceId::parse("0".repeat(32)).unwrap(),
    })
    .map_err(|error| error.reason)
}

#[test]
fn rfc6749_basic_parts_are_form_decoded() {
    let proof = read(&[], Some(&header("a%3Ab:s%25+x=&"))).unwrap();
    assert_eq!((proof.client_id.as_str(), proof.method), ("a:b", Method::SecretBasic));
    assert_eq!(proof.credential.expose_secret(), "s% x=&");
}

#[test]
fn neg_d10_one_proof_and_only_one() {
    let basic = header("wiki:secret");
    let two = Err(ReasonCode::TokenTwoAuthentications);
    let seen = |pairs: &[(&str, &str)], header: Option<&str>| read(pairs, header).map(|_| ());
    let typed = ("client_assertion_type", assertion::TYPE);
    assert_eq!(seen(&[("client_secret", "x")], Some(&basic)), two);
    assert_eq!(seen(&[("client_id", "other")], Some(&basic)), two);
    assert_eq!(seen(&[typed, ("client_assertion", "x.y.z")], Some(&basic)), two);
    let both = [("client_id", "wiki"), typed, ("client_assertion", "x"), ("client_secret", "x")];
    assert_eq!(seen(&both, None), two);
    assert_eq!(seen(&[], None), Err(ReasonCode::TokenClientAuthenticationMissing));
    let secret_of_nobody = [("client_secret", "x")];
    let missing = Err(ReasonCode::TokenClientAuthenticationMissing);
    assert_eq!(seen(&secret_of_nobody, None), missing);
    for bad in ["Bearer x", "Basic", "Basic !!!", &header("no colon")] {
        assert_eq!(seen(&[], Some(bad)), Err(ReasonCode::TokenClientAuthenticationFailed));
    }
    assert_eq!(seen(&[("client_id", "wiki")], Some(&basic)), Ok(()));
}

#[test]
fn rfc7521_an_assertion_names_its_type_and_its_application() {
    let invalid = Err(ReasonCode::TokenClientAssertionInvalid);
    let seen = |kind: &str, token: &str| {
        let pairs = [("client_assertion_type", kind), ("client_assertion", token)];
        read(&pairs, None).map(|proof| proof.client_id)
    };
    // {"alg":"ES256"} . {"sub":"wiki"}
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ3aWtpIn0.c2ln";
    assert_eq!(seen(assertion::TYPE, token), Ok("wiki".to_owned()));
    assert_eq!(seen("", token), invalid);
    assert_eq!(seen("urn:ietf:params:oauth:client-assertion-type:saml2-bearer", token), invalid);
    assert_eq!(seen(assertion::TYPE, "x.y.z"), invalid);
}
