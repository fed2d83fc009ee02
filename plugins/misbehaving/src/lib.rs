//! A hostile plugin for the host's tests (WP-63): the request's subject chooses what it does wrong.
//! Any other subject is mapped as a friendly plugin would.

use std::sync::atomic::{AtomicU32, Ordering};

use symbolon_plugin_sdk::{
    Denial, Description, Failure, Field, Grant, Mapping, MappingDecision, MappingPlugin,
    MappingRequest, PreparedPlugin, failure,
};

/// The hostile plugin.
pub struct Misbehaving;

symbolon_plugin_sdk::export_prepared_plugin!(Misbehaving);

/// Would grow from call to call if an instance were used twice (WP-4, security P8).
static CALLS: AtomicU32 = AtomicU32::new(0);

impl MappingPlugin for Misbehaving {
    type Rules = serde_json::Map<String, serde_json::Value>;

    fn describe() -> Description {
        Description {
            name: "misbehaving".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Does what the subject of the request says, however wrong that is.".to_owned(),
            config_schema: r#"{"type":"object"}"#.to_owned(),
            example_config: "{}".to_owned(),
        }
    }

    fn map(_: &Self::Rules, request: &MappingRequest) -> Result<MappingDecision, Failure> {
        let mut mapping = friendly(request);
        match request.subject.as_str() {
            "loop" => spin(),
            "memory" => eat_memory(),
            "memory-fill" => fill_memory(),
            "recurse" => drop(recurse(u64::MAX)),
            "trap" => trap(),
            "panic" => mapping
                .notes
                .push(must_be_even(request.subject.len()).to_string()),
            "huge-output" => mapping.notes.push("a".repeat(12_000_000)),
            "many-roles" => mapping.grants = (0..501).map(|n| grant(&format!("r{n}"))).collect(),
            "flood-of-roles" => {
                mapping.grants = (0..200_000).map(|n| grant(&format!("r{n}"))).collect();
            }
            "many-fields" => {
                mapping.fields = (0..101)
                    .map(|n| field(&format!("metadata.f{n}"), "x"))
                    .collect();
            }
            "many-notes" => mapping.notes = vec!["note".to_owned(); 51],
            "long-value" => mapping
                .fields
                .push(field("metadata.long", &"a".repeat(4097))),
            "unknown-role" => mapping.grants.push(grant("operator-of-everything")),
            // A harmless text to the host: only the role is not this tenant's, and its texts are nobody else's.
            "tenant-name" => {
                mapping.grants.push(grant("fabrikam"));
                mapping.fields.push(field("metadata.tenant", "fabrikam"));
                mapping.notes.push("fabrikam: grant admin".to_owned());
            }
            "control-characters" => mapping.grants.push(grant("ad\0min\r\n\u{202e}")),
            "control-in-field" => mapping.fields.push(field("metadata.x", "a\u{202e}b")),
            "reserved-field" => mapping.fields.push(field("sub", "somebody-else")),
            "failure" => return Err(failure("asked", "asked to fail\u{202e}\n")),
            "deny" => {
                return Ok(MappingDecision::Deny(Denial {
                    code: "not_today".to_owned(),
                    message: "Not today.".to_owned(),
                }));
            }
            "counter" => {
                let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
                mapping
                    .fields
                    .push(field("metadata.counter", &calls.to_string()));
            }
            _ => {}
        }
        Ok(MappingDecision::Allow(mapping))
    }
}

/// Prepared, it decides otherwise for one subject: the host's check of determinism must see that.
impl PreparedPlugin for Misbehaving {
    fn prepare(_: &Self::Rules) -> Result<Vec<u8>, Failure> {
        Ok(b"prepared".to_vec())
    }

    fn map_prepared(prepared: &[u8], request: &MappingRequest) -> Result<MappingDecision, Failure> {
        let decision = Self::map(&Self::Rules::new(), request)?;
        match decision {
            MappingDecision::Allow(mut mapping) if request.subject == "wrong-prepared" => {
                mapping.grants.push(grant("operator"));
                mapping.notes.push(format!("{} bytes", prepared.len()));
                Ok(MappingDecision::Allow(mapping))
            }
            other => Ok(other),
        }
    }
}

fn friendly(request: &MappingRequest) -> Mapping {
    let claims: serde_json::Value = serde_json::from_str(&request.claims_json).unwrap_or_default();
    let claim = |from: &str| claims.get(from).and_then(serde_json::Value::as_str);
    let mut fields = Vec::new();
    fields.extend(claim("email").map(|value| field("email", value)));
    fields.extend(claim("name").map(|value| field("display_name", value)));
    Mapping {
        fields,
        grants: vec![grant("viewer")],
        notes: Vec::new(),
    }
}

fn field(name: &str, value: &str) -> Field {
    Field {
        name: name.to_owned(),
        values: vec![value.to_owned()],
    }
}

fn grant(role: &str) -> Grant {
    Grant {
        role: role.to_owned(),
        because: None,
    }
}

fn spin() {
    let mut turns = 0_u64;
    while std::hint::black_box(turns) != u64::MAX {
        turns = std::hint::black_box(turns / 2);
    }
}

/// One instruction that touches a megabyte, again and again.
fn fill_memory() -> ! {
    let mut block = vec![0_u8; 1 << 20];
    let mut turn = 0_u8;
    loop {
        std::hint::black_box(&mut block).fill(turn);
        turn = turn.wrapping_add(1);
    }
}

fn eat_memory() {
    let mut eaten: Vec<Vec<u8>> = Vec::new();
    loop {
        eaten.push(std::hint::black_box(vec![1; 1 << 20]));
    }
}

#[inline(never)]
fn recurse(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 64]);
    if depth == 0 {
        return 0;
    }
    recurse(depth - 1) + frame.iter().filter(|one| **one % 2 == 0).count() as u64
}

#[cfg(target_arch = "wasm32")]
fn trap() {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_arch = "wasm32"))]
fn trap() {
    std::process::abort()
}

fn must_be_even(number: usize) -> usize {
    assert!(number.is_multiple_of(2), "an odd number");
    number / 2
}
