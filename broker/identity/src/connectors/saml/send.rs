//! A message of ours on its way, by redirect or by posted form (SAML Bindings 3.4, 3.5).

use symbolon_saml::bindings::{post, redirect};
use symbolon_saml::engine::{SignatureEngine, XmlSec};
use symbolon_saml::gate::MessageKind;

use super::identity_provider::Binding;
use super::machinery::SamlConnector;
use crate::connectors::{ConnectorError, UpstreamRedirect};

/// A message to send.
pub(super) struct Outgoing {
    pub(super) kind: MessageKind,
    pub(super) xml: String,
    pub(super) relay_state: Option<String>,
    /// Signed with our present key.
    pub(super) sign: bool,
}

impl SamlConnector<'_> {
    pub(super) async fn send(
        &self,
        (binding, location): (Binding, String),
        message: Outgoing,
    ) -> Result<UpstreamRedirect, ConnectorError> {
        let own = &self.keys.present.signing;
        let (key, certificate) = (own.key.clone(), own.certificate.clone());
        let sent = self.broker.saml.run(move || {
            let Outgoing { kind, xml, relay_state, sign } = message;
            let state = relay_state.as_deref();
            match binding {
                Binding::Redirect => {
                    let signer = sign.then_some(&key);
                    let url = redirect::url(&location, kind, &xml, state, signer)?;
                    Ok(UpstreamRedirect::Redirect { url })
                }
                Binding::Post => {
                    let xml = match sign {
                        true => XmlSec::new().sign(&xml, &key, &certificate)?,
                        false => xml,
                    };
                    let fields = post::fields(kind, &xml, state);
                    Ok(UpstreamRedirect::PostForm { action: location, fields })
                }
            }
        });
        sent.await.and_then(|sent| sent).map_err(ConnectorError::from)
    }
}
