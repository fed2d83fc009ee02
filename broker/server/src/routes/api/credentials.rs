//! What a connector proves itself with: replaced, ended, revoked; never shown.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use symbolon_identity::admin::{self, AdminError, FederatedTrust, NewSecret, ReplacedSecret};

use super::answer::{Done, Found, Made};
use super::body::{Json, NoBody};
use super::call::Call;
use super::views::{
    CertificateActive, CertificateMade, CreateCertificate, Mode, ReplaceSecret, SecretEnd,
    SecretsRevoked,
};

/// The first moment of the day: warned of early rather than late.
pub(super) fn end_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

pub(super) async fn replace(
    call: Call,
    Json(body): Json<ReplaceSecret>,
) -> Result<Found<ReplacedSecret>, AdminError> {
    let id = call.connector()?;
    let new = NewSecret { secret: body.client_secret.0, ends_at: body.ends_on.map(end_of) };
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    Ok(Found(admin::replace_client_secret(broker, caller, tenant, (&id, new)).await?))
}

pub(super) async fn set_end(call: Call, Json(body): Json<SecretEnd>) -> Result<Done, AdminError> {
    let id = call.connector()?;
    let change = (&id, body.ends_on.map(end_of));
    admin::set_secret_expiry(call.broker(), &call.caller, &call.tenant, change).await?;
    Ok(Done)
}

pub(super) async fn drop_previous(call: Call, _: NoBody) -> Result<Done, AdminError> {
    let id = call.connector()?;
    admin::drop_previous_secret(call.broker(), &call.caller, &call.tenant, &id).await?;
    Ok(Done)
}

pub(super) async fn revoke(call: Call, _: NoBody) -> Result<Found<SecretsRevoked>, AdminError> {
    let id = call.connector()?;
    let forgotten = admin::revoke_secrets(call.broker(), &call.caller, &call.tenant, &id).await?;
    Ok(Found(SecretsRevoked { forgotten, mode: Mode::Off }))
}

pub(super) async fn create_certificate(
    call: Call,
    Json(body): Json<CreateCertificate>,
) -> Result<Made<CertificateMade>, AdminError> {
    let id = call.connector()?;
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    let made = admin::create_certificate(broker, caller, tenant, (&id, body.days)).await?;
    Ok(Made(CertificateMade {
        certificate: made.certificate_pem,
        thumbprint: made.thumbprint,
        ends_at: made.ends_at,
    }))
}

pub(super) async fn activate_certificate(
    call: Call,
    _: NoBody,
) -> Result<Found<CertificateActive>, AdminError> {
    let id = call.connector()?;
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    let thumbprint = admin::activate_certificate(broker, caller, tenant, &id).await?;
    Ok(Found(CertificateActive { thumbprint }))
}

pub(super) async fn federated(call: Call, _: NoBody) -> Result<Found<FederatedTrust>, AdminError> {
    let id = call.connector()?;
    Ok(Found(admin::federated_trust(call.broker(), &call.tenant, &id).await?))
}
