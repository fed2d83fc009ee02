//! Every rule on plain text: how the text is believed is tested elsewhere. Each row of a table changes one thing in a
//! response that every rule accepts. `spid` numbers are the cases of spid-sp-test.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::names::{ASSERTION, PROTOCOL};
use crate::response::reader;
use crate::xml;

mod attributes;
mod authn;
mod conditions;
mod envelope;
mod subject;

const IDP: &str = "https://idp.example.com/metadata";
const SP: &str = "https://symbolon.example.com/saml/c1";
const ACS: &str = "https://symbolon.example.com/saml/c1/acs";

/// A response that keeps every rule at 12:00; the request was sent at 11:59 and a bit.
pub(super) fn good() -> String {
    format!(
        r#"<p:Response xmlns:p="{PROTOCOL}" xmlns="{ASSERTION}" ID="_r" Version="2.0" IssueInstant="2026-11-01T12:00:00Z" Destination="{ACS}" InResponseTo="_q">
<Issuer>{IDP}</Issuer>
<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>
<Assertion ID="_a" Version="2.0" IssueInstant="2026-11-01T12:00:00Z">
<Issuer>
  {IDP} </Issuer>
<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="q" SPNameQualifier="s">alice</NameID>
<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData InResponseTo="_q" NotOnOrAfter="2026-11-01T12:05:00Z" Recipient="{ACS}"/></SubjectConfirmation></Subject>
<Conditions NotBefore="2026-11-01T12:00:00Z" NotOnOrAfter="2026-11-01T13:00:00Z"><AudienceRestriction><Audience>{SP}</Audience></AudienceRestriction></Conditions>
<AuthnStatement AuthnInstant="2026-11-01T12:00:00Z" SessionIndex="_s"><AuthnContext><AuthnContextClassRef> urn:x:password
</AuthnContextClassRef></AuthnContext></AuthnStatement>
<AttributeStatement><Attribute Name="mail"><AttributeValue>a@example.com</AttributeValue></Attribute></AttributeStatement>
</Assertion></p:Response>"#
    )
}

/// What the judgement starts from; tests change it.
pub(super) struct World {
    pub(super) now: &'static str,
    pub(super) skew: i64,
    pub(super) solicited: bool,
    pub(super) force_authn: bool,
    pub(super) contexts: Vec<String>,
    pub(super) signed: bool,
}

impl Default for World {
    fn default() -> Self {
        Self {
            now: "2026-11-01T12:00:10Z",
            skew: 180,
            solicited: true,
            force_authn: false,
            contexts: Vec::new(),
            signed: true,
        }
    }
}

pub(super) fn at(time: &str) -> DateTime<Utc> {
    xml::date_time(time).unwrap()
}

impl World {
    /// The first fault and all checks.
    pub(super) fn judge(&self, text: &str) -> (Option<Fault>, Vec<Check>) {
        let expected = Expected {
            identity_provider: IDP,
            service_provider: SP,
            acs_url: ACS,
            request: self.solicited.then(|| ExpectedRequest {
                id: "_q",
                sent_at: at("2026-11-01T11:59:00.9Z"),
                force_authn: self.force_authn,
                contexts: &self.contexts,
            }),
            skew: TimeDelta::seconds(self.skew),
            now: at(self.now),
        };
        let parsed = xml::parse(text).unwrap();
        let envelope = reader::Envelope::of(parsed.root_element());
        let assertion = xml::children(parsed.root_element(), ASSERTION, "Assertion").next();
        let assertion = assertion.map(reader::Assertion::of);
        let examined = Examined {
            envelope: &envelope,
            envelope_signed: self.signed,
            assertion: assertion.as_ref(),
            expected: &expected,
        };
        let mut checks = Vec::new();
        let fault = judge(&examined, &mut checks).err().map(|refusal| refusal.fault);
        (fault, checks)
    }

    pub(super) fn fault(&self, text: &str) -> Option<Fault> {
        self.judge(text).0
    }

    /// Each change, alone, breaks exactly the named check.
    pub(super) fn refuses(&self, changes: &[(&str, &str, &'static str, Fault)]) {
        assert_eq!(self.fault(&good()), None);
        for (from, to, name, fault) in changes {
            let (first, checks) = self.judge(&changed(from, to));
            assert_eq!(first, Some(*fault), "{from} -> {to}");
            let broken: Vec<_> = checks
                .iter()
                .filter(|check| check.fault.is_some())
                .map(|check| check.name)
                .collect();
            assert_eq!(broken, [*name], "{from} -> {to}");
        }
    }
}

/// The good response with one piece of text replaced, wherever it stands.
pub(super) fn changed(from: &str, to: &str) -> String {
    let good = good();
    assert!(good.contains(from), "{from}");
    good.replace(from, to)
}

/// The good response with the piece replaced only where it stands first.
pub(super) fn changed_first(from: &str, to: &str) -> String {
    let good = good();
    assert!(good.contains(from), "{from}");
    good.replacen(from, to, 1)
}

#[test]
fn a_good_response_keeps_every_rule_and_every_rule_is_shown() {
    let world = World { force_authn: true, ..World::default() };
    let (fault, checks) = world.judge(&good());
    assert_eq!(fault, None);
    let names: Vec<_> = checks.iter().map(|check| check.name).collect();
    let registered: Vec<_> = RULES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, registered);
}

#[test]
fn all_faults_are_shown_and_the_first_is_the_reason() {
    let text = good().replace(&format!(">{SP}<"), ">urn:other<").replace("alice", "");
    let (fault, checks) = World::default().judge(&text);
    assert_eq!(fault, Some(Fault::AudienceMismatch));
    let broken: Vec<_> = checks.iter().filter_map(|check| check.fault).collect();
    assert_eq!(broken, [Fault::AudienceMismatch, Fault::Subject]);
}
