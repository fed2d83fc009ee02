use chrono::TimeDelta;

use super::fixtures::{
    DENIED, ENCRYPTED, ENVELOPED, EXCLUSIVE, ISSUER, SUCCESS, Shape, assertion, response, root,
    transform, usual,
};
use super::*;
use crate::fault::Fault;

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn gate(text: &str) -> Result<GatedDocument, Refusal> {
    super::response(text.as_bytes(), &AlgorithmPolicy::default(), now())
}

#[test]
fn the_usual_response_passes_with_its_facts() {
    let document = gate(&usual("")).unwrap();
    assert_eq!(document.root_id.as_deref(), Some("_r"));
    assert_eq!(document.root_signature, None);
    let AssertionPlace::Plain { id, signature: Some(signature) } = document.assertion else {
        panic!("no signed assertion");
    };
    assert_eq!(id, "_a");
    assert_eq!(signature.method, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
    assert_eq!(signature.digest, "http://www.w3.org/2001/04/xmlenc#sha256");
    assert!(!signature.uses_sha1);
}
