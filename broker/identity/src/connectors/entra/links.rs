//! Addresses at Microsoft that people are sent to.

use url::Url;

use super::clouds::Cloud;
use super::settings::EntraSettings;

/// The admin-consent link (E-14). What comes back from it is untrusted; a later sign-in proves it.
#[must_use]
pub fn admin_consent_url(
    settings: &EntraSettings,
    cloud: &Cloud,
    (redirect_uri, state): (&str, &str),
) -> Option<Url> {
    let mut url = cloud.authority.join(&format!("{}/adminconsent", settings.tenant_id)).ok()?;
    url.query_pairs_mut()
        .append_pair("client_id", &settings.client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", state);
    Some(url)
}

/// Where people sign out at Microsoft (E-60). Without the hint Microsoft asks which account is meant.
#[must_use]
pub fn sign_out_url(
    settings: &EntraSettings,
    cloud: &Cloud,
    (back, hint): (&str, Option<&str>),
) -> Option<Url> {
    let path = format!("{}/oauth2/v2.0/logout", settings.tenant_id);
    let mut url = cloud.authority.join(&path).ok()?;
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("post_logout_redirect_uri", back);
        if let Some(hint) = hint {
            query.append_pair("logout_hint", hint);
        }
    }
    Some(url)
}
