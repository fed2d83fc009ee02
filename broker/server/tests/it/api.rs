//! The admin API (AD2, AD7, AD9) as its callers see it.
//!
//! Owns: [`Caller`], which calls with a key and sees to it that no answer ever tells a secret.

mod applications;
mod audit;
mod bodies;
mod connectors;
mod document;
mod entra;
mod keys;
mod listeners;
mod mapping;
mod platform;
mod plugins;
mod recorded;
mod saml;
mod signing_keys;

use reqwest::{Method, Response, header};
use secrecy::ExposeSecret;
use serde_json::Value;
use symbolon_identity::admin::{self, ApiScope, CreatedApiKey, NewApiKey};

use crate::world::{SECRET, TestTenant, UPSTREAM_SECRET, caller, http};

/// Somebody with a key.
pub(crate) struct Caller<'a> {
    tenant: &'a TestTenant<'a>,
    key: String,
    id: String,
}

/// Makes a key as the operator does at the command line.
async fn make_key(tenant: &TestTenant<'_>, own: bool, new: NewApiKey) -> CreatedApiKey {
    let owner = own.then_some(&tenant.record);
    admin::create_api_key(&tenant.world.broker, &caller(), owner, new).await.unwrap()
}

fn new_key(scopes: &[ApiScope]) -> NewApiKey {
    NewApiKey { name: "terraform".into(), scopes: scopes.to_vec(), expires_at: None }
}

impl<'a> Caller<'a> {
    /// With a key of the tenant's.
    async fn with(tenant: &'a TestTenant<'a>, scopes: &[ApiScope]) -> Self {
        let made = make_key(tenant, true, new_key(scopes)).await;
        Self { tenant, key: made.secret.expose_secret().to_owned(), id: made.facts.id }
    }

    pub(crate) async fn manager(tenant: &'a TestTenant<'a>) -> Self {
        Self::with(tenant, &[ApiScope::SsoManage]).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/tenants/{}{path}", self.tenant.world.url, self.tenant.record.slug)
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        http().request(method, self.url(path)).bearer_auth(&self.key)
    }

    /// Status and JSON; an answer without content is `null`.
    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(body.to_string())
            }
            None => request,
        };
        read(request.send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call("GET", path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Sends what must succeed with this status.
    pub(crate) async fn send(
        &self,
        (method, path): (&str, &str),
        body: Value,
        expected: u16,
    ) -> Value {
        let (status, answer) = self.call(method, path, Some(body)).await;
        assert_eq!(status, expected, "{method} {path}: {answer}");
        answer
    }

    /// Sends what must be refused: the problem document.
    async fn refused(&self, (method, path): (&str, &str), body: Value) -> Value {
        let (status, answer) = self.call(method, path, Some(body)).await;
        assert!((400..500).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }
}

/// No answer may tell a secret, and every refusal is a whole problem document.
async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let body = response.text().await.unwrap();
    for secret in [SECRET, UPSTREAM_SECRET, "symkey_"] {
        assert!(!body.contains(secret), "{body}");
    }
    let json: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
    assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{body}");
    if status >= 400 {
        assert_eq!(header("content-type").as_deref(), Some("application/problem+json"), "{body}");
        assert_eq!(json["status"], status, "{body}");
        let reason = json["reason"].as_str().unwrap();
        assert_eq!(json["type"], format!("urn:symbolon:reason:{reason}"));
        assert_eq!(json["trace_id"].as_str().unwrap().len(), 32, "{body}");
        for text in ["title", "detail", "fix"] {
            assert!(!json[text].as_str().unwrap().is_empty(), "{text}: {body}");
        }
    }
    (status, json)
}
