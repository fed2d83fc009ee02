//! The way out: by the person's own hand, on to Microsoft where the connector says so (E-60), and by the
//! upstream's word (E-61).

use secrecy::SecretString;
use symbolon_contract::{ConnectorId, ReasonCode, SessionId};
use symbolon_storage::{Connection, StorageError, StorageResult};
use url::Url;

use super::Refused;
use super::account::failed;
use super::refuse::{context, refuse_request};
use super::saml_logout::{self, SessionThere};
use crate::audit::{self, AuditContext, AuditEvent};
use crate::broker::{Broker, Visit};
use crate::connectors::entra::{Clouds, sign_out_url};
use crate::connectors::saml::{Endpoint, IdentityProvider, effective};
use crate::connectors::{ConnectorRecord, ConnectorSettings, UpstreamRedirect};
use crate::downstream::oidc::OauthError;
use crate::sessions;
use crate::tenants::{TenantRecord, issuer};

/// How a session ended by the person's own hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignedOut {
    /// Whether there was a session.
    pub ended: bool,
    /// Where to go on, to end the upstream's session too.
    pub next: Option<UpstreamRedirect>,
    /// Whose session goes on, where nobody ends it: this should be said (E-62).
    pub still_at: Option<&'static str>,
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
        Ok(Ended { signed_out, at_saml: Some(there) }) => {
            Ok(saml_logout::leave(broker, tenant, visit, (signed_out, &there)).await)
        }
        Ok(Ended { signed_out, at_saml: None }) => Ok(signed_out),
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

/// A session that ended, and what is to be told to a SAML identity provider.
struct Ended {
    signed_out: SignedOut,
    at_saml: Option<SessionThere>,
}

fn end_own(
    conn: &mut Connection,
    (broker, tenant): (&Broker, &TenantRecord),
    cookie: &SecretString,
    mut context: AuditContext,
) -> StorageResult<Ended> {
    let mut rows = conn.tenant(&tenant.id);
    let now = context.now;
    let Some(session) = sessions::find_live(&mut rows, cookie, now, &broker.settings)? else {
        return Ok(Ended { signed_out: SignedOut::default(), at_saml: None });
    };
    sessions::end(&mut rows, &session.id, now, "signed out")?;
    let (hint, sid) = match rows.sessions().find(&session.id)? {
        Some(row) => (row.upstream_logout_hint, row.upstream_sid),
        None => (None, None),
    };
    let connector = rows.connectors().find(&session.connector)?;
    let connector = connector.map(ConnectorRecord::try_from).transpose()?;
    context.actor.kind = "user";
    context.actor.id = Some(session.user.to_string());
    let why = "signed out";
    let event = AuditEvent::SessionEnded { user: session.user, session: session.id, why };
    audit::append(conn, &tenant.id, &context, &event)?;
    let mut ended =
        Ended { signed_out: SignedOut { ended: true, ..SignedOut::default() }, at_saml: None };
    let Some(connector) = connector else { return Ok(ended) };
    match &connector.configuration.upstream {
        ConnectorSettings::Oidc(_) => {}
        ConnectorSettings::Entra(_) => {
            let next = address(broker, tenant, &connector, hint.as_deref());
            ended.signed_out.still_at = next.is_none().then_some("Microsoft");
            ended.signed_out.next = next.map(|url| UpstreamRedirect::Redirect { url: url.into() });
        }
        ConnectorSettings::Saml(_) => {
            ended.at_saml = hint.map(|name_id| SessionThere { connector, name_id, sid });
        }
    }
    Ok(ended)
}

/// Where signing out of the browser's session leads on, whoever its user is.
///
/// # Errors
/// A [`Refused`] to show when the database fails.
pub async fn sign_out_at(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
) -> Result<Option<Url>, Box<Refused>> {
    let Some(cookie) = visit.session_cookie.clone() else {
        return Ok(None);
    };
    let (own, owned) = (broker.clone(), tenant.clone());
    let found = broker.database.read(move |conn| {
        let (mut rows, now) = (conn.tenant(&owned.id), own.clock.now());
        let Some(session) = sessions::find_live(&mut rows, &cookie, now, &own.settings)? else {
            return Ok(None);
        };
        let connector = rows.connectors().find(&session.connector)?;
        let connector = connector.map(ConnectorRecord::try_from).transpose()?;
        match connector {
            Some(connector) => leads_to(conn, (&own, &owned), &connector),
            None => Ok(None),
        }
    });
    match found.await {
        Ok(found) => Ok(found),
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

/// Where signing out of a session of this connector leads on.
pub(super) fn leads_to(
    conn: &mut Connection,
    (broker, tenant): (&Broker, &TenantRecord),
    connector: &ConnectorRecord,
) -> StorageResult<Option<Url>> {
    match &connector.configuration.upstream {
        ConnectorSettings::Saml(settings) if settings.single_logout => {
            let document = conn.tenant(&tenant.id).upstream_documents().find(&connector.id)?;
            let (version, now) = (connector.settings_version, broker.clock.now());
            let there = effective(settings, version, document.as_ref(), now);
            let endpoint = IdentityProvider::endpoint(&there.logout, None);
            Ok(endpoint.and_then(Endpoint::url))
        }
        _ => Ok(address(broker, tenant, connector, None)),
    }
}

fn address(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorRecord,
    hint: Option<&str>,
) -> Option<Url> {
    let ConnectorSettings::Entra(settings) = &connector.configuration.upstream else {
        return None;
    };
    let cloud = broker.settings.clouds.find(&settings.cloud)?;
    let back = format!("{}/signed-out", issuer(&broker.settings.public_url, &tenant.slug));
    settings.sign_out_at_microsoft.then(|| sign_out_url(settings, cloud, (&back, hint)))?
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
        let mut rows = conn.tenant(&owner);
        let why = "front-channel logout";
        let ended = sessions::end_by_upstream_sid(&mut rows, (&id, &sid), context.now, why)?;
        for (session, user) in &ended {
            let (session, user) = (session.clone(), user.clone());
            let event = AuditEvent::SessionEnded { user, session, why };
            audit::append(conn, &owner, &context, &event)?;
        }
        Ok::<_, StorageError>(ended.into_iter().map(|(session, _)| session).collect())
    });
    match ended.await {
        Ok(ended) => {
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
