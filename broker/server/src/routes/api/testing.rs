//! The test of a connection, test sign-ins, and how a connector is.

use secrecy::ExposeSecret;
use symbolon_identity::admin::{self, AdminError, ConnectorStatus};
use symbolon_identity::connectors::ConnectionReport;

use super::answer::{Found, Made};
use super::body::NoBody;
use super::call::Call;
use super::views::{TestLink, TestState};

pub(super) async fn test(call: Call, _: NoBody) -> Result<Found<ConnectionReport>, AdminError> {
    let id = call.connector()?;
    Ok(Found(admin::test_connection(call.broker(), &call.tenant, &id).await?))
}

pub(super) async fn begin_sign_in(call: Call, _: NoBody) -> Result<Made<TestLink>, AdminError> {
    let id = call.connector()?;
    let link = admin::begin_test_sign_in(call.broker(), &call.caller, &call.tenant, &id).await?;
    Ok(Made(TestLink {
        id: link.id,
        // The caller hands it to the person who is to open it.
        url: link.url.expose_secret().to_owned(),
        expires_at: link.expires_at,
    }))
}

pub(super) async fn sign_in_report(call: Call, _: NoBody) -> Result<Found<TestState>, AdminError> {
    let (id, test) = (call.connector()?, call.part("test"));
    let report = admin::read_test_sign_in(call.broker(), &call.tenant, test).await?;
    if report.as_ref().is_some_and(|report| report.connector != id) {
        return Err(AdminError::NotFound { kind: "test sign-in", id: test.to_owned() });
    }
    Ok(Found(TestState { finished: report.is_some(), report }))
}

pub(super) async fn status(call: Call, _: NoBody) -> Result<Found<ConnectorStatus>, AdminError> {
    let id = call.connector()?;
    Ok(Found(admin::connector_status(call.broker(), &call.tenant, &id).await?))
}
