//! ID tokens (OpenID Connect Core 2), honest ones and all the others.

use serde_json::{Map, Value, json};

use super::Misbehaviour;
use super::client_authentication::Authenticated;
use super::world::{Grant, World};
use crate::keys::{KeyError, SigningKey, sign_with_secret, unsigned};
use crate::values::left_half_hash;

const HOUR: i64 = 3600;

/// The ID token for a redeemed code, with the faults in force.
pub(super) fn issue(
    world: &World,
    grant: &Grant,
    client: &Authenticated,
    access_token: &str,
) -> Result<String, KeyError> {
    let (faults, key) = world.with(|state| (state.faults.clone(), state.signing_key().cloned()));
    let key = key.ok_or(KeyError::Generate)?;
    let mut claims = honest(world, grant, access_token);
    for fault in &faults {
        bend(&mut claims, fault, world.now());
    }
    sign(&key, &Value::Object(claims), &faults, client)
}

fn honest(world: &World, grant: &Grant, access_token: &str) -> Map<String, Value> {
    let now = world.now();
    let mut claims = world.with(|state| match state.user(&grant.subject) {
        Some(user) if !state.thin_id_token => user.claims.clone(),
        _ => Map::new(),
    });
    let mut put = |name: &str, value: Value| {
        // A person's own claim wins: that is how a test plants a strange `sub` or `exp`.
        claims.entry(name).or_insert(value);
    };
    put("iss", json!(world.issuer));
    put("sub", json!(grant.subject));
    put("aud", json!(grant.client_id));
    put("iat", json!(now));
    put("exp", json!(now + 300));
    put("auth_time", json!(grant.auth_time));
    put("at_hash", json!(left_half_hash(access_token)));
    if let Some(nonce) = &grant.nonce {
        put("nonce", json!(nonce));
    }
    claims
}

fn bend(claims: &mut Map<String, Value>, fault: &Misbehaviour, now: i64) {
    let (name, value) = match fault {
        Misbehaviour::WrongIssuer => ("iss", json!("https://issuer.invalid")),
        Misbehaviour::WrongAudience => ("aud", json!("somebody-else")),
        Misbehaviour::ExtraAudience => {
            ("aud", json!([claims.get("aud").cloned().unwrap_or_default(), "somebody-else"]))
        }
        Misbehaviour::WrongNonce => ("nonce", json!("another-nonce")),
        Misbehaviour::NoNonce => {
            claims.remove("nonce");
            return;
        }
        Misbehaviour::Expired => {
            claims.insert("iat".to_owned(), json!(now - 2 * HOUR));
            ("exp", json!(now - HOUR))
        }
        Misbehaviour::IssuedInFuture => {
            claims.insert("exp".to_owned(), json!(now + 2 * HOUR));
            ("iat", json!(now + HOUR))
        }
        Misbehaviour::NotYetValid => {
            claims.insert("exp".to_owned(), json!(now + 2 * HOUR));
            ("nbf", json!(now + HOUR))
        }
        Misbehaviour::EmptySubject => ("sub", json!("")),
        Misbehaviour::LongSubject => ("sub", json!("s".repeat(300))),
        Misbehaviour::ControlCharacterInSubject => ("sub", json!("alice\nadmin")),
        Misbehaviour::AzpOther => ("azp", json!("somebody-else")),
        Misbehaviour::AtHashWrong => ("at_hash", json!(left_half_hash("another access token"))),
        Misbehaviour::StaleAuthTime => ("auth_time", json!(now - 24 * HOUR)),
        Misbehaviour::HugeClaims => {
            let groups: Vec<String> =
                (0..3000).map(|n| format!("group {n:04} of a very large company")).collect();
            ("groups", json!(groups))
        }
        _ => return,
    };
    claims.insert(name.to_owned(), value);
}

fn sign(
    key: &SigningKey,
    claims: &Value,
    faults: &[Misbehaviour],
    client: &Authenticated,
) -> Result<String, KeyError> {
    let mut header = json!({"alg": key.kind.name(), "typ": "JWT", "kid": key.kid});
    for fault in faults {
        match fault {
            Misbehaviour::AlgNone => return unsigned(claims),
            Misbehaviour::Hs256WithClientSecret => {
                return sign_with_secret(client.secret.as_deref().unwrap_or_default(), claims);
            }
            Misbehaviour::UnknownKid => {
                header = json!({"alg": key.kind.name(), "typ": "JWT", "kid": "nobody"});
            }
            Misbehaviour::BadSignature => {
                return key.sign(&header, claims).map(|token| with_turned_signature(&token));
            }
            Misbehaviour::JkuHeader(url) => {
                let own = SigningKey::generate(key.kind)?;
                let header = json!({
                    "alg": own.kind.name(), "typ": "JWT", "kid": own.kid, "jku": url, "x5u": url,
                    "jwk": own.public(),
                });
                return own.sign(&header, claims);
            }
            _ => {}
        }
    }
    key.sign(&header, claims)
}

/// Swaps one character in the middle of the signature: still well formed, no longer true.
fn with_turned_signature(token: &str) -> String {
    let Some((signed, signature)) = token.rsplit_once('.') else {
        return token.to_owned();
    };
    let middle = signature.len() / 2;
    let turned: String = signature
        .chars()
        .enumerate()
        .map(|(at, letter)| match (at == middle, letter) {
            (true, 'A') => 'B',
            (true, _) => 'A',
            (false, letter) => letter,
        })
        .collect();
    format!("{signed}.{turned}")
}
