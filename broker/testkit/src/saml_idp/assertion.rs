//! Writing a response with its assertion, unsigned, in the vendor's prefixes. Misbehaviour that must be
//! signed happens here.

use super::canonical::{attribute, text};
use super::message::ReceivedRequest;
use super::misbehaviour::Misbehaviour as M;
use super::names::{ASSERTION, STATUS, Style, instant};
use super::settings::{Attribute, NameId, Settings, StatusError};

pub(super) const HOUR: i64 = 3600;
const SOMEBODY_ELSE: &str = "intruder@evil.example";
const ELSEWHERE: &str = "https://elsewhere.example/";
const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

/// Everything that the document says.
pub(super) struct Plan {
    pub(super) settings: Settings,
    pub(super) style: Style,
    pub(super) now: i64,
    pub(super) issuer: String,
    pub(super) service_provider: String,
    pub(super) acs_url: String,
    pub(super) request: Option<ReceivedRequest>,
    pub(super) in_response_to: Option<String>,
    pub(super) response_id: String,
    pub(super) assertion_id: String,
    pub(super) name_id: NameId,
    pub(super) attributes: Vec<Attribute>,
    pub(super) authn_instant: i64,
    pub(super) session_index: Option<String>,
}

impl Plan {
    fn has(&self, fault: &M) -> bool {
        self.settings.has(fault)
    }

    fn at(&self, offset: i64) -> String {
        instant(self.now + offset, &self.settings.vendor)
    }

    fn issued_at(&self) -> String {
        self.at(if self.has(&M::IssuedInFuture) { HOUR } else { 0 })
    }

    /// ` InResponseTo="..."` or nothing.
    fn in_response_to(&self, is_inside: bool) -> String {
        let wrong =
            self.has(&M::WrongInResponseTo) || (is_inside && self.has(&M::WrongInResponseToInside));
        match &self.in_response_to {
            _ if wrong => " InResponseTo=\"_nobody_asked\"".to_owned(),
            Some(id) if !self.has(&M::NoInResponseTo) => {
                format!(" InResponseTo=\"{}\"", attribute(id))
            }
            _ => String::new(),
        }
    }

    /// The whole response; with a status error, one without assertion.
    pub(super) fn response(&self, status: Option<&StatusError>) -> String {
        let (p, a) = (self.style.protocol, self.style.assertion);
        let wrong = self.has(&M::WrongIssuer) || self.has(&M::WrongResponseIssuer);
        let issuer = if wrong { ELSEWHERE } else { &self.issuer };
        let destination = if self.has(&M::NoDestination) {
            String::new()
        } else if self.has(&M::WrongDestination) {
            format!(" Destination=\"{ELSEWHERE}\"")
        } else {
            format!(" Destination=\"{}\"", attribute(&self.acs_url))
        };
        let assertion = if status.is_some() || self.has(&M::NoAssertion) {
            String::new()
        } else {
            self.assertion(&self.assertion_id, &self.name_id)
        };
        format!(
            "<{p}Response{namespace}{destination} ID=\"{id}\"{answers} IssueInstant=\"{at}\" Version=\"2.0\">\
<{a}Issuer{ours}>{issuer}</{a}Issuer>{status}{assertion}</{p}Response>",
            namespace = self.style.protocol_namespace(),
            id = self.response_id,
            answers = self.in_response_to(false),
            at = self.issued_at(),
            ours = self.style.assertion_namespace(),
            issuer = text(issuer),
            status = status_element(p, status),
        )
    }

    fn assertion(&self, id: &str, name_id: &NameId) -> String {
        let a = self.style.assertion;
        let issuer = if self.has(&M::WrongIssuer) { ELSEWHERE } else { &self.issuer };
        let version = if self.has(&M::WrongVersion) { "1.1" } else { "2.0" };
        // Okta lists the prefix of its value types; it is declared where all of them can use it.
        let types = if self.style.typed_values {
            " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\""
        } else {
            ""
        };
        let advice = if self.has(&M::AssertionInAdvice) && id == self.assertion_id {
            let other = self.assertion("_in_advice", &NameId::new("", SOMEBODY_ELSE));
            format!("<{a}Advice>{other}</{a}Advice>")
        } else {
            String::new()
        };
        format!(
            "<{a}Assertion{ours}{types} ID=\"{id}\" IssueInstant=\"{at}\" Version=\"{version}\">\
<{a}Issuer>{issuer}</{a}Issuer>{subject}{conditions}{advice}{authn}{attributes}</{a}Assertion>",
            ours = self.style.assertion_namespace(),
            at = self.issued_at(),
            issuer = text(issuer),
            subject = self.subject(name_id),
            conditions = self.conditions(),
            authn = self.authn_statement(),
            attributes = self.attribute_statement(),
        )
    }

