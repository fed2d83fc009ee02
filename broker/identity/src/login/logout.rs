//! The way out: by the person's own hand, on to the upstream where the connector says so (E-60), and by the
//! upstream's word (E-61).

use secrecy::SecretString;
use symbolon_contract::{ConnectorId, ReasonCode, SessionId};
use symbolon_storage::{Connection, StorageResult};
use url::Url;

use super::Refused;
use super::account::failed;
use super::refuse::{context, refuse_request};
use super::upstream_logout::{self, There};
use crate::audit::AuditContext;
use crate::broker::{Broker, Visit};
use crate::connectors::entra::Clouds;
use crate::connectors::{ConnectorRecord, ConnectorSettings, UpstreamRedirect};
use crate::downstream::oidc::{OauthError, OpenidProvider, front_channel};
use crate::logout::{self, Ended, Which};
use crate::sessions;
use crate::tenants::TenantRecord;

/// How a session ended by the person's own hand.
#[derive(Debug, Clone, Default)]
pub struct SignedOut {
    /// Whether there was a session.
    pub ended: bool,
    /// Where to go on, to end the upstream's session too.
    pub next: Option<UpstreamRedirect>,
    /// Whose session goes on, where nobody ends it: this should be said (E-62).
    pub still_at: Option<&'static str>,
    /// Addresses that tell applications when a page loads them (OpenID Connect Front-Channel Logout 1.0).
    pub frames: Vec<Url>,
    /// Where the application wants the person in the end.
    pub landing: Option<String>,
    /// What the browser shall keep, to be led there when it comes back from `next`.
    pub resume: Option<SecretString>,
}

/// Ends the browser's session.
///
/// # Errors
/// A [`Refused`] to show when the database fails: nobody is told "signed out" who is not.
pub async fn sign_out(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
) -> Result<SignedOut, Box<Refused>> {
    let Some(cookie) = visit.session_cookie.clone() else {
        return Ok(SignedOut::default());
    };
    let context = context(broker, visit, None);
    let (owned, own) = (tenant.clone(), broker.clone());
    let ended =
        broker.database.write(move |conn| end_own(conn, (&own, &owned), &cookie, context)).await;
    match ended {
        Ok((ended, there)) => {
            logout::tell(broker, &tenant.id, &ended);
            let frames = ended.iter().flat_map(|one| frames(broker, tenant, one)).collect();
            let signed_out = SignedOut { ended: !ended.is_empty(), frames, ..SignedOut::default() };
            Ok(upstream_logout::leave(broker, tenant, visit, (signed_out, there)).await)
        }
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

fn end_own(
    conn: &mut Connection,
    (broker, tenant): (&Broker, &TenantRecord),
    cookie: &SecretString,
    mut context: AuditContext,
) -> StorageResult<(Vec<Ended>, Option<There>)> {
    let mut rows = conn.tenant(&tenant.id);
    let session = sessions::find_live(&mut rows, cookie, context.now, &broker.settings)?;
    let Some(session) = session else { return Ok((Vec::new(), None)) };
    let row = rows.sessions().find(&session.id)?;
    let connector = rows.connectors().find(&session.connector)?;
    let connector = connector.map(ConnectorRecord::try_from).transpose()?;
    context.actor.kind = "user";
    context.actor.id = Some(session.user.to_string());
    let which = Which::Session(&session.id);
    let ended = logout::end(conn, &tenant.id, which, (&context, "signed out"))?;
    let (hint, sid) = row.map(|row| (row.upstream_logout_hint, row.upstream_sid)).unzip();
    let (hint, sid) = (hint.flatten(), sid.flatten());
    Ok((ended, connector.map(|connector| There { connector, hint, sid })))
}

fn frames(broker: &Broker, tenant: &TenantRecord, ended: &Ended) -> Vec<Url> {
    let address = |application| {
        let provider = OpenidProvider::of(broker, tenant, application);
        front_channel::address(&provider, application, &ended.session)
    };
    ended.applications.iter().filter_map(address).collect()
}

/// What the upstream's own sign-out led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontChannel {
    /// The sessions that ended.
    pub ended: Vec<SessionId>,
    /// Who may show the answer in a frame: the origin that the upstream's pages come from.
    pub framed_by: Option<String>,
}

/// The upstream says, in a frame without cookies, that one of its sessions is over (OpenID Connect
/// Front-Channel Logout 1.0; Entra sends `sid` alone). Only sessions that stem from it end.
///
/// # Errors
/// A [`Refused`] to show: no such connector, no `sid`, another issuer.
pub async fn front_channel_logout(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, sid, issuer): (&ConnectorId, Option<&str>, Option<&str>),
) -> Result<FrontChannel, Box<Refused>> {
    let refused = |reason, detail: String| async move {
        let error = OauthError::new(reason, detail);
        Err(refuse_request(broker, Some(tenant), visit, error, None).await)
    };
    let (id, wanted) = (tenant.id.clone(), connector.clone());
    let found = broker.database.read(move |conn| conn.tenant(&id).connectors().find(&wanted)).await;
    let record = match found.map(|row| row.map(ConnectorRecord::try_from).transpose()) {
        Ok(Ok(Some(record))) => record,
        Ok(Ok(None)) => {
            return refused(ReasonCode::ConnectorUnknown, connector.to_string()).await;
        }
        Ok(Err(error)) | Err(error) => return Err(failed(broker, tenant, visit, &error).await),
    };
    let Some(sid) = sid else {
        return refused(ReasonCode::LogoutSidMissing, "no single sid".to_owned()).await;
    };
    if let (ConnectorSettings::Oidc(oidc), Some(seen)) = (&record.configuration.upstream, issuer)
        && oidc.issuer != seen
    {
        let detail = format!("iss {seen}, expected {}", oidc.issuer);
        return refused(ReasonCode::OidcMixup, detail).await;
    }
    let context = context(broker, visit, None);
    let (owner, id, sid) = (tenant.id.clone(), record.id.clone(), sid.to_owned());
    let ended = broker.database.write(move |conn| {
        let which = Which::UpstreamSession(&id, &sid);
        logout::end(conn, &owner, which, (&context, "front-channel logout"))
    });
    match ended.await {
        Ok(ended) => {
            logout::tell(broker, &tenant.id, &ended);
            let ended = ended.into_iter().map(|one| one.session).collect();
            Ok(FrontChannel { ended, framed_by: origin(&record, &broker.settings.clouds) })
        }
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

fn origin(connector: &ConnectorRecord, clouds: &Clouds) -> Option<String> {
    let url = match &connector.configuration.upstream {
        ConnectorSettings::Entra(settings) => clouds.find(&settings.cloud)?.authority.clone(),
        ConnectorSettings::Oidc(settings) => Url::parse(&settings.issuer).ok()?,
        // Its logout messages are signed and go elsewhere.
        ConnectorSettings::Saml(_) => return None,
    };
    let origin = url.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}
