//! What the browser brought back from the provider (OpenID Core 3.1.2.5, RFC 9207).

use super::discovery::ProviderDocument;
use crate::connectors::error::shorten;
use crate::connectors::{ConnectorError, UpstreamCallback};

/// The code, once the answer is known to be this provider's and no error.
pub(crate) fn code<'a>(
    callback: &'a UpstreamCallback,
    document: &ProviderDocument,
) -> Result<&'a str, ConnectorError> {
    check_issuer(callback, document)?;
    if let Some(error) = callback.single("error") {
        return Err(upstream_error(error, callback.single("error_description").unwrap_or("")));
    }
    callback.single("code").filter(|code| !code.is_empty()).ok_or(ConnectorError::CodeMissing)
}

/// RFC 9207 2.4: `iss` must match where it stands, and must stand where the provider promises it.
fn check_issuer(
    callback: &UpstreamCallback,
    document: &ProviderDocument,
) -> Result<(), ConnectorError> {
    let stated: Vec<&str> = callback
        .parameters()
        .iter()
        .filter(|(name, _)| name == "iss")
        .map(|(_, value)| value.as_str())
        .collect();
    let fine = match stated.as_slice() {
        [] => !document.states_issuer_in_response,
        [one] => *one == document.issuer,
        _ => false,
    };
    if fine {
        return Ok(());
    }
    let seen = if stated.is_empty() { "none".to_owned() } else { shorten(&stated.join(" and ")) };
    Err(ConnectorError::MixUp { seen, expected: document.issuer.clone() })
}

fn upstream_error(code: &str, description: &str) -> ConnectorError {
    let description = shorten(description);
    match code {
        "access_denied" => ConnectorError::AccessDenied { description },
        _ => ConnectorError::Upstream { code: shorten(code), description },
    }
}

#[cfg(test)]
mod tests {
    use symbolon_contract::ReasonCode;
    use url::Url;

    use super::*;

    fn document(promises: bool) -> ProviderDocument {
        let url = |path: &str| Url::parse(&format!("https://idp.example{path}")).unwrap();
        ProviderDocument {
            issuer: "https://idp.example".into(),
            authorization_endpoint: url("/authorize"),
            token_endpoint: url("/token"),
            jwks_uri: url("/jwks"),
            userinfo_endpoint: None,
            end_session_endpoint: None,
            graph_host: None,
            states_issuer_in_response: promises,
        }
    }

    fn callback(parameters: &[(&str, &str)]) -> UpstreamCallback {
        let owned = parameters.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        UpstreamCallback::Query(owned.collect())
    }

    #[test]
    fn rfc9207_the_issuer_must_match_and_must_come_when_promised() {
        let good = callback(&[("code", "c"), ("iss", "https://idp.example")]);
        assert_eq!(code(&good, &document(true)).unwrap(), "c");
        for (bad, promised) in [
            (callback(&[("code", "c")]), true),
            (callback(&[("code", "c"), ("iss", "https://evil.example")]), false),
            (callback(&[("code", "c"), ("iss", "https://idp.example/")]), false),
            (
                callback(&[
                    ("code", "c"),
                    ("iss", "https://idp.example"),
                    ("iss", "https://evil.example"),
                ]),
                false,
            ),
        ] {
            let refused = code(&bad, &document(promised)).unwrap_err();
            assert_eq!(refused.reason(), ReasonCode::OidcMixup, "{bad:?}");
        }
    }

    #[test]
    fn errors_and_missing_codes_have_their_own_reasons() {
        for (parameters, reason) in [
            (&[("error", "access_denied")][..], ReasonCode::OidcAccessDenied),
            (&[("error", "server_error")][..], ReasonCode::OidcUpstreamError),
            (&[][..], ReasonCode::OidcCodeMissing),
            (&[("code", "")][..], ReasonCode::OidcCodeMissing),
            (&[("code", "a"), ("code", "b")][..], ReasonCode::OidcCodeMissing),
        ] {
            let refused = code(&callback(parameters), &document(false)).unwrap_err();
            assert_eq!(refused.reason(), reason, "{parameters:?}");
        }
    }
}
