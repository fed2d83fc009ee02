//! FAPI 2.0 Security Profile from the pushed request to UserInfo, by `private_key_jwt` and DPoP, a test a module
//! (`fapi2-security-profile-final-x` is `fapi2_security_profile_final_x`).
//!
//! Here is an application under the profile and what it does in every flow; the modules stand in the files, by the
//! endpoint that they ask.

mod authorization;
mod bound;
mod happy;
mod pushed;
mod redirect_uris;
mod token;

use serde_json::Value;
use symbolon_identity::admin::NewApplication;
use symbolon_identity::clock::Clock as _;
use symbolon_identity::downstream::{ApplicationAuthentication, GrantType, SecurityProfile};
use symbolon_testkit::application::verified;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey, Browser};
use url::Url;

use super::flow::{hard_to_guess, published};
use crate::authorize::Change;
use crate::downstream::{Reply, assert_refused, open, signed_in, told};
use crate::grants::{Ask, ask, redeem, userinfo_by};
use crate::pushed_requests::address;
use crate::world::{TestApplication, TestBroker, TestTenant, parameter};

/// An application under the profile, its key, and a browser in which somebody is signed in.
struct Bank<'a> {
    app: TestApplication<'a>,
    key: ApplicationKey,
    browser: Browser,
}

fn key() -> ApplicationKey {
    ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap()
}

fn profile(new: &mut NewApplication, key: &ApplicationKey) {
    new.settings.profile = SecurityProfile::Fapi2;
    new.settings.authentication = ApplicationAuthentication::PrivateKeyJwt;
    new.settings.jwks = Some(key.jwks());
    new.settings.grant_types = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
}

async fn bank<'a>(tenant: &'a TestTenant<'a>, id: &str) -> Bank<'a> {
    let key = key();
    let app = tenant.application_with(id, |new| profile(new, &key)).await;
    let browser = signed_in(tenant, "alice").await;
    Bank { app, key, browser }
}

impl Bank<'_> {
    fn now(&self) -> i64 {
        self.app.tenant.world.clock.now().timestamp()
    }

    fn issuer(&self) -> String {
        self.app.tenant.issuer()
    }

    /// A pushed request, before it is said who pushes.
    fn request(&self, change: Change<'_>) -> Ask<'_> {
        let url = Url::parse(&self.app.authorize_url(change)).unwrap();
        let pairs = url.query_pairs().into_owned();
        pairs.fold(ask(&self.app, "par"), |request, (name, value)| request.with(&name, &value))
    }

    fn push(&self, change: Change<'_>) -> Ask<'_> {
        self.request(change).signed_by(&self.key)
    }

    /// The address that the browser opens for a pushed request: `client_id` and `request_uri`, nothing else.
    async fn pushed(&self, change: Change<'_>) -> String {
        self.address(&self.push(change).send().await)
    }

    fn address(&self, pushed: &Reply) -> String {
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        assert!(pushed.body["expires_in"].as_i64().is_some_and(|life| (5..600).contains(&life)));
        let uri = pushed.text("request_uri");
        assert!(hard_to_guess(uri.rsplit(':').next().unwrap()), "{uri}");
        address(&self.app, &uri)
    }

    /// Refused at the endpoint for pushed requests, in one line.
    async fn refused(&self, change: Change<'_>, expected: &str) {
        assert_refused(self.app.tenant, &self.push(change).send().await, expected).await;
    }

    /// What the application is told when the browser opens an address.
    async fn told_at(&mut self, url: &str) -> Url {
        told(&self.app, &open(&self.app, &mut self.browser, url).await)
    }

    async fn answer(&mut self, pushed: Reply) -> Url {
        let url = self.address(&pushed);
        self.told_at(&url).await
    }

    async fn code(&mut self, change: Change<'_>) -> String {
        let pushed = self.push(change).send().await;
        code_in(&self.answer(pushed).await)
    }

    fn redeem(&self, code: &str) -> Ask<'_> {
        redeem(&self.app, code).signed_by(&self.key)
    }

    async fn tokens(&mut self, change: Change<'_>) -> Value {
        let code = self.code(change).await;
        self.redeem(&code).proof(&self.key).tokens().await
    }

    fn userinfo_url(&self) -> String {
        format!("{}/userinfo", self.issuer())
    }

    /// UserInfo, with a good proof.
    async fn userinfo(&self, access_token: &str) -> Reply {
        let way = ("GET", &*self.userinfo_url());
        let proof = self.key.proof(way, Some(access_token), self.now()).unwrap();
        userinfo_by(&self.app, (access_token, "DPoP"), Some(proof)).await
    }

    /// What is asked in every flow: bound tokens, an ID token of a published key, the same person at UserInfo.
    async fn looked_at(&self, tokens: &Value) -> Value {
        let access_token = tokens["access_token"].as_str().unwrap();
        assert_eq!(tokens["token_type"], "DPoP");
        assert!(hard_to_guess(access_token) && tokens["expires_in"].is_i64(), "{tokens}");
        let keys = published(self.app.tenant).await;
        let claims = verified(tokens["id_token"].as_str().unwrap(), &keys, access_token).unwrap();
        assert_eq!(
            (&claims["iss"], &claims["aud"]),
            (&self.issuer().into(), &(&*self.app.id).into())
        );
        let told = self.userinfo(access_token).await;
        assert_eq!((told.status, &told.body["sub"]), (200, &claims["sub"]), "{}", told.body);
        claims
    }
}

fn code_in(answer: &Url) -> String {
    parameter(answer, "code").unwrap_or_else(|| answer.to_string())
}

/// What is redeemed with nothing wrong about it succeeds; gives the claims of the ID token.
async fn succeeds_with(bank: &Bank<'_>, answer: &Url) -> Value {
    let code = code_in(answer);
    assert!(hard_to_guess(&code), "{code}");
    assert_eq!(parameter(answer, "iss"), Some(bank.issuer()), "RFC 9207");
    let tokens = bank.redeem(&code).proof(&bank.key).tokens().await;
    bank.looked_at(&tokens).await
}

/// A request that succeeds; gives the claims of the ID token and what the application was told.
async fn succeeds(change: Change<'_>) -> (Value, Url) {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let pushed = bank.push(change).send().await;
    let answer = bank.answer(pushed).await;
    (succeeds_with(&bank, &answer).await, answer)
}
