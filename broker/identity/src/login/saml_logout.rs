//! Single logout with a SAML identity provider, both ways (SAML Profiles 4.4): our request when a person signs out
//! here, its request when one signs out there. Sessions are found by the session index, never by a cookie: the
//! message comes through the browser from another site.

use secrecy::ExposeSecret;
use symbolon_contract::ConnectorId;
use symbolon_storage::NewSingleUse;

use super::logout::SignedOut;
use super::once::once_only;
use super::refuse::{Circumstances, context, refuse};
use super::{LoginError, Refused};
use crate::broker::{Broker, Visit};
pub use crate::connectors::saml::LogoutMessage;
use crate::connectors::saml::{ReceivedLogout, SamlConnector, logout_subject};
use crate::connectors::{ConnectorError, ConnectorRecord, ConnectorSettings, UpstreamRedirect};
use crate::logout::{self, Which};
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// A session at a SAML identity provider.
pub(super) struct SessionThere {
    pub(super) connector: ConnectorRecord,
    /// The NameID, as the session kept it.
    pub(super) name_id: String,
    /// Its session index.
    pub(super) sid: Option<String>,
}

/// What a logout message led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutOutcome {
    /// Sessions ended; this is the answer.
    Answer(UpstreamRedirect),
    /// The identity provider answered ours.
    SignedOut {
        /// It could not end every session there.
        partial: bool,
    },
}

/// The person signed out here: on to the identity provider, if it offers that. Whatever goes wrong, they are signed
/// out here, and are told that they may not be there.
pub(super) async fn leave(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (signed_out, there): (SignedOut, &SessionThere),
) -> SignedOut {
    let still = SignedOut { still_at: Some("your identity provider"), ..signed_out.clone() };
    match request(broker, tenant, there).await {
        Ok(Some(next)) => SignedOut { next: Some(next), ..signed_out },
        Ok(None) => still,
        Err(error) => {
            tracing::warn!(trace = %visit.trace, %error, "the identity provider was not told of a logout");
            still
        }
    }
}

async fn request(
    broker: &Broker,
    tenant: &TenantRecord,
    there: &SessionThere,
) -> Result<Option<UpstreamRedirect>, ConnectorError> {
    let ConnectorSettings::Saml(settings) = &there.connector.configuration.upstream else {
        return Ok(None);
    };
    let connector = SamlConnector::open(broker, tenant, &there.connector, settings).await?;
    if !connector.signs_out_there() {
        return Ok(None);
    }
    let state = broker.new_secret().expose_secret().to_owned();
    let session = (there.name_id.as_str(), there.sid.as_deref());
    connector.logout_request(session, state).await.map(Some)
}

/// A logout message came.
///
/// # Errors
/// A [`Refused`] to show: nothing ended.
pub async fn saml_logout(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, message): (&ConnectorId, LogoutMessage),
) -> Result<LogoutOutcome, Box<Refused>> {
    match receive(broker, tenant, visit, (connector, message)).await {
        Ok(outcome) => Ok(outcome),
        Err(error) => {
            let known =
                Circumstances { connector: Some(connector.clone()), ..Circumstances::default() };
            Err(refuse(broker, tenant, visit, &error, known).await)
        }
    }
}

async fn receive(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (id, message): (&ConnectorId, LogoutMessage),
) -> Result<LogoutOutcome, LoginError> {
    let (owner, wanted) = (tenant.id.clone(), id.clone());
    let row =
        broker.database.read(move |conn| conn.tenant(&owner).connectors().find(&wanted)).await?;
    let record = ConnectorRecord::try_from(row.ok_or(LoginError::ConnectorUnknown)?)?;
    let ConnectorSettings::Saml(settings) = &record.configuration.upstream else {
        return Err(LoginError::ConnectorUnknown);
    };
    let connector = SamlConnector::open(broker, tenant, &record, settings).await?;
    match connector.receive_logout(message).await? {
        ReceivedLogout::Response(status) => {
            let success = status.codes == [symbolon_saml::names::STATUS_SUCCESS];
            if !success {
                tracing::info!(trace = %visit.trace, ?status, "the identity provider did not end everything");
            }
            Ok(LogoutOutcome::SignedOut { partial: !success })
        }
        ReceivedLogout::Request(request) => {
            end(broker, tenant, visit, (&record, &request)).await?;
            Ok(LogoutOutcome::Answer(connector.logout_answer(&request).await?))
        }
    }
}

/// Ends what the request names; the request itself counts once.
async fn end(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (record, request): (&ConnectorRecord, &symbolon_saml::logout::ReceivedLogoutRequest),
) -> Result<(), LoginError> {
    let context = context(broker, visit, None);
    let (owner, connector) = (tenant.id.clone(), record.id.clone());
    let subject = logout_subject(&request.name_id);
    let sids = request.session_indexes.clone();
    let once = NewSingleUse {
        value_hash: sha256_hex(
            format!("{connector}\n{}\nlogout\n{}", request.issuer, request.id).as_bytes(),
        ),
        payload: serde_json::json!({ "connector": connector }),
        created_at: context.now,
        expires_at: request.remember_until,
    };
    let ended = broker.database.try_write(move |conn| {
        let why = "single logout";
        once_only(&mut conn.tenant(&owner), &once)?;
        let which = Which::UpstreamSubject((&connector, subject.as_str()), &sids);
        Ok::<_, LoginError>(logout::end(conn, &owner, which, (&context, why))?)
    });
    let ended = ended.await?;
    logout::tell(broker, &tenant.id, &ended);
    let count = ended.len();
    tracing::info!(trace = %visit.trace, connector = %record.id, ended = count, "single logout");
    Ok(())
}
