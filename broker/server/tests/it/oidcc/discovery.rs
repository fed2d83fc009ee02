//! The modules about the discovery document (CF-1 to CF-5, LO-01, LO-05, LO-08, FA-01), read at an issuer of https,
//! as the suite reads it.

use std::collections::BTreeSet;

use serde_json::Value;
use symbolon_identity::admin;

use crate::downstream::Reply;
use crate::world::{TestBroker, caller, http};

const ISSUER: &str = "https://op.example/t/contoso";

/// What a tenant publishes whose public address is https.
struct Published {
    document: Value,
    keys: Value,
}

impl Published {
    async fn read() -> Self {
        let public = [("SYMBOLON__HTTP__PUBLIC_URL", "https://op.example")];
        let world = TestBroker::start_with(&public).await;
        let contoso = world.tenant("contoso").await;
        admin::set_dynamic_registration(&world.broker, &caller(), &contoso.record, true)
            .await
            .unwrap();
        let read = async |path: &str| {
            let reply = Reply::of(http().get(format!("{}/{path}", contoso.issuer()))).await;
            assert_eq!(reply.status, 200, "{path}");
            assert!(reply.header("content-type").starts_with("application/"), "{path}");
            assert!(reply.body.is_object(), "{path}");
            reply.body
        };
        let document = read(".well-known/openid-configuration").await;
        Self { document, keys: read("jwks").await }
    }

    fn text(&self, name: &str) -> &str {
        self.document[name].as_str().unwrap_or_default()
    }

    fn list(&self, name: &str) -> BTreeSet<&str> {
        let list = self.document[name].as_array();
        assert!(list.is_some(), "{name} is no list: {}", self.document);
        let list = list.unwrap();
        list.iter().map(|one| one.as_str().unwrap()).collect()
    }

    /// OD-9: every endpoint is an absolute address of https, here below the issuer.
    fn endpoints_are_https(&self) {
        let below = format!("{ISSUER}/");
        for (name, value) in self.document.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                assert!(
                    value.as_str().is_some_and(|url| url.starts_with(&below)),
                    "{name} {value}"
                );
            }
        }
    }

    fn has_end_session(&self) {
        assert_eq!(self.text("end_session_endpoint"), format!("{ISSUER}/end_session"));
    }

    fn supports(&self, switch: &str) {
        for name in [format!("{switch}_supported"), format!("{switch}_session_supported")] {
            assert_eq!(self.document[&name], true, "{name}");
        }
    }
}

#[actix_web::test]
async fn oidcc_discovery_endpoint_verification() {
    let found = Published::read().await;
    assert_eq!(found.text("issuer"), ISSUER, "CF-1");
    found.endpoints_are_https();
    for name in ["authorization", "token", "userinfo", "registration"] {
        assert_ne!(found.text(&format!("{name}_endpoint")), "", "CF-3 {name}");
    }
    for (list, value) in [
        ("response_types_supported", "code"),
        ("grant_types_supported", "authorization_code"),
        ("subject_types_supported", "public"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("userinfo_signing_alg_values_supported", "RS256"),
        ("request_object_signing_alg_values_supported", "RS256"),
        ("claims_supported", "sub"),
        ("code_challenge_methods_supported", "S256"),
    ] {
        assert!(found.list(list).contains(value), "CF-2, CF-4: {value} in {list}");
    }
    assert!(found.list("subject_types_supported").is_subset(&["pairwise", "public"].into()));
    let scopes = ["openid", "profile", "email", "address", "phone", "offline_access"];
    assert!(found.list("scopes_supported").is_superset(&scopes.into()));
    for locales in ["ui_locales_supported", "claims_locales_supported"] {
        assert!(found.document[locales].is_null(), "none is translated: {locales}");
    }
}

/// BC-04: names that tell keys apart, nothing private and nothing symmetric, RSA of at least 2048 bits.
#[actix_web::test]
async fn bc_04_the_published_keys_are_public_and_named() {
    let found = Published::read().await;
    let keys = found.keys["keys"].as_array().unwrap();
    let kids: BTreeSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!((kids.len(), keys.is_empty()), (keys.len(), false));
    for key in keys {
        assert_ne!(key["kty"], "oct");
        assert_eq!(key["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
        assert!(key["kty"] != "RSA" || key["n"].as_str().is_some_and(|n| n.len() >= 342), "{key}");
    }
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let found = Published::read().await;
    found.endpoints_are_https();
    found.has_end_session();
}

#[actix_web::test]
async fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    let found = Published::read().await;
    found.endpoints_are_https();
    found.has_end_session();
    found.supports("backchannel_logout");
}

#[actix_web::test]
async fn oidcc_frontchannel_logout_discovery_endpoint_verification() {
    let found = Published::read().await;
    found.endpoints_are_https();
    found.has_end_session();
    found.supports("frontchannel_logout");
}

#[actix_web::test]
async fn fapi2_security_profile_final_discovery_end_point_verification() {
    let found = Published::read().await;
    assert_eq!(found.text("issuer"), ISSUER);
    found.endpoints_are_https();
    assert_eq!(found.document["authorization_response_iss_parameter_supported"], true);
    let par = format!("{ISSUER}/par");
    assert_eq!(found.text("pushed_authorization_request_endpoint"), par);
    let good = BTreeSet::from(["PS256", "ES256", "EdDSA", "Ed25519"]);
    let proofs = found.list("dpop_signing_alg_values_supported");
    assert!(!proofs.is_empty() && proofs.is_subset(&good), "{proofs:?}");
    for subject in ["id_token", "userinfo", "token_endpoint_auth", "request_object"] {
        let offered = found.list(&format!("{subject}_signing_alg_values_supported"));
        assert!(!offered.is_disjoint(&good), "{subject}: {offered:?}");
    }
    for endpoint in ["token", "revocation", "introspection"] {
        let ways = found.list(&format!("{endpoint}_endpoint_auth_methods_supported"));
        assert!(ways.contains("private_key_jwt"), "{endpoint}");
    }
    assert!(found.list("response_types_supported").contains("code"));
    assert!(found.list("code_challenge_methods_supported").contains("S256"));
}
