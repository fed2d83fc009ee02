//! The assertion consumer service (SAML Profiles 4.1.4): a response came by a posted form, mostly from another site
//! and so without cookies.

use symbolon_contract::ConnectorId;
use symbolon_saml::bindings::post::LONGEST_FIELD;
use symbolon_saml::{Fault, Refusal};
use symbolon_storage::SingleUseKind;

use super::flow::{self, FlowResult, settle};
use super::refuse::Circumstances;
use super::step::{LoginStep, Outcome};
use super::{LoginError, held, idp_initiated};
use crate::broker::{Broker, Visit};
use crate::connectors::{ConnectorError, UpstreamCallback};
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// A response was posted. With a RelayState that we made it answers a sign-in of ours: then it is read once the
/// browser's cookie is there. Without, nobody here asked for it.
///
/// # Errors
/// A [`super::Refused`] to show.
pub async fn response_posted(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, fields): (&ConnectorId, Vec<(String, String)>),
) -> FlowResult {
    let known = Circumstances { connector: Some(connector.clone()), ..Circumstances::default() };
    let callback = UpstreamCallback::Form(fields);
    let ours = match is_ours(broker, tenant, &callback).await {
        Ok(ours) => ours,
        Err(error) => return settle(broker, tenant, visit, Err(error), known).await,
    };
    if !ours {
        return idp_initiated::unsolicited(broker, tenant, visit, (connector, &callback)).await;
    }
    if visit.login_cookie.is_some() {
        return flow::complete(broker, tenant, visit, (connector, &callback)).await;
    }
    let kept = held::hold(broker, tenant, callback.parameters()).await;
    let step = kept
        .map(|handle| Outcome::of(LoginStep::ComeBack { connector: connector.clone(), handle }));
    settle(broker, tenant, visit, step, known).await
}

/// Whether a sign-in of this tenant sent this state away. What is too long is refused before anything is kept (A21).
async fn is_ours(
    broker: &Broker,
    tenant: &TenantRecord,
    callback: &UpstreamCallback,
) -> Result<bool, LoginError> {
    if let Some((_, long)) =
        callback.parameters().iter().find(|(_, value)| value.len() > LONGEST_FIELD)
    {
        let refusal = Refusal::new(Fault::TooLarge, long.len(), LONGEST_FIELD);
        return Err(ConnectorError::from(refusal).into());
    }
    let Some(state) = callback.single("RelayState") else {
        return Ok(false);
    };
    let (owner, hash) = (tenant.id.clone(), sha256_hex(state.as_bytes()));
    let kind = SingleUseKind::UpstreamState;
    let known = broker.database.read(move |conn| conn.tenant(&owner).single_use(kind).peek(&hash));
    Ok(known.await?.is_some())
}
