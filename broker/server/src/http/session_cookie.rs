//! The cookies of a browser: its session at a tenant, its login attempt there, and its way out.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::cookie::{self, Cookie, SameSite};
use actix_web::http::header::{COOKIE, HeaderMap};
use symbolon_contract::TenantSlug;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookiePurpose {
    /// The person is signed in.
    Session,
    /// The person is signing in.
    Login,
    /// The person is signing out at the upstream, and comes back.
    SignOut,
}

/// One cookie of one tenant: knows its name and attributes, over https and on this machine alike.
///
/// `SameSite=Lax`: an upstream that answers by cross-site POST does not get it sent along; such an
/// answer is taken and then bounced by a same-site 303 (`openid-provider.md` H-03).
#[derive(Debug, Clone, Copy)]
pub struct BrowserCookie<'a> {
    /// Which of them.
    pub purpose: CookiePurpose,
    /// Whose: the tenant's slug is part of the name.
    pub tenant: &'a TenantSlug,
    /// Whether the public URL is https. Without it, browsers refuse `__Host-` and `Secure`.
    pub https: bool,
}

impl BrowserCookie<'_> {
    /// The cookie's name. `__Host-` keeps other hosts and subdomains from setting it.
    #[must_use]
    pub fn name(&self) -> String {
        let prefix = if self.https { "__Host-" } else { "" };
        let purpose = match self.purpose {
            CookiePurpose::Session => "session",
            CookiePurpose::Login => "login",
            CookiePurpose::SignOut => "sign-out",
        };
        format!("{prefix}symbolon-{purpose}-{}", self.tenant)
    }

    /// Sets the cookie for that long.
    #[must_use]
    pub fn set(&self, value: &str, max_age: Duration) -> Cookie<'static> {
        let seconds = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
        self.build(value.to_owned(), cookie::time::Duration::seconds(seconds))
    }

    /// Removes the cookie.
    #[must_use]
    pub fn clear(&self) -> Cookie<'static> {
        self.build(String::new(), cookie::time::Duration::ZERO)
    }

    fn build(&self, value: String, max_age: cookie::time::Duration) -> Cookie<'static> {
        Cookie::build(self.name(), value)
            .path("/")
            .http_only(true)
            .secure(self.https)
            .same_site(SameSite::Lax)
            .max_age(max_age)
            .finish()
    }

    /// The value that the browser sent. Two different values mean that somebody else planted one
    /// (possible only without `__Host-`): then neither counts.
    #[must_use]
    pub fn read(&self, headers: &HeaderMap) -> Option<String> {
        let name = self.name();
        let mut values = headers
            .get_all(COOKIE)
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(sent, _)| *sent == name)
            .map(|(_, value)| value);
        let first = values.next()?;
        (!first.is_empty() && values.all(|value| value == first)).then(|| first.to_owned())
    }
}

/// The tenants at which the browser seems to have a session, by the names of its cookies.
pub(crate) fn tenants_with_session(headers: &HeaderMap, https: bool) -> BTreeSet<TenantSlug> {
    let prefix = format!("{}symbolon-session-", if https { "__Host-" } else { "" });
    let cookies = headers.get_all(COOKIE).filter_map(|header| header.to_str().ok());
    let names = cookies.flat_map(|header| header.split(';')).filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.strip_prefix(prefix.as_str()).filter(|_| !value.is_empty())
    });
    names.filter_map(|slug| TenantSlug::parse(slug).ok()).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn cookie(tenant: &TenantSlug, https: bool) -> BrowserCookie<'_> {
        BrowserCookie { purpose: CookiePurpose::Session, tenant, https }
    }

    fn sent(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(text).unwrap());
        headers
    }

    #[test]
    fn over_https_the_cookie_is_bound_to_this_host() {
        let contoso = TenantSlug::parse("contoso").unwrap();
        let set = cookie(&contoso, true).set("abc", Duration::from_secs(60)).to_string();
        assert_eq!(
            set,
            "__Host-symbolon-session-contoso=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"
        );
        let cleared = cookie(&contoso, true).clear().to_string();
        assert!(cleared.starts_with("__Host-symbolon-session-contoso=;"), "{cleared}");
        assert!(cleared.ends_with("Max-Age=0"), "{cleared}");
    }

    #[test]
    fn on_this_machine_without_https_it_has_another_name() {
        let contoso = TenantSlug::parse("contoso").unwrap();
        let login = BrowserCookie { purpose: CookiePurpose::Login, ..cookie(&contoso, false) };
        let set = login.set("abc", Duration::from_secs(60)).to_string();
        assert_eq!(set, "symbolon-login-contoso=abc; HttpOnly; SameSite=Lax; Path=/; Max-Age=60");
    }

    #[test]
    fn the_names_of_session_cookies_tell_their_tenants() {
        let headers = sent(
            "symbolon-session-contoso=a; symbolon-login-x=b; symbolon-session-gone=; \
             __Host-symbolon-session-far=c; symbolon-session-a/b=d; symbolon-session-contoso=e",
        );
        let found = |https| -> Vec<String> {
            tenants_with_session(&headers, https).into_iter().map(String::from).collect()
        };
        assert_eq!(
            (found(false), found(true)),
            (vec!["contoso".to_owned()], vec!["far".to_owned()])
        );
    }

    #[test]
    fn only_its_own_value_is_read() {
        let contoso = TenantSlug::parse("contoso").unwrap();
        let cases = [
            ("symbolon-session-contoso=a", Some("a")),
            ("x=1; symbolon-session-contoso=a; y=2", Some("a")),
            ("symbolon-session-contoso=a; symbolon-session-contoso=a", Some("a")),
            ("symbolon-session-contoso=a; symbolon-session-contoso=b", None),
            ("symbolon-session-contoso-2=a", None),
            ("symbolon-login-contoso=a", None),
            ("__Host-symbolon-session-contoso=a", None),
            ("symbolon-session-contoso=", None),
            ("rubbish", None),
        ];
        for (header, expected) in cases {
            assert_eq!(
                cookie(&contoso, false).read(&sent(header)).as_deref(),
                expected,
                "{header}"
            );
        }
    }
}
