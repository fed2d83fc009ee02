//! An application of the operator's: registered once, offered to tenants, spoken to by the platform's issuer.

use std::sync::Arc;

use secrecy::ExposeSecret;
use serde_json::Value;
use symbolon_contract::ApplicationId;
use symbolon_identity::admin::{self, NewApplication};
use symbolon_identity::clock::Clock as _;
use symbolon_identity::downstream::{OpenidSettings, RedirectUri};
use symbolon_testkit::application::Registration;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{Browser, DemoApplication};
use url::Url;

use super::wire::CHALLENGE;
use super::{TestBroker, TestTenant, VERIFIER, answer, caller, parameter, post_form};

/// Such an application, running.
pub(crate) struct PlatformDesk<'a> {
    pub(crate) world: &'a TestBroker,
    pub(crate) running: DemoApplication,
    pub(crate) id: ApplicationId,
    pub(crate) secret: String,
}

impl TestBroker {
    /// The operator's application `desk`, offered to these tenants.
    pub(crate) async fn desk(
        &self,
        tenants: &[&TestTenant<'_>],
        change: impl FnOnce(&mut NewApplication),
    ) -> PlatformDesk<'_> {
        let clock = self.clock.clone();
        let running = DemoApplication::builder()
            .name("desk")
            .scopes("openid profile email roles")
            .clock(Arc::new(move || clock.now().timestamp()))
            .start()
            .unwrap();
        let id = ApplicationId::parse("desk").unwrap();
        let mut new = NewApplication {
            id: id.clone(),
            display_name: "Helpdesk".into(),
            settings: OpenidSettings::new(vec![
                RedirectUri::parse(running.redirect_uri()).unwrap(),
            ]),
            public: false,
        };
        change(&mut new);
        let created =
            admin::create_platform_application(&self.broker, &caller(), new).await.unwrap();
        let secret = created.secret.unwrap().expose_secret().to_owned();
        running.register(Registration {
            issuer: self.url.clone(),
            client_id: id.to_string(),
            client_secret: Some(secret.clone()),
        });
        let desk = PlatformDesk { world: self, running, id, secret };
        for tenant in tenants {
            desk.offer(tenant).await;
        }
        desk
    }
}

impl PlatformDesk<'_> {
    pub(crate) async fn offer(&self, tenant: &TestTenant<'_>) {
        let offer = (&self.id, Vec::new());
        let broker = &self.world.broker;
        admin::offer_application(broker, &caller(), &tenant.record, offer).await.unwrap();
    }

    /// An authorization request at the platform's issuer.
    pub(crate) fn authorize_url(&self, change: &[(&str, &str)]) -> String {
        let redirect_uri = self.running.redirect_uri();
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", "desk"),
            ("redirect_uri", redirect_uri.as_str()),
            ("scope", "openid profile email roles"),
            ("state", "state-of-the-test"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in change {
            parameters.retain(|(known, _)| known != name);
            parameters.push((name, value));
        }
        let mut url = Url::parse(&format!("{}/authorize", self.world.url)).unwrap();
        url.query_pairs_mut().extend_pairs(parameters);
        url.into()
    }

    /// Opens such a request, as a person of the provider, and stops before the application.
    pub(crate) async fn open(
        &self,
        browser: &mut Browser,
        (person, change): (&str, &[(&str, &str)]),
    ) -> Page {
        let automatic = AutomaticSignIn::As(person.to_owned());
        self.world.provider.sign_in_automatically(automatic);
        browser.stop_before(&self.running.url());
        browser.get(&self.authorize_url(change)).await.unwrap()
    }

    /// A code for a person of a tenant.
    pub(crate) async fn code(&self, person: &str, tenant: &str) -> String {
        let mut browser = Browser::new().unwrap();
        let page = self.open(&mut browser, (person, &[("tenant", tenant)])).await;
        let location = page.location().unwrap_or_else(|| page.url().clone());
        parameter(&location, "code").unwrap_or_else(|| page.body().to_owned())
    }

    /// Redeems a code at the token endpoint of this issuer.
    pub(crate) async fn redeem_at(&self, issuer: &str, code: &str) -> (u16, Value) {
        let redirect_uri = self.running.redirect_uri();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let request = post_form(&format!("{issuer}/token"), &fields);
        answer(request.basic_auth("desk", Some(&self.secret))).await
    }

    /// A request of the application's with its secret.
    pub(crate) async fn post(&self, url: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        answer(post_form(url, fields).basic_auth("desk", Some(&self.secret))).await
    }

    /// The tokens of a person of a tenant.
    pub(crate) async fn tokens(&self, person: &str, tenant: &str) -> Value {
        let code = self.code(person, tenant).await;
        let (status, body) = self.redeem_at(&self.world.url, &code).await;
        assert_eq!(status, 200, "{body}");
        body
    }
}
