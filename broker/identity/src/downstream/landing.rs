//! Which pages people may be sent to after a sign-in that no application asked for (N41).

use url::Url;

use super::Application;

/// A page of our own, or one whose origin an active application of the tenant registered: nobody can make
/// an open redirect of a setting.
#[must_use]
pub fn may_land(url: &Url, public_url: &str, applications: &[Application]) -> bool {
    let origin = url.origin();
    let ours = Url::parse(public_url).is_ok_and(|ours| ours.origin() == origin);
    let registered = applications
        .iter()
        .filter(|application| application.active)
        .flat_map(|application| &application.settings.redirect_uris)
        .filter_map(|uri| Url::parse(uri.as_str()).ok());
    origin.is_tuple() && (ours || registered.into_iter().any(|uri| uri.origin() == origin))
}

#[cfg(test)]
mod tests {
    use symbolon_contract::ApplicationId;

    use super::*;
    use crate::downstream::{OpenidSettings, RedirectUri};

    #[test]
    fn feat_n41_only_our_own_pages_and_those_of_applications() {
        let uris = ["https://wiki.example/cb", "com.example.app:/cb"];
        let uris = uris.map(|uri| RedirectUri::parse(uri).unwrap());
        let settings = OpenidSettings::new(uris.to_vec());
        let mut wiki = Application::new(ApplicationId::parse("wiki").unwrap(), settings);
        let may = |url: &str, wiki: &Application| {
            may_land(&Url::parse(url).unwrap(), "https://id.example", std::slice::from_ref(wiki))
        };
        for fine in ["https://id.example/t/contoso/", "https://wiki.example/start?a=b"] {
            assert!(may(fine, &wiki), "{fine}");
        }
        for wrong in [
            "http://wiki.example/start",
            "https://wiki.example:8443/",
            "https://wiki.example.evil.example/",
            "https://wiki.example@evil.example/",
            "com.example.app:/start",
            "javascript:alert(1)",
        ] {
            assert!(!may(wrong, &wiki), "{wrong}");
        }
        wiki.active = false;
        assert!(!may("https://wiki.example/start", &wiki));
    }
}
