//! A person signs in to let a device in, and comes back to the page of the devices (RFC 8628 3.3).

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::attempt::LoginRequest;
use super::authorize;
use super::flow::{FlowResult, settle, start};
use super::platform::TENANT;
use super::refuse::Circumstances;
use crate::broker::{Broker, Visit};
use crate::downstream::oidc::device::UserCode;
use crate::downstream::oidc::issuer;
use crate::secrets::Purpose;
use crate::tenants::TenantRecord;

/// Whose every sealed code is.
const OWNER: &str = "sign-in";

/// Begins a sign-in that leads back to the page of the devices, with the code that the person brought.
///
/// # Errors
/// A [`super::Refused`] to show.
pub async fn sign_in(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    typed: Option<&str>,
) -> FlowResult {
    let mut known = Circumstances::default();
    let outcome = async {
        let user_code = match typed.and_then(UserCode::parse) {
            None => None,
            Some(code) => {
                let (purpose, text) = (Purpose::DeviceUserCode, code.as_str().as_bytes());
                // Without it the person types the code again.
                broker.secrets.seal(&tenant.id, purpose, OWNER, text).await.ok()
            }
        };
        let around = authorize::surroundings(broker, tenant, visit, None).await?;
        let device = LoginRequest::Device { user_code, at_platform: tenant.at_platform };
        let asked = (&around, device);
        start(broker, tenant, visit, asked, &mut known).await
    }
    .await;
    settle(broker, tenant, visit, outcome, known).await
}

/// The code that was sealed before the sign-in; what was changed or is another tenant's is none.
pub async fn opened(broker: &Broker, tenant: &TenantRecord, sealed: &str) -> Option<SecretString> {
    let purpose = Purpose::DeviceUserCode;
    let opened = broker.secrets.open_text(&tenant.id, purpose, OWNER, sealed).await.ok()?;
    UserCode::parse(opened.expose_secret()).is_some().then_some(opened)
}

/// The page of the devices; the sealed code may stand in its address.
pub(super) fn page(
    public_url: &str,
    tenant: &TenantRecord,
    (user_code, at_platform): (Option<&str>, bool),
) -> Option<Url> {
    let issuer = if at_platform {
        public_url.trim_end_matches('/').to_owned()
    } else {
        issuer(public_url, &tenant.slug)
    };
    let mut url = Url::parse(&format!("{issuer}/device")).ok()?;
    if at_platform {
        url.query_pairs_mut().append_pair(TENANT, tenant.slug.as_str());
    }
    if let Some(sealed) = user_code {
        url.query_pairs_mut().append_pair("sealed", sealed);
    }
    Some(url)
}
