//! Which bytes of a response may be believed: signatures verified, encryption opened (SI-1 to SI-5, DC-1).
//!
//! Owns: the order of verifying and decrypting, and what must be signed. Does not own: how either is done
//! ([`crate::engine`], [`crate::decrypt`]) and what the bytes say.

use super::{Check, Expected, Keys};
use crate::decrypt;
use crate::engine::{SignatureEngine, SignedElement, Trust};
use crate::fault::{Fault, Refusal};
use crate::gate::{self, AssertionPlace, GatedDocument, SignatureFacts};
use crate::policy::SignedParts;

/// Bytes that signatures cover.
#[derive(Debug)]
pub(super) struct Believed {
    /// The response, if it is signed.
    pub(super) response: Option<String>,
    /// The assertion by itself, if it is signed or was encrypted; else it stands in the response.
    pub(super) assertion: Option<String>,
    /// The assertion's id.
    pub(super) assertion_id: String,
    pub(super) encrypted: bool,
    /// `response`, `assertion` or `both`.
    pub(super) signed: &'static str,
    pub(super) verified_by: String,
    pub(super) used_sha1: bool,
}

/// What verifying needs.
pub(super) struct Verifier<'a, E> {
    pub(super) engine: &'a E,
    pub(super) keys: &'a Keys<'a>,
    pub(super) expected: &'a Expected<'a>,
}

/// The assertion, opened where it was encrypted and verified where it is signed.
struct Opened {
    id: String,
    /// Its own text, where it is not to be read from the response.
    text: Option<String>,
    signature: Option<SignatureFacts>,
    verified_by: Option<String>,
    encrypted: bool,
}

