//! The proof that a form was ours: a token bound to the browser's cookie, and where it came from.
//!
//! Both are asked of every POST that a person's browser sends. The token alone would do; the origin
//! check costs nothing and also stops a form that was stolen together with its token.

use actix_web::http::header::{HeaderMap, HeaderName, ORIGIN};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use url::Url;

/// The name of the hidden form field.
pub const CSRF_FIELD: &str = "csrf";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why a form is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CsrfRefusal {
    /// Another site sent the form.
    #[error("the form was sent by another site")]
    CrossSite,
    /// Nothing says who sent it: neither `Sec-Fetch-Site` nor a usable `Origin`.
    #[error("the browser does not say which site sent the form")]
    OriginUnknown,
    /// The form carries no token.
    #[error("the form carries no token")]
    TokenMissing,
    /// The token belongs to another browser, another purpose or an ended session.
    #[error("the form's token does not belong to this browser")]
    TokenMismatch,
}

/// The token for a form: a MAC over what the form does and the browser's cookie value. `sign` is the
/// domain's keyed MAC as text.
pub fn token(sign: impl Fn(&[u8]) -> String, purpose: &str, cookie_value: &str) -> String {
    sign(format!("symbolon-csrf\n{purpose}\n{cookie_value}").as_bytes())
}

/// Checks the token that a form brought, in constant time.
///
/// # Errors
/// [`CsrfRefusal::TokenMissing`] or [`CsrfRefusal::TokenMismatch`].
pub fn check_token(
    sign: impl Fn(&[u8]) -> String,
    purpose: &str,
    cookie_value: &str,
    sent: Option<&str>,
) -> Result<(), CsrfRefusal> {
    let sent = sent.filter(|sent| !sent.is_empty()).ok_or(CsrfRefusal::TokenMissing)?;
    let expected = token(sign, purpose, cookie_value);
    verify_slices_are_equal(expected.as_bytes(), sent.as_bytes())
        .map_err(|_| CsrfRefusal::TokenMismatch)
}

/// Whether the request was sent by a page of the public URL, or by the person directly.
///
/// `Sec-Fetch-Site` decides where it exists (every browser since 2023, over https and on
/// localhost). Our pages say `Referrer-Policy: no-referrer`, which makes browsers send
/// `Origin: null`, so without `Sec-Fetch-Site` only an exact `Origin` counts.
///
/// # Errors
/// [`CsrfRefusal::CrossSite`] or [`CsrfRefusal::OriginUnknown`].
pub fn same_origin(headers: &HeaderMap, public_url: &Url) -> Result<(), CsrfRefusal> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match text(SEC_FETCH_SITE) {
        Some("same-origin" | "none") => return Ok(()),
        Some(_) => return Err(CsrfRefusal::CrossSite),
        None => {}
    }
    match text(ORIGIN) {
        None | Some("null") => Err(CsrfRefusal::OriginUnknown),
        Some(origin) if origin == public_url.origin().ascii_serialization() => Ok(()),
        Some(_) => Err(CsrfRefusal::CrossSite),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn sign(key: u8) -> impl Fn(&[u8]) -> String {
        move |message| {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[key; 32]);
            format!("{:?}", aws_lc_rs::hmac::sign(&key, message).as_ref())
        }
    }

    #[test]
    fn a_token_belongs_to_one_browser_one_purpose_one_key() {
        let mine = token(sign(1), "sign-out", "cookie-a");
        let check =
            |key, purpose, cookie, sent: &str| check_token(sign(key), purpose, cookie, Some(sent));
        assert_eq!(check(1, "sign-out", "cookie-a", &mine), Ok(()));
        let mismatch = Err(CsrfRefusal::TokenMismatch);
        assert_eq!(check(2, "sign-out", "cookie-a", &mine), mismatch);
        assert_eq!(check(1, "find", "cookie-a", &mine), mismatch);
        assert_eq!(check(1, "sign-out", "cookie-b", &mine), mismatch);
        assert_eq!(check(1, "sign-out", "cookie-a", &mine[1..]), mismatch);
        let missing = Err(CsrfRefusal::TokenMissing);
        assert_eq!(check(1, "sign-out", "cookie-a", ""), missing);
        assert_eq!(check_token(sign(1), "sign-out", "cookie-a", None), missing);
    }

    #[test]
    fn only_our_own_pages_may_send_forms() {
        let public = Url::parse("https://login.example.com/").unwrap();
        let cases = [
            (Some("same-origin"), Some("null"), Ok(())),
            (Some("none"), None, Ok(())),
            (Some("cross-site"), Some("https://login.example.com"), Err(CsrfRefusal::CrossSite)),
            (Some("same-site"), None, Err(CsrfRefusal::CrossSite)),
            (None, Some("https://login.example.com"), Ok(())),
            (None, Some("http://login.example.com"), Err(CsrfRefusal::CrossSite)),
            (None, Some("https://login.example.com.evil.example"), Err(CsrfRefusal::CrossSite)),
            (None, Some("null"), Err(CsrfRefusal::OriginUnknown)),
            (None, None, Err(CsrfRefusal::OriginUnknown)),
        ];
        for (site, origin, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert(SEC_FETCH_SITE, HeaderValue::from_static(site));
            }
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(same_origin(&headers, &public), expected, "{site:?} {origin:?}");
        }
    }
}
