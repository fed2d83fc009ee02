//! Where a page of ours tells an application, in a frame, that a session ended (OpenID Connect Front-Channel
//! Logout 1.0, 2 and 3).

use symbolon_contract::SessionId;
use url::Url;

use super::OpenidProvider;
use crate::downstream::Application;

/// The address to load, if the application wants to be told this way.
#[must_use]
pub fn address(
    provider: &OpenidProvider,
    application: &Application,
    session: &SessionId,
) -> Option<Url> {
    let settings = &application.settings;
    let mut url = settings.frontchannel_logout_uri.clone()?;
    if settings.frontchannel_logout_session {
        // Both or none (3).
        let mut query = url.query_pairs_mut();
        query.append_pair("iss", &provider.issuer).append_pair("sid", session.as_str());
    }
    Some(url)
}
