//! Each way an application proves itself, and each way that fails.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use symbolon_testkit::entra::{EntraFault, OwnCertificate};

use super::*;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn with_assertion(world: &World, assertion: &str) -> (u16, Value) {
    let mut form = client_form(world, "");
    form.retain(|(name, _)| *name != "client_secret");
    form.push(("client_assertion_type", JWT_BEARER));
    form.push(("client_assertion", assertion));
    world.token(TID, &form).await
}

fn signed(key: &EncodingKey, header: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, key).unwrap()
}

fn claims(world: &World) -> Value {
    let aud = format!("{}/{TID}/oauth2/v2.0/token", world.entra.authority_url());
    json!({"iss": APP, "sub": APP, "aud": aud, "jti": "j", "nbf": START - 30, "exp": START + 600})
}

#[actix_web::test]
async fn entra_e50_secrets_wrong_expired_missing_and_two_at_once() {
    let world = world_with(app().secret_until("old~value", START + 10));
    for secret in ["s3cret~value", "old~value"] {
        assert_eq!(world.token(TID, &client_form(&world, secret)).await.0, 200);
    }
    world.pass(10);
    let error = async |secret: &str| {
        let mut form = client_form(&world, secret);
        form.retain(|(_, value)| !value.is_empty());
        let (status, error) = world.token(TID, &form).await;
        assert_eq!((status, &error["error"]), (401, &json!("invalid_client")));
        error["error_codes"][0].as_u64().unwrap()
    };
    assert_eq!(error("old~value").await, 7000222);
    assert_eq!(error("a-secret-id").await, 7000215);
    assert_eq!(error("").await, 7000218);
    let address = format!("{}/{TID}/oauth2/v2.0/token", world.entra.authority_url());
    let scope = format!("{}/.default", world.entra.graph_url());
    let body = format!("grant_type=client_credentials&scope={scope}");
    let request = sender().unwrap().post(address).basic_auth(APP, Some("s3cret~value"));
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(read(request.header(form.0, form.1).body(body)).await.0, 200);
    assert_eq!(world.entra.last_client_authentication(), Some("client_secret_basic"));
}

#[actix_web::test]
async fn entra_e51_certificates_prove_by_thumbprint_signature_and_time() {
    let own = OwnCertificate::generate("Symbolon", START - 60, START + 86_400).unwrap();
    let certificate = own.certificate().unwrap();
    assert!(own.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    let world = world_with(app().without_credentials().certificate(certificate.clone()));
    let key = EncodingKey::from_rsa_pem(own.private_key_pem().as_bytes()).unwrap();
    let mut header = Header::new(Algorithm::PS256);
    header.x5t_s256 = Some(certificate.thumbprint_sha256().to_owned());
    let good = claims(&world);
    assert_eq!(with_assertion(&world, &signed(&key, &header, &good)).await.0, 200);
    assert_eq!(world.entra.last_client_authentication(), Some("certificate"));

    let mut other_aud = good.clone();
    other_aud["aud"] = json!("https://elsewhere.invalid/token");
    let (_, error) = with_assertion(&world, &signed(&key, &header, &other_aud)).await;
    assert_eq!(error["error_codes"], json!([700023]));
    let other = OwnCertificate::generate("Other", START - 60, START + 86_400).unwrap();
    let forged = EncodingKey::from_rsa_pem(other.private_key_pem().as_bytes()).unwrap();
    let (_, error) = with_assertion(&world, &signed(&forged, &header, &good)).await;
    assert_eq!(error["error_codes"], json!([700027]));
    world.pass(1000);
    let (_, error) = with_assertion(&world, &signed(&key, &header, &good)).await;
    assert_eq!(error["error_codes"], json!([500133]));
    header.x5t_s256 = Some("unknown".to_owned());
    let (status, error) = with_assertion(&world, &signed(&key, &header, &good)).await;
    assert_eq!((status, &error["error_codes"]), (401, &json!([700027])));
}

#[actix_web::test]
async fn entra_e51_the_older_form_rs256_with_x5t_works_too() {
    let own = OwnCertificate::generate("Symbolon", START - 60, START + 86_400).unwrap();
    let certificate = own.certificate().unwrap();
    let world = world_with(app().certificate(certificate.clone()));
    let key = EncodingKey::from_rsa_pem(own.private_key_pem().as_bytes()).unwrap();
    let mut header = Header::new(Algorithm::RS256);
    header.x5t = Some(certificate.thumbprint_sha1().to_owned());
    assert_eq!(with_assertion(&world, &signed(&key, &header, &claims(&world))).await.0, 200);
}

#[actix_web::test]
async fn entra_e52_federated_credentials_match_exactly_and_in_rs256() {
    let own = OwnCertificate::generate("Symbolon", START - 60, START + 86_400).unwrap();
    let key = EncodingKey::from_rsa_pem(own.private_key_pem().as_bytes()).unwrap();
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    jwk.common.key_id = Some("k1".to_owned());
    let issuer = "https://broker.example/t/acme";
    let keys = json!({"keys": [jwk]});
    let world = world_with(app().federated_with_keys(issuer, "connector-1", keys));
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("k1".to_owned());
    let good = json!({"iss": issuer, "sub": "connector-1", "aud": "api://AzureADTokenExchange",
        "exp": START + 300});
    assert_eq!(with_assertion(&world, &signed(&key, &header, &good)).await.0, 200);
    assert_eq!(world.entra.last_client_authentication(), Some("federated"));
    let others =
        [("iss", "https://broker.example/t/ACME"), ("sub", "connector-2"), ("aud", "api://other")];
    for (name, value) in others {
        let mut wrong = good.clone();
        wrong[name] = json!(value);
        let (status, error) = with_assertion(&world, &signed(&key, &header, &wrong)).await;
        assert_eq!((status, &error["error_codes"]), (400, &json!([70021])), "{name}");
    }
    header.alg = Algorithm::PS256;
    let (_, error) = with_assertion(&world, &signed(&key, &header, &good)).await;
    assert_eq!(error["error_codes"], json!([700027]));
}

#[actix_web::test]
async fn entra_e52_the_issuers_keys_are_found_by_its_discovery_document() {
    let issuer = world();
    let audience = json!("api://AzureADTokenExchange");
    issuer.entra.misbehave(EntraFault::TokenClaim("aud".to_owned(), audience));
    let (_, tokens) = issuer.redeem(&issuer.code(&[]).await).await;
    let assertion = tokens["id_token"].as_str().unwrap();
    let subject = issuer.verified(assertion, "").await.unwrap()["sub"].clone();
    let app = app().federated(&issuer.entra.issuer_of(TID), subject.as_str().unwrap());
    let world = world_with(app);
    let (status, answer) = with_assertion(&world, assertion).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(issuer.entra.hits("keys"), 2);
}
