//! Token requests without a person: renewing tokens, and tokens for the application itself.

use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::http::{Browser, Request};
use crate::sign_in::{SignInError, Target, basic};

/// Renews tokens; the refresh token becomes the new one, if there is one (RFC 6749 6).
///
/// # Errors
/// See [`SignInError`].
pub async fn refresh(
    browser: &mut Browser,
    target: &Target,
    refresh_token: &mut String,
) -> Result<(), SignInError> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
    let tokens = ask(browser, target, &form).await?;
    if let Some(new) = tokens.get("refresh_token").and_then(Value::as_str) {
        new.clone_into(refresh_token);
    }
    Ok(())
}

/// Asks for a token for the application itself (RFC 6749 4.4).
///
/// # Errors
/// See [`SignInError`].
pub async fn client_credentials(browser: &mut Browser, target: &Target) -> Result<(), SignInError> {
    let form = [("grant_type", "client_credentials"), ("scope", target.scope.as_str())];
    ask(browser, target, &form).await.map(drop)
}

/// Asks the token endpoint; an answer without an access token is a failure.
pub(crate) async fn ask(
    browser: &mut Browser,
    target: &Target,
    fields: &[(&str, &str)],
) -> Result<Value, SignInError> {
    let secret = target.client_secret.as_deref();
    let authorization = secret.map(|secret| basic(&target.client_id, secret));
    let public = secret.is_none().then_some(("client_id", target.client_id.as_str()));
    let form = Serializer::new(String::new()).extend_pairs(fields).extend_pairs(public).finish();
    let request =
        Request { url: &target.token, form: Some(&form), authorization: authorization.as_deref() };
    let answer = browser.send(&request).await?;
    let tokens: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| tokens.get(name).and_then(Value::as_str).unwrap_or_default();
    if answer.status != 200 {
        return Err(SignInError::Token(answer.status, text("error").to_owned()));
    }
    if text("access_token").is_empty() {
        return Err(SignInError::NotOurs("no access token"));
    }
    Ok(tokens)
}
