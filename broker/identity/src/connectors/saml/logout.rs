//! Messages about the end of a session (SAML Core 3.7, SAML Profiles 4.4): ours to the identity provider, its to us,
//! and the answers. What a received request ends is `login`'s matter.

use chrono::TimeDelta;
use symbolon_saml::engine::Trust;
use symbolon_saml::gate::MessageKind;
use symbolon_saml::logout::{
    LogoutExpected, LogoutKind, LogoutRequest, LogoutResponse, ReceivedLogoutRequest, kind_of,
    request_from_post, request_from_redirect, response_from_post, response_from_redirect,
};
use symbolon_saml::response::Status;
use symbolon_saml::{Fault, Refusal, names};

use super::identity::name_id_of;
use super::identity_provider::{Endpoint, IdentityProvider};
use super::machinery::SamlConnector;
use super::send::Outgoing;
use crate::connectors::assertion::single;
use crate::connectors::{ConnectorError, UpstreamRedirect};
use crate::secrets::sha256_hex;

/// A request of ours counts this long.
const REQUEST_LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// A logout message as it came.
#[derive(Debug, Clone)]
pub enum LogoutMessage {
    /// In the URL: the query as it was sent, octet for octet (RB-1).
    Redirect(String),
    /// As a posted form.
    Post(Vec<(String, String)>),
}

/// What it says, verified.
#[derive(Debug)]
pub(crate) enum ReceivedLogout {
    /// The identity provider ends sessions.
    Request(Box<ReceivedLogoutRequest>),
    /// It answers our request.
    Response(Status),
}

impl LogoutMessage {
    fn single(&self, name: &str) -> Option<String> {
        match self {
            Self::Redirect(query) => {
                let fields = url::form_urlencoded::parse(query.as_bytes());
                single(fields.into_owned(), name)
            }
            Self::Post(fields) => single(fields.iter().cloned(), name),
        }
    }

    fn kind(&self) -> Result<LogoutKind, Refusal> {
        let kind = match self {
            Self::Redirect(query) => kind_of(query),
            Self::Post(_) => match (self.single("SAMLRequest"), self.single("SAMLResponse")) {
                (Some(_), None) => Some(LogoutKind::Request),
                (None, Some(_)) => Some(LogoutKind::Response),
                _ => None,
            },
        };
        let expected = "one SAMLRequest or one SAMLResponse";
        kind.ok_or_else(|| Refusal::new(Fault::Encoding, "neither, or both", expected))
    }
}

/// The id of our request, from the state that travels with it: the answer brings both back.
fn request_id(state: &str) -> String {
    format!("id{}", sha256_hex(format!("symbolon saml logout\n{state}").as_bytes()))
}

impl SamlConnector<'_> {
    /// Whether signing out here leads on to the identity provider.
    pub(crate) fn signs_out_there(&self) -> bool {
        self.settings.single_logout && self.logout_endpoint().is_some()
    }

    fn logout_endpoint(&self) -> Option<&Endpoint> {
        IdentityProvider::endpoint(&self.identity_provider.logout, None)
    }

    /// Our request to end a session there. `name_id` is what the session kept.
    pub(crate) async fn logout_request(
        &self,
        (name_id, session_index): (&str, Option<&str>),
        state: String,
    ) -> Result<UpstreamRedirect, ConnectorError> {
        let unknown = || ConnectorError::Misconfigured("it offers no single logout".into());
        let endpoint = self.logout_endpoint().ok_or_else(unknown)?.clone();
        let name_id = name_id_of(name_id).ok_or_else(unknown)?;
        let now = self.broker.clock.now();
        let request = LogoutRequest {
            id: request_id(&state),
            issuer: self.addresses.entity_id.clone(),
            destination: endpoint.location.clone(),
            issued_at: now,
            not_on_or_after: Some(now + REQUEST_LIFETIME),
            name_id,
            session_indexes: session_index.map(str::to_owned).into_iter().collect(),
        };
        let xml = request.to_xml()?;
        let place = (endpoint.binding, endpoint.location);
        let kind = MessageKind::LogoutRequest;
        self.send(place, Outgoing { kind, xml, relay_state: Some(state), sign: true }).await
    }

    /// Our answer to a request of theirs: every session that it named has ended.
    pub(crate) async fn logout_answer(
        &self,
        request: &ReceivedLogoutRequest,
    ) -> Result<UpstreamRedirect, ConnectorError> {
        let endpoint = self.logout_endpoint().ok_or_else(|| {
            ConnectorError::Misconfigured("the identity provider has no address for answers".into())
        })?;
        let location = endpoint.response_location.as_ref().unwrap_or(&endpoint.location);
        let answer = LogoutResponse {
            id: self.fresh_id(),
            in_response_to: request.id.clone(),
            issuer: self.addresses.entity_id.clone(),
            destination: location.to_string(),
            issued_at: self.broker.clock.now(),
            status: vec![names::STATUS_SUCCESS.to_owned()],
        };
        let xml = answer.to_xml()?;
        let place = (endpoint.binding, location.to_string());
        let (kind, relay_state) = (MessageKind::LogoutResponse, request.relay_state.clone());
        self.send(place, Outgoing { kind, xml, relay_state, sign: true }).await
    }

    /// Reads and verifies what came. Everything must be signed.
    pub(crate) async fn receive_logout(
        &self,
        message: LogoutMessage,
    ) -> Result<ReceivedLogout, ConnectorError> {
        let kind = message.kind()?;
        let ours = message.single("RelayState").map(|state| request_id(&state));
        let certificates = std::sync::Arc::clone(&self.certificates);
        let decryption = self.keys.decryption();
        let (algorithms, now) = (self.algorithms(), self.broker.clock.now());
        let identity_provider = self.identity_provider.entity_id.clone();
        let destination = self.addresses.logout_url.clone();
        let skew = TimeDelta::seconds(self.settings.clock_skew_seconds.into());
        let relay_state = message.single("RelayState");
        let field = message.single(match kind {
            LogoutKind::Request => "SAMLRequest",
            LogoutKind::Response => "SAMLResponse",
        });
        let field = field.unwrap_or_default();
        let read = self.broker.saml.run(move || {
            let trust = Trust { certificates: &certificates, algorithms, now };
            let (identity_provider, destination) = (&*identity_provider, &*destination);
            let expected = LogoutExpected { identity_provider, destination, skew, now };
            match kind {
                LogoutKind::Request => {
                    let request = match &message {
                        LogoutMessage::Redirect(query) => {
                            request_from_redirect(query, &trust, &expected, &decryption)
                        }
                        LogoutMessage::Post(_) => {
                            request_from_post(&field, &trust, &expected, &decryption)
                        }
                    };
                    let with_state = |request| ReceivedLogoutRequest { relay_state, ..request };
                    request
                        .map(with_state)
                        .map(|request| ReceivedLogout::Request(Box::new(request)))
                }
                LogoutKind::Response => {
                    let ours = ours.ok_or_else(|| {
                        Refusal::new(Fault::InResponseTo, "no RelayState", "the one that we sent")
                    })?;
                    let status = match &message {
                        LogoutMessage::Redirect(query) => {
                            response_from_redirect(query, &trust, &expected, &ours)
                        }
                        LogoutMessage::Post(_) => {
                            response_from_post(&field, &trust, &expected, &ours)
                        }
                    };
                    status.map(ReceivedLogout::Response)
                }
            }
        });
        read.await.and_then(|read| read).map_err(ConnectorError::from)
    }
}
