//! An application that proves itself by what it signs and asks for tokens of its own, which needs no browser:
//! see how each forgery is refused, and that the next honest request passes.

use serde_json::{Value, json};
use symbolon_identity::clock::Clock as _;
use symbolon_identity::downstream::{
    ApplicationAuthentication, GrantType, OpenidSettings, SecurityProfile,
};
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use crate::downstream::{Reply, assert_refused};
use crate::world::{TestApplication, TestTenant, post_form};

pub(super) const ES256: ApplicationAlgorithm = ApplicationAlgorithm::Es256;
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
pub(super) const BAD_ASSERTION: &str = "401 invalid_client token.client_assertion_invalid";
pub(super) const BAD_PROOF: &str = "400 invalid_dpop_proof token.dpop_proof_invalid";

/// An application that proves itself by what it signs, and asks for tokens of its own.
pub(super) struct Robot<'a> {
    pub(super) app: TestApplication<'a>,
    pub(super) key: ApplicationKey,
}

/// Held to FAPI 2.0.
pub(super) fn fapi2(settings: &mut OpenidSettings) {
    settings.profile = SecurityProfile::Fapi2;
}

/// By published keys, held to the rules of OAuth.
pub(super) fn publishes(settings: &mut OpenidSettings) {
    let callback = settings.redirect_uris[0].as_str().replace("/callback", "/jwks");
    settings.jwks_uri = Some(callback.parse().unwrap());
    settings.jwks = None;
}

pub(super) async fn robot<'a>(
    tenant: &'a TestTenant<'a>,
    algorithm: ApplicationAlgorithm,
    change: impl FnOnce(&mut OpenidSettings),
) -> Robot<'a> {
    let key = ApplicationKey::new(algorithm).unwrap();
    let app = tenant.application_with("robot", |new| {
        let settings = &mut new.settings;
        settings.authentication = ApplicationAuthentication::PrivateKeyJwt;
        settings.grant_types = vec![GrantType::AuthorizationCode, GrantType::ClientCredentials];
        settings.service_scopes = vec!["jobs".to_owned()];
        settings.jwks = Some(key.jwks());
        change(settings);
    });
    let app = app.await;
    app.running.publish_keys(Some(key.jwks()));
    Robot { app, key }
}

impl Robot<'_> {
    pub(super) fn now(&self) -> i64 {
        self.app.tenant.world.clock.now().timestamp()
    }

    pub(super) fn issuer(&self) -> String {
        self.app.tenant.issuer()
    }

    pub(super) fn endpoint(&self) -> String {
        format!("{}/token", self.issuer())
    }

    pub(super) fn assertion(&self) -> String {
        self.key.assertion("robot", &self.issuer(), self.now()).unwrap()
    }

    /// A statement with one claim changed, or left out.
    pub(super) fn asserting(&self, claim: &str, value: Value) -> String {
        let now = self.now();
        let mut claims = json!({
            "iss": "robot", "sub": "robot", "aud": self.issuer(), "iat": now, "exp": now + 60,
            "jti": format!("{claim}-{value}"),
        });
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
            value => claims[claim] = value,
        }
        self.key.sign(json!({}), &claims).unwrap()
    }

    pub(super) fn proof(&self) -> String {
        self.key.proof(("POST", &self.endpoint()), None, self.now()).unwrap()
    }

    /// A proof with one claim changed.
    pub(super) fn proving(&self, claim: &str, value: Value) -> String {
        let mut claims = json!({
            "htm": "POST", "htu": self.endpoint(), "iat": self.now(),
            "jti": format!("{claim}-{value}"),
        });
        claims[claim] = value;
        let header = json!({ "typ": "dpop+jwt", "jwk": self.key.bare_jwk() });
        self.key.sign(header, &claims).unwrap()
    }

    /// A request for a token, with this statement and these proofs.
    pub(super) async fn asks(&self, assertion: &str, proofs: &[&str]) -> Reply {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion),
        ];
        let mut request = post_form(&self.endpoint(), &fields);
        for proof in proofs {
            request = request.header("dpop", *proof);
        }
        Reply::of(request).await
    }

    /// Refused in one line, kept in the audit trail, and the next honest request passes.
    pub(super) async fn refused(&self, (assertion, proofs): (&str, &[&str]), expected: &str) {
        let reply = self.asks(assertion, proofs).await;
        assert_refused(self.app.tenant, &reply, expected).await;
        self.passes(&self.assertion(), &[&self.proof()]).await;
    }

    pub(super) async fn passes(&self, assertion: &str, proofs: &[&str]) {
        let reply = self.asks(assertion, proofs).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.text("scope"), "jobs");
    }
}
