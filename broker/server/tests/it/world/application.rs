//! An application: signs people in as a whole, or step by step.

use serde_json::Value;
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{Browser, DemoApplication};

use super::wire::CHALLENGE;
use super::{CONNECTOR, Login, TestTenant, VERIFIER, answer, parameter, post_form};

/// A registered application.
pub(crate) struct TestApplication<'a> {
    pub(crate) tenant: &'a TestTenant<'a>,
    pub(crate) running: DemoApplication,
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
}

impl TestApplication<'_> {
    /// A person of the provider signs in with a fresh browser.
    pub(crate) async fn log_in(&self, person: &str) -> Login {
        self.log_in_with(Browser::new().unwrap(), person, "").await
    }

    /// The same with a browser that may have been around, and further parameters of the request.
    pub(crate) async fn log_in_with(
        &self,
        mut browser: Browser,
        person: &str,
        extra: &str,
    ) -> Login {
        let provider = &self.tenant.world.provider;
        provider.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
        let page = browser.get(&format!("{}/sign-in?{extra}", self.running.url())).await.unwrap();
        let roles = match page.has("signed-in-email") {
            true => self.running.last_sign_in().map(|person| person.roles().join(", ")),
            false => None,
        };
        Login { browser, page, roles }
    }

    /// An authorization request by hand: every parameter can be changed or left out.
    pub(crate) fn authorize_url(&self, change: &[(&str, Option<&str>)]) -> String {
        let redirect_uri = self.running.redirect_uri();
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", redirect_uri.as_str()),
            ("scope", "openid profile email roles"),
            ("state", "state-of-the-test"),
            ("nonce", "nonce-of-the-test"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in change {
            parameters.retain(|(known, _)| known != name);
            parameters.extend(value.map(|value| (*name, value)));
        }
        let mut url = url::Url::parse(&format!("{}/authorize", self.tenant.issuer())).unwrap();
        url.query_pairs_mut().extend_pairs(parameters);
        url.into()
    }

    /// Signs in by an authorization request by hand and stops with the code.
    pub(crate) async fn code(&self, person: &str, change: &[(&str, Option<&str>)]) -> String {
        let provider = &self.tenant.world.provider;
        provider.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
        let mut browser = Browser::new().unwrap();
        browser.stop_before(&self.running.url());
        let page = browser.get(&self.authorize_url(change)).await.unwrap();
        parameter(&page.location().unwrap(), "code").unwrap()
    }

    /// A token request by hand, authenticated by HTTP Basic unless `secret` is none.
    pub(crate) async fn redeem(&self, code: &str, change: &[(&str, Option<&str>)]) -> (u16, Value) {
        let redirect_uri = self.running.redirect_uri();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in change {
            fields.retain(|(known, _)| known != name);
            fields.extend(value.map(|value| (*name, value)));
        }
        let request = post_form(&format!("{}/token", self.tenant.issuer()), &fields);
        let request = match &self.secret {
            Some(secret) => request.basic_auth(&self.id, Some(secret)),
            None => request,
        };
        answer(request).await
    }
}

impl TestApplication<'_> {
    /// A person signs in at the provider and the browser stops before the callback of [`CONNECTOR`]:
    /// the address that it would open next. The application's `state` tells attempts apart.
    pub(crate) async fn callback_of(
        &self,
        browser: &mut Browser,
        (person, state): (&str, &str),
    ) -> url::Url {
        let provider = &self.tenant.world.provider;
        provider.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
        browser.stop_before(&self.tenant.callback(CONNECTOR));
        let page = browser.get(&self.authorize_url(&[("state", Some(state))])).await.unwrap();
        browser.stop_before(&self.running.url());
        page.location().unwrap()
    }
}
