//! What applications do by themselves, without a browser: renew, ask in their own name, prove that they hold a key,
//! give up, ask what a token is worth.
//!
//! Here is how such a request is made; what should come of it is said in the files, one for each subject.

mod assertion;
mod dpop;
mod dpop_nonce;
mod fapi2;
mod introspect;
mod kinds;
mod refresh;
mod refresh_ends;
mod resources;
mod reuse;
mod revoke;
mod service;
mod signed;
mod stored;

pub(crate) use refresh_ends::end_sessions;

use serde_json::Value;
use symbolon_identity::admin::NewApplication;
use symbolon_identity::clock::Clock as _;
use symbolon_identity::downstream::GrantType;
use symbolon_testkit::ApplicationKey;

use crate::downstream::Reply;
use crate::world::{TestApplication, VERIFIER, http, post_form};

/// A request of an application, before it is sent.
pub(crate) struct Ask<'a> {
    app: &'a TestApplication<'a>,
    endpoint: &'static str,
    node: String,
    fields: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
    authenticated: bool,
}

/// An application asks one of our endpoints.
pub(crate) fn ask<'a>(app: &'a TestApplication<'a>, endpoint: &'static str) -> Ask<'a> {
    let node = app.tenant.world.url.clone();
    Ask { app, endpoint, node, fields: Vec::new(), headers: Vec::new(), authenticated: false }
}

/// A refresh.
pub(crate) fn refresh<'a>(app: &'a TestApplication<'a>, token: &str) -> Ask<'a> {
    ask(app, "token").with("grant_type", "refresh_token").with("refresh_token", token)
}

/// A code is redeemed.
pub(crate) fn redeem<'a>(app: &'a TestApplication<'a>, code: &str) -> Ask<'a> {
    let ask = ask(app, "token").with("grant_type", "authorization_code").with("code", code);
    ask.with("redirect_uri", &app.running.redirect_uri()).with("code_verifier", VERIFIER)
}

impl Ask<'_> {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// At another node of the same public address.
    pub(crate) fn at(mut self, node: &str) -> Self {
        node.clone_into(&mut self.node);
        self
    }

    fn now(&self) -> i64 {
        self.app.tenant.world.clock.now().timestamp()
    }

    /// The address as the application knows it.
    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.app.tenant.issuer(), self.endpoint)
    }

    pub(crate) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With a proof that it holds a key (RFC 9449).
    pub(crate) fn proof(self, key: &ApplicationKey) -> Self {
        let proof = key.proof(("POST", &self.url()), None, self.now()).unwrap();
        self.header("dpop", proof)
    }

    /// Authenticated by a statement that a key signs (RFC 7523).
    pub(crate) fn signed_by(self, key: &ApplicationKey) -> Self {
        let issuer = self.app.tenant.issuer();
        let assertion = key.assertion(&self.app.id, &issuer, self.now()).unwrap();
        self.assertion(&assertion)
    }

    /// By nothing but the fields: no header, no `client_id` beside them.
    pub(crate) fn unauthenticated(mut self) -> Self {
        self.authenticated = true;
        self
    }

    /// With this statement.
    pub(crate) fn assertion(mut self, assertion: &str) -> Self {
        self.authenticated = true;
        self.with("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .with("client_assertion", assertion)
    }

    /// Sends it; by the secret in the header, or as a public application, unless it says otherwise.
    pub(crate) async fn send(self) -> Reply {
        let url = self.url().replacen(&self.app.tenant.world.url, &self.node, 1);
        let mut fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let basic = self.app.secret.as_ref().filter(|_| !self.authenticated);
        if basic.is_none() && !self.authenticated {
            fields.push(("client_id", &self.app.id));
        }
        let mut request = post_form(&url, &fields);
        if let Some(secret) = basic {
            request = request.basic_auth(&self.app.id, Some(secret));
        }
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        Reply::of(request).await
    }

    /// Sends it and expects tokens.
    pub(crate) async fn tokens(self) -> Value {
        let reply = self.send().await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body
    }

    /// Sends it and tells the refusal in a line.
    pub(crate) async fn refusal(self) -> String {
        self.send().await.refusal()
    }
}

/// Lets an application have refresh tokens.
pub(crate) fn refreshing(new: &mut NewApplication) {
    new.settings.grant_types = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
}

/// A field of an answer as text.
pub(crate) fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_default()
}

/// UserInfo with a token that is bound to a key.
pub(crate) async fn userinfo_by(
    app: &TestApplication<'_>,
    (token, scheme): (&str, &str),
    proof: Option<String>,
) -> Reply {
    let url = format!("{}/userinfo", app.tenant.issuer());
    let request = http().get(url).header("authorization", format!("{scheme} {token}"));
    Reply::of(match proof {
        Some(proof) => request.header("dpop", proof),
        None => request,
    })
    .await
}

/// How often an event with a reason is in the trail.
pub(crate) async fn events(app: &TestApplication<'_>, name: &str, reason: &str) -> usize {
    let rows = app.tenant.audit_rows().await;
    rows.iter().filter(|row| row["type"] == name && row["reason"] == reason).count()
}