impl<E: SignatureEngine> Verifier<'_, E> {
    /// Verifies every signature that is there (SI-4) and sees that those are there that must be (SI-5).
    pub(super) fn believe(
        &self,
        document: &GatedDocument,
        checks: &mut Vec<Check>,
    ) -> Result<Believed, Refusal> {
        let response = self.response(document).inspect_err(|refusal| {
            checks.push(Check::failed("signature", refusal));
        })?;
        let opened = match &document.assertion {
            // What must be signed outside and is not, is not opened either (DC-9).
            AssertionPlace::Encrypted if response.is_none() && self.demands_response() => {
                let refusal = Refusal::new(Fault::Unsigned, "nothing", "the response");
                checks.push(Check::failed("signature", &refusal));
                return Err(refusal);
            }
            AssertionPlace::Encrypted => self.encrypted(document, response.as_ref(), checks)?,
            place => self.plain(document, place, response.as_ref()).inspect_err(|refusal| {
                checks.push(Check::failed("signature", refusal));
            })?,
        };
        let signed = enough(self.keys.signed, response.is_some(), opened.signature.is_some())
            .inspect_err(|refusal| checks.push(Check::failed("signature", refusal)))?;
        let sha1 = |facts: Option<&SignatureFacts>| facts.is_some_and(|facts| facts.uses_sha1);
        let used_sha1 = sha1(document.root_signature.as_ref()) || sha1(opened.signature.as_ref());
        let (response, by_response) = response.map(|one| (one.xml, one.verified_by)).unzip();
        let verified_by = opened.verified_by.or(by_response).unwrap_or_default();
        checks.push(Check::passed(
            "signature",
            &format!("{signed}, by certificate {verified_by}"),
            "a configured certificate",
        ));
        Ok(Believed {
            response,
            assertion: opened.text,
            assertion_id: opened.id,
            encrypted: opened.encrypted,
            signed,
            verified_by,
            used_sha1,
        })
    }

    fn demands_response(&self) -> bool {
        matches!(self.keys.signed, SignedParts::Response | SignedParts::Both)
    }

    fn response(&self, document: &GatedDocument) -> Result<Option<SignedElement>, Refusal> {
        let (Some(_), Some(id)) = (&document.root_signature, &document.root_id) else {
            return Ok(None);
        };
        self.verify(document, id).map(Some)
    }

    fn plain(
        &self,
        document: &GatedDocument,
        place: &AssertionPlace,
        response: Option<&SignedElement>,
    ) -> Result<Opened, Refusal> {
        let AssertionPlace::Plain { id, signature } = place else {
            return Err(Refusal::new(Fault::AssertionCount, "no assertion", "one"));
        };
        // What a signed response holds is looked for in its verified bytes only (SI-4).
        let verify = |_| match response {
            Some(outer) => self.engine.verify_inside(outer, id, &self.trust()),
            None => self.verify(document, id),
        };
        let verified = signature.as_ref().map(verify).transpose()?;
        let (text, verified_by) = verified.map(|one| (one.xml, one.verified_by)).unzip();
        let (id, signature) = (id.clone(), signature.clone());
        Ok(Opened { id, text, signature, verified_by, encrypted: false })
    }

    /// DC-1. Whoever can encrypt to us, which is everybody, may learn nothing from the answer but that it was no (DC-9):
    /// as long as no signature holds, not even whether the plaintext was XML. The checks, which only admins see, say more.
    fn encrypted(
        &self,
        document: &GatedDocument,
        response: Option<&SignedElement>,
        checks: &mut Vec<Check>,
    ) -> Result<Opened, Refusal> {
        let opened = self.open(document, response, checks);
        match (opened, response) {
            (Err(refusal), None) if refusal.fault != Fault::EncryptionAlgorithm => {
                let expected = "an assertion that can be decrypted and is signed";
                Err(Refusal::new(Fault::Decryption, "an encrypted assertion", expected))
            }
            (opened, _) => opened,
        }
    }

    fn open(
        &self,
        document: &GatedDocument,
        response: Option<&SignedElement>,
        checks: &mut Vec<Check>,
    ) -> Result<Opened, Refusal> {
        let inner = self.plaintext(document, response).inspect_err(|refusal| {
            checks.push(Check::failed("decryption", refusal));
        })?;
        checks.push(Check::passed("decryption", "an assertion", "an assertion"));
        let failed = |refusal: &Refusal| checks.push(Check::failed("signature", refusal));
        self.inner_signature(&inner, response.is_some()).inspect_err(failed)
    }

    /// The decrypted assertion, after its own gate (GT-15).
    fn plaintext(
        &self,
        document: &GatedDocument,
        response: Option<&SignedElement>,
    ) -> Result<GatedDocument, Refusal> {
        let (algorithms, now) = (&self.keys.algorithms, self.expected.now);
        let keys = self.keys.decryption;
        let plaintext = match response {
            Some(signed) => {
                let verified = gate::response(signed.xml.as_bytes(), algorithms, now)?;
                decrypt::encrypted_assertion(&verified, keys)?
            }
            None => decrypt::encrypted_assertion(document, keys)?,
        };
        gate::assertion(plaintext.as_bytes(), algorithms, now)
    }

    fn inner_signature(&self, inner: &GatedDocument, response: bool) -> Result<Opened, Refusal> {
        let AssertionPlace::Plain { id, signature } = &inner.assertion else {
            return Err(Refusal::new(Fault::AssertionCount, "no assertion inside", "one"));
        };
        if signature.is_none() && !response {
            let seen = "neither response nor encrypted assertion";
            return Err(Refusal::new(Fault::Unsigned, seen, "one of them"));
        }
        let verified = signature.as_ref().map(|_| self.verify(inner, id)).transpose()?;
        let (text, verified_by) = match verified {
            Some(signed) => (signed.xml, Some(signed.verified_by)),
            None => (inner.as_str().to_owned(), None),
        };
        let (id, signature) = (id.clone(), signature.clone());
        Ok(Opened { id, text: Some(text), signature, verified_by, encrypted: true })
    }

    fn verify(&self, document: &GatedDocument, id: &str) -> Result<SignedElement, Refusal> {
        let certificates = self.keys.certificates;
        if certificates.is_empty() {
            let expected = "a certificate of the identity provider";
            return Err(Refusal::new(Fault::BadSignature, "none configured", expected));
        }
        self.engine.verify(document, id, &self.trust())
    }

    fn trust(&self) -> Trust<'_> {
        Trust {
            certificates: self.keys.certificates,
            algorithms: self.keys.algorithms,
            now: self.expected.now,
        }
    }
}

/// SI-5: what is signed, if it is enough.
fn enough(demand: SignedParts, response: bool, assertion: bool) -> Result<&'static str, Refusal> {
    let signed = match (response, assertion) {
        (true, true) => "both",
        (true, false) => "response",
        (false, true) => "assertion",
        (false, false) => "nothing",
    };
    let (enough, expected) = match demand {
        SignedParts::Either => (response || assertion, "response or assertion"),
        SignedParts::Assertion => (assertion, "the assertion"),
        SignedParts::Response => (response, "the response"),
        SignedParts::Both => (response && assertion, "both"),
    };
    if enough { Ok(signed) } else { Err(Refusal::new(Fault::Unsigned, signed, expected)) }
}