    fn subject(&self, name_id: &NameId) -> String {
        if self.has(&M::NoSubject) {
            return String::new();
        }
        let a = self.style.assertion;
        let method = if self.has(&M::SenderVouches) { "sender-vouches" } else { "bearer" };
        let recipient = if self.has(&M::WrongRecipient) { ELSEWHERE } else { &self.acs_url };
        let early = if self.has(&M::ConfirmationNotBefore) {
            format!(" NotBefore=\"{}\"", self.at(0))
        } else {
            String::new()
        };
        let is_over = self.has(&M::Expired) || self.has(&M::ConfirmationExpired);
        format!(
            "<{a}Subject>{name_id}<{a}SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:{method}\">\
<{a}SubjectConfirmationData{answers}{early} NotOnOrAfter=\"{end}\" Recipient=\"{recipient}\">\
</{a}SubjectConfirmationData></{a}SubjectConfirmation></{a}Subject>",
            name_id = self.name_id_element(name_id),
            answers = self.in_response_to(true),
            end = self.at(if is_over { -HOUR } else { 300 }),
            recipient = attribute(recipient),
        )
    }

    fn name_id_element(&self, name_id: &NameId) -> String {
        let value = if self.has(&M::EmptyNameId) { "" } else { &name_id.value };
        let mut written = text(value);
        if self.has(&M::InstructionInNameId) {
            let (head, tail) = halves(value);
            written = format!("{}<?x y?>{}", text(head), text(tail));
        }
        name_id_element(self.style.assertion, name_id, &written)
    }

    fn conditions(&self) -> String {
        if self.has(&M::NoConditions) {
            return String::new();
        }
        let a = self.style.assertion;
        let begin = if self.has(&M::NotYetValid) { HOUR } else { 0 };
        let end = if self.has(&M::Expired) { -HOUR } else { self.settings.lifetime };
        let end = if self.has(&M::NoEnd) {
            String::new()
        } else {
            format!(" NotOnOrAfter=\"{}\"", self.at(end))
        };
        let begin = if self.has(&M::Expired) { -2 * HOUR } else { begin };
        let audience = |audience: &str| {
            format!(
                "<{a}AudienceRestriction><{a}Audience>{}</{a}Audience></{a}AudienceRestriction>",
                text(audience)
            )
        };
        let mut inside = String::new();
        if self.has(&M::UnknownCondition) {
            inside.push_str(&format!(
                "<{a}Condition xmlns:x=\"urn:unknown\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
xsi:type=\"x:Unknown\"></{a}Condition>"
            ));
        }
        if !self.has(&M::NoAudience) {
            let wrong = self.has(&M::WrongAudience);
            inside.push_str(&audience(if wrong { ELSEWHERE } else { &self.service_provider }));
        }
        if self.has(&M::SecondAudienceRestriction) {
            inside.push_str(&audience(ELSEWHERE));
        }
        format!("<{a}Conditions NotBefore=\"{}\"{end}>{inside}</{a}Conditions>", self.at(begin))
    }

    fn authn_statement(&self) -> String {
        if self.has(&M::NoAuthnStatement) {
            return String::new();
        }
        let a = self.style.assertion;
        let offset = if self.has(&M::StaleAuthnInstant) { -24 * HOUR } else { 0 };
        let instant = instant(
            self.authn_instant + self.settings.authn_instant_offset + offset,
            &self.settings.vendor,
        );
        let index = match &self.session_index {
            Some(index) => format!(" SessionIndex=\"{}\"", attribute(index)),
            None => String::new(),
        };
        let ended = self.has(&M::SessionEnded).then_some(-HOUR);
        let end = match ended.or(self.settings.session_ends_in) {
            Some(seconds) => format!(" SessionNotOnOrAfter=\"{}\"", self.at(seconds)),
            None => String::new(),
        };
        format!(
            "<{a}AuthnStatement AuthnInstant=\"{instant}\"{index}{end}><{a}AuthnContext>\
<{a}AuthnContextClassRef>{context}</{a}AuthnContextClassRef></{a}AuthnContext></{a}AuthnStatement>",
            context = text(&self.authn_context()),
        )
    }

