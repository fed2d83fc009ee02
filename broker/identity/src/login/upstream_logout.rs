//! From our sign-out on to the upstream's, where the connector says so (E-60). Whatever goes wrong there, the person
//! is signed out here, and is told where they may not be.

use symbolon_storage::{Connection, StorageResult};
use url::Url;

use super::Refused;
use super::account::failed;
use super::logout::SignedOut;
use super::saml_logout::{self, SessionThere};
use crate::broker::{Broker, Visit};
use crate::connectors::entra::sign_out_url;
use crate::connectors::oidc::{self, OidcSettings};
use crate::connectors::saml::{Endpoint, IdentityProvider, effective};
use crate::connectors::{ConnectorRecord, ConnectorSettings, UpstreamRedirect};
use crate::sessions;
use crate::tenants::{TenantRecord, issuer};

/// The upstream's side of a session that ended here.
pub(super) struct There {
    pub(super) connector: ConnectorRecord,
    /// What the upstream wants to hear.
    pub(super) hint: Option<String>,
    /// Its own session.
    pub(super) sid: Option<String>,
}

/// Where the person goes on to, or whose session goes on.
pub(super) async fn leave(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (signed_out, there): (SignedOut, Option<There>),
) -> SignedOut {
    let Some(There { connector, hint, sid }) = there else { return signed_out };
    match &connector.configuration.upstream {
        ConnectorSettings::Oidc(settings) if !settings.sign_out_at_provider => signed_out,
        ConnectorSettings::Oidc(settings) => {
            let next = at_provider(broker, tenant, (&connector, settings), hint.as_deref()).await;
            on_to(signed_out, next, "your sign-in service")
        }
        ConnectorSettings::Entra(_) => {
            let next = at_microsoft(broker, tenant, &connector, hint.as_deref());
            on_to(signed_out, next, "Microsoft")
        }
        ConnectorSettings::Saml(_) => match hint {
            None => signed_out,
            Some(name_id) => {
                let there = SessionThere { connector, name_id, sid };
                saml_logout::leave(broker, tenant, visit, (signed_out, &there)).await
            }
        },
    }
}

fn on_to(signed_out: SignedOut, next: Option<Url>, whose: &'static str) -> SignedOut {
    SignedOut {
        still_at: next.is_none().then_some(whose),
        next: next.map(|url| UpstreamRedirect::Redirect { url: url.into() }),
        ..signed_out
    }
}

/// Where an upstream sends people back to.
fn back(broker: &Broker, tenant: &TenantRecord) -> String {
    format!("{}/signed-out", issuer(&broker.settings.public_url, &tenant.slug))
}

fn at_microsoft(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorRecord,
    hint: Option<&str>,
) -> Option<Url> {
    let ConnectorSettings::Entra(settings) = &connector.configuration.upstream else {
        return None;
    };
    let cloud = broker.settings.clouds.find(&settings.cloud)?;
    let back = back(broker, tenant);
    settings.sign_out_at_microsoft.then(|| sign_out_url(settings, cloud, (&back, hint)))?
}

/// The provider's `end_session_endpoint` (OpenID Connect RP-Initiated Logout 1.0, 2). ID tokens are not kept, so it
/// is told our `client_id`; it may ask the person.
async fn at_provider(
    broker: &Broker,
    tenant: &TenantRecord,
    (connector, settings): (&ConnectorRecord, &OidcSettings),
    hint: Option<&str>,
) -> Option<Url> {
    let provider = oidc::Provider {
        tenant: &tenant.id,
        id: &connector.id,
        version: connector.version,
        settings,
        upstreams: &broker.upstreams,
        clock: broker.clock.as_ref(),
    };
    let document = match provider.document().await {
        Ok(document) => document,
        Err(error) => {
            tracing::warn!(connector = %connector.id, %error, "nobody is signed out at the upstream");
            return None;
        }
    };
    let mut url = document.end_session_endpoint.clone()?;
    url.query_pairs_mut()
        .append_pair("client_id", &settings.client_id)
        .append_pair("post_logout_redirect_uri", &back(broker, tenant))
        .extend_pairs(hint.map(|hint| ("logout_hint", hint)));
    Some(url)
}

/// Where signing out of the browser's session leads on, whoever its user is: pages that post a sign-out must name
/// these addresses.
///
/// # Errors
/// A [`Refused`] to show when the database fails.
pub async fn sign_out_at(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
) -> Result<Vec<Url>, Box<Refused>> {
    let Some(cookie) = visit.session_cookie.clone() else {
        return Ok(Vec::new());
    };
    let (own, owned) = (broker.clone(), tenant.clone());
    let found = broker.database.read(move |conn| {
        let (mut rows, now) = (conn.tenant(&owned.id), own.clock.now());
        let Some(session) = sessions::find_live(&mut rows, &cookie, now, &own.settings)? else {
            return Ok(Vec::new());
        };
        let connector = rows.connectors().find(&session.connector)?;
        let connector = connector.map(ConnectorRecord::try_from).transpose()?;
        match connector {
            Some(connector) => leads_to(conn, (&own, &owned), &connector),
            None => Ok(Vec::new()),
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
) -> StorageResult<Vec<Url>> {
    match &connector.configuration.upstream {
        ConnectorSettings::Saml(settings) if settings.single_logout => {
            let document = conn.tenant(&tenant.id).upstream_documents().find(&connector.id)?;
            let (version, now) = (connector.settings_version, broker.clock.now());
            let there = effective(settings, version, document.as_ref(), now);
            let endpoint = IdentityProvider::endpoint(&there.logout, None);
            Ok(endpoint.and_then(Endpoint::url).into_iter().collect())
        }
        ConnectorSettings::Oidc(settings) if settings.sign_out_at_provider => {
            // Its document may name the issuer's host and those that the admin named, no others.
            let hosts = settings.endpoint_hosts.iter().map(|host| format!("https://{host}/"));
            let places = hosts.chain([settings.issuer.clone()]);
            Ok(places.filter_map(|place| Url::parse(&place).ok()).collect())
        }
        _ => Ok(at_microsoft(broker, tenant, connector, None).into_iter().collect()),
    }
}
