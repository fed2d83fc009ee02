//! Signatures made without xmlsec: canonical by the way they are written, signed by OpenSSL.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::{MessageDigest, hash};
use openssl::sign::Signer;

use crate::certificate::fixtures::Pair;

fn algorithm(uri: &str) -> MessageDigest {
    match uri.rsplit(['#', '-']).next().unwrap() {
        "sha1" => MessageDigest::sha1(),
        "sha256" => MessageDigest::sha256(),
        "sha512" => MessageDigest::sha512(),
        other => panic!("{other}"),
    }
}

/// A signature with this reference over these octets.
pub(super) fn signature(pair: &Pair, method: &str, reference: &str) -> String {
    // xmlsec canonicalises this to itself with any of the algorithms: written canonically, declared on the spot.
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:CanonicalizationMethod \
         Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{method}\"></ds:SignatureMethod>{reference}</ds:SignedInfo>"
    );
    let mut signer = Signer::new(algorithm(method), pair.key.pkey()).unwrap();
    let value = STANDARD.encode(signer.sign_oneshot_to_vec(info.as_bytes()).unwrap());
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{info}<ds:SignatureValue>\
         {value}</ds:SignatureValue></ds:Signature>"
    )
}

/// A `ds:Reference` in canonical form.
pub(super) fn reference(uri: &str, transforms: &str, digest: &str, octets: &[u8]) -> String {
    let value = STANDARD.encode(hash(algorithm(digest), octets).unwrap());
    format!(
        "<ds:Reference URI=\"{uri}\">{transforms}<ds:DigestMethod Algorithm=\"{digest}\">\
         </ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue></ds:Reference>"
    )
}

/// A signed assertion with the ID `_a`.
pub(super) fn assertion(pair: &Pair, method: &str, digest: &str, c14n: &str) -> String {
    let start = "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\">";
    let body = "<saml:Issuer>x</saml:Issuer></saml:Assertion>";
    let transforms = format!(
        "<ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\">\
         </ds:Transform><ds:Transform Algorithm=\"{c14n}\"></ds:Transform></ds:Transforms>"
    );
    let octets = [start, body].concat();
    let reference = reference("#_a", &transforms, digest, octets.as_bytes());
    [start, &signature(pair, method, &reference), body].concat()
}
