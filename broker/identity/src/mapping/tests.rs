//! What the tests of this folder begin with.

use chrono::DateTime;
use serde_json::json;
use symbolon_contract::{Claims, ConnectorId, PluginDigest};
use symbolon_storage::{MappingTargetKind, MappingVersion};

use super::MappingInput;

pub(super) fn input() -> MappingInput {
    let raw = json!({ "sub": "alice", "email": "alice@contoso.example" });
    MappingInput {
        connector: ConnectorId::parse("work").unwrap(),
        kind: "oidc".into(),
        issuer: "https://idp.example".into(),
        subject: "alice".into(),
        claims: Claims {
            email: Some("alice@contoso.example".into()),
            email_verified: true,
            name: None,
            preferred_username: None,
            groups: vec!["staff".into()],
            groups_complete: false,
            raw: raw.as_object().unwrap().clone(),
        },
        guest: false,
        extra: Vec::new(),
        now: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
    }
}

pub(super) fn version(number: i32) -> MappingVersion {
    MappingVersion {
        target_kind: MappingTargetKind::Connector,
        target_id: "work".into(),
        version: number,
        plugin_digest: PluginDigest::parse("ab".repeat(32)).unwrap(),
        configuration: "{}".into(),
        author: "somebody".into(),
        note: None,
        created_at: DateTime::UNIX_EPOCH,
        trial: None,
    }
}
