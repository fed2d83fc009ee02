//! The mock of Entra and Graph by itself: what Microsoft documents, asked without any broker.
#![expect(clippy::indexing_slicing, reason = "a missing JSON field is null, and fails the test")]

mod credentials;
mod delta;
mod graph;
mod refusals;
mod sign_in;
mod tokens;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use symbolon_testkit::entra::{AppRegistration, AutomaticSignIn, Directory, Group, Person};
use symbolon_testkit::http::sender;
use symbolon_testkit::{Browser, FakeEntra};
use url::Url;

const TID: &str = "11111111-1111-4111-8111-111111111111";
const FABRIKAM: &str = "22222222-2222-4222-8222-222222222222";
const APP: &str = "aaaaaaaa-0000-4000-8000-00000000000a";
const ALICE: &str = "00000000-0000-4000-8000-0000000000a1";
const BOB: &str = "00000000-0000-4000-8000-0000000000b0";
const ADMINS: &str = "00000000-0000-4000-8000-00000000ad00";
const STAFF: &str = "00000000-0000-4000-8000-0000000057af";
const CALLBACK: &str = "http://127.0.0.1:9/callback";
/// The pair of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const START: i64 = 1_790_000_000;

struct World {
    entra: FakeEntra,
    now: Arc<AtomicI64>,
}

fn app() -> AppRegistration {
    AppRegistration::new(APP)
        .secret("s3cret~value")
        .redirect_uri(CALLBACK)
        .optional_claims(["email", "groups", "sid", "auth_time", "login_hint", "acct"])
        .application_permission("User.Read.All")
        .application_permission("GroupMember.Read.All")
}

fn contoso(app: AppRegistration) -> Directory {
    Directory::new(TID, "contoso.onmicrosoft.com", "Contoso")
        .group(Group::new(STAFF, "Staff").inside(ADMINS))
        .group(Group::new(ADMINS, "Noxys Admins").inside(STAFF))
        .person(
            Person::new("alice", ALICE)
                .email("alice@contoso.example")
                .display_name("Alice Adams")
                .department("Engineering")
                .job_title("Engineer")
                .office("Berlin")
                .group(ADMINS),
        )
        .person(Person::new("bob", BOB).display_name("Bob <b>"))
        .application(app)
}

fn world() -> World {
    world_with(app())
}

fn world_with(app: AppRegistration) -> World {
    let now = Arc::new(AtomicI64::new(START));
    let clock = Arc::clone(&now);
    let entra = FakeEntra::builder()
        .clock(Arc::new(move || clock.load(Ordering::Relaxed)))
        .directory(contoso(app))
        .directory(Directory::new(FABRIKAM, "fabrikam.onmicrosoft.com", "Fabrikam"))
        .automatic(AutomaticSignIn::As("alice".to_owned()))
        .start()
        .unwrap();
    World { entra, now }
}

impl World {
    fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    fn address(&self, tenant: &str, more: &[(&str, &str)]) -> String {
        let address = format!("{}/{tenant}/oauth2/v2.0/authorize", self.entra.authority_url());
        let mut fields = vec![
            ("client_id", APP),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile offline_access User.Read"),
            ("state", "the-state"),
            ("nonce", "the-nonce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        fields.retain(|(name, _)| !more.iter().any(|(other, _)| name == other));
        fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        Url::parse_with_params(&address, fields).unwrap().into()
    }

    /// The answer at the callback.
    async fn callback(&self, tenant: &str, more: &[(&str, &str)]) -> Url {
        let mut browser = Browser::new().unwrap();
        browser.stop_before(CALLBACK);
        let page = browser.get(&self.address(tenant, more)).await.unwrap();
        page.location().unwrap_or_else(|| page.url().clone())
    }

    async fn code(&self, more: &[(&str, &str)]) -> String {
        field(&self.callback(TID, more).await, "code").unwrap()
    }

    async fn token(&self, tenant: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let address = format!("{}/{tenant}/oauth2/v2.0/token", self.entra.authority_url());
        let mut browser = Browser::new().unwrap();
        let page = browser.post(&address, form).await.unwrap();
        (page.status(), serde_json::from_str(page.body()).unwrap())
    }

    async fn redeem(&self, code: &str) -> (u16, Value) {
        self.token(TID, &code_form(code)).await
    }

    /// Signs Alice in and gives the verified claims.
    async fn claims(&self, more: &[(&str, &str)]) -> Value {
        let (status, tokens) = self.redeem(&self.code(more).await).await;
        assert_eq!(status, 200, "{tokens}");
        self.verified(tokens["id_token"].as_str().unwrap(), "").await.unwrap()
    }

    async fn verified(&self, token: &str, query: &str) -> Option<Value> {
        let address = format!("/{TID}/discovery/v2.0/keys{query}");
        let keys: JwkSet = serde_json::from_value(self.get(&address).await.1).unwrap();
        let header = jsonwebtoken::decode_header(token).unwrap();
        let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap())?).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        let token = jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?;
        Some(token.claims)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = sender().unwrap().get(format!("{}{path}", self.entra.authority_url()));
        read(answer).await
    }

    async fn app_token(&self) -> String {
        let (status, tokens) = self.token(TID, &client_form(self, "s3cret~value")).await;
        assert_eq!(status, 200, "{tokens}");
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    async fn my_token(&self) -> String {
        let (_, tokens) = self.redeem(&self.code(&[]).await).await;
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    /// A path of Graph, or a whole link.
    async fn graph(&self, token: &str, path: &str) -> (u16, Value) {
        let base = format!("{}/v1.0", self.entra.graph_url());
        let address =
            if path.starts_with("http") { path.to_owned() } else { format!("{base}{path}") };
        read(sender().unwrap().get(address).bearer_auth(token)).await
    }

    async fn graph_post(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        let address = format!("{}/v1.0{path}", self.entra.graph_url());
        let request = sender().unwrap().post(address).bearer_auth(token);
        read(request.header("Content-Type", "application/json").body(body.to_string())).await
    }
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

fn code_form(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", APP),
        ("client_secret", "s3cret~value"),
        ("code_verifier", VERIFIER),
    ]
}

fn client_form<'a>(world: &World, secret: &'a str) -> Vec<(&'static str, &'a str)> {
    let scope = format!("{}/.default", world.entra.graph_url()).leak();
    vec![
        ("grant_type", "client_credentials"),
        ("scope", scope),
        ("client_id", APP),
        ("client_secret", secret),
    ]
}

fn field(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The ids in `value`.
fn ids(body: &Value) -> Vec<&str> {
    let all = body["value"].as_array().unwrap();
    all.iter().map(|item| item["id"].as_str().or(item.as_str()).unwrap()).collect()
}