    fn authn_context(&self) -> String {
        if self.has(&M::OtherAuthnContext) {
            return "urn:oasis:names:tc:SAML:2.0:ac:classes:PreviousSession".to_owned();
        }
        let asked = self.request.as_ref().and_then(|request| request.contexts.first());
        self.settings.authn_context.as_ref().or(asked).map_or(PASSWORD.to_owned(), Clone::clone)
    }

    fn attribute_statement(&self) -> String {
        let a = self.style.assertion;
        let mut all: String = self.attributes.iter().map(|one| self.attribute(one)).collect();
        if self.has(&M::ManyAttributes) {
            let more = (0..300).map(|number| Attribute::new(&format!("more{number}"), ["x"]));
            all.extend(more.map(|one| self.attribute(&one)));
        }
        if self.has(&M::HugeResponse) {
            all.push_str(&self.attribute(&Attribute::new("huge", ["x".repeat(2 << 20)])));
        }
        if self.has(&M::ElementInAttributeValue) {
            let inner = name_id_element(a, &self.name_id, &text(&self.name_id.value));
            all.push_str(&format!(
                "<{a}Attribute Name=\"urn:oid:1.3.6.1.4.1.5923.1.1.1.10\"><{a}AttributeValue>{inner}\
</{a}AttributeValue></{a}Attribute>"
            ));
        }
        if all.is_empty() {
            return all;
        }
        format!("<{a}AttributeStatement>{all}</{a}AttributeStatement>")
    }

    fn attribute(&self, one: &Attribute) -> String {
        let a = self.style.assertion;
        let optional = |name: &str, value: &Option<String>| match value {
            Some(value) => format!(" {name}=\"{}\"", attribute(value)),
            None => String::new(),
        };
        let kind = if self.style.typed_values {
            " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"xs:string\""
        } else {
            ""
        };
        let values: String = one
            .values
            .iter()
            .map(|value| format!("<{a}AttributeValue{kind}>{}</{a}AttributeValue>", text(value)))
            .collect();
        format!(
            "<{a}Attribute{friendly} Name=\"{name}\"{format}>{values}</{a}Attribute>",
            friendly = optional("FriendlyName", &one.friendly_name),
            name = attribute(&one.name),
            format = optional("NameFormat", &one.name_format),
        )
    }
}

/// A text cut in the middle.
pub(super) fn halves(value: &str) -> (&str, &str) {
    let middle = value.char_indices().nth(value.chars().count() / 2).map_or(0, |(at, _)| at);
    value.split_at_checked(middle).unwrap_or((value, ""))
}

/// A NameID whose text is XML already.
pub(super) fn name_id_element(prefix: &str, name_id: &NameId, written: &str) -> String {
    let optional = |name: &str, value: Option<&String>| match value {
        Some(value) if !value.is_empty() => format!(" {name}=\"{}\"", attribute(value)),
        _ => String::new(),
    };
    format!(
        "<{prefix}NameID{format}{qualifier}{sp_qualifier}>{written}</{prefix}NameID>",
        format = optional("Format", name_id.format.as_ref()),
        qualifier = optional("NameQualifier", name_id.name_qualifier.as_ref()),
        sp_qualifier = optional("SPNameQualifier", name_id.sp_name_qualifier.as_ref()),
    )
}

/// A NameID that declares its own namespace, for logout requests.
pub(super) fn lone_name_id(name_id: &NameId) -> String {
    name_id_element("saml:", name_id, &text(&name_id.value)).replacen(
        "<saml:NameID",
        &format!("<saml:NameID xmlns:saml=\"{ASSERTION}\""),
        1,
    )
}

/// `Status` (SAML Core 3.2.2.1); success without an error.
pub(super) fn status_element(prefix: &str, error: Option<&StatusError>) -> String {
    let p = prefix;
    let Some(error) = error else {
        return format!(
            "<{p}Status><{p}StatusCode Value=\"{STATUS}Success\"></{p}StatusCode></{p}Status>"
        );
    };
    let code = |code: &str, inside: &str| {
        format!("<{p}StatusCode Value=\"{STATUS}{}\">{inside}</{p}StatusCode>", attribute(code))
    };
    let inner = error.inner.as_ref().map(|inner| code(inner, "")).unwrap_or_default();
    let message = match &error.message {
        Some(message) => format!("<{p}StatusMessage>{}</{p}StatusMessage>", text(message)),
        None => String::new(),
    };
    format!("<{p}Status>{}{message}</{p}Status>", code(&error.code, &inner))
}
