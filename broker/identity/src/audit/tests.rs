//! The chain over rows that a database kept: what was done to a row names that row (S7).

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;
use symbolon_contract::{ConnectorId, ReasonCode, SessionId, TraceId, UserId};
use symbolon_storage::{AuditEvent as Row, AuditFilter, Database, GENESIS_HASH};

use super::*;
use crate::clock::{Clock as _, ManualClock};
use crate::entropy::InsecureSeededEntropy;
use crate::ids::IdSource;
use crate::secrets::tests::{fresh_database, tenant};

fn sign_in(n: usize) -> AuditEvent {
    AuditEvent::SsoLogin {
        provider: "oidc",
        user: UserId::parse(format!("u{n}")).unwrap(),
        email: Some(format!("u{n}@contoso.example")),
        subject: format!("s{n}"),
        connector: ConnectorId::parse("work").unwrap(),
        application: None,
        amr: vec!["pwd".into()],
        mapping_version: 1,
        warnings: Vec::new(),
        session: SessionId::parse(format!("session-{n}")).unwrap(),
    }
}

fn context(clock: &ManualClock, n: u64) -> AuditContext {
    let entropy = Arc::new(InsecureSeededEntropy::new(n));
    AuditContext {
        ids: IdSource::new(Arc::new(clock.clone()), entropy),
        now: clock.now(),
        trace: TraceId::parse(format!("{n:032x}")).unwrap(),
        actor: Actor {
            kind: "user",
            id: Some(format!("u{n}")),
            ip: Some("192.0.2.7".into()),
            user_agent: Some("Browser \"1\" \u{e9}".into()),
        },
    }
}

async fn rows_of(database: &Database, whose: &'static str) -> Vec<Row> {
    let rows = database
        .read(move |conn| {
            conn.tenant(&tenant(whose)).audit().list(&AuditFilter {
                after_seq: None,
                before_seq: None,
                event_type: None,
                newest_first: false,
                limit: 100,
            })
        })
        .await;
    rows.unwrap()
}

/// Four sign-ins of tenant `a`, as they are read back.
async fn chain() -> Vec<Row> {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let clock = ManualClock::default();
    for n in 1..=4_u8 {
        clock.advance(TimeDelta::milliseconds(7));
        let context = context(&clock, n.into());
        let event = sign_in(n.into());
        let written = database.write(move |conn| append(conn, &tenant("a"), &context, &event));
        written.await.unwrap();
    }
    rows_of(&database, "a").await
}

#[tokio::test]
async fn s7_an_untouched_chain_holds_whole_and_page_by_page() {
    let rows = chain().await;
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0].prev_hash, GENESIS_HASH);
    assert_eq!(verify_chain(None, &rows), Ok(()));
    assert_eq!(verify_chain(None, &rows[..2]), Ok(()));
    assert_eq!(verify_chain(Some(&rows[1]), &rows[2..]), Ok(()));
    assert_eq!(verify_chain(None, &[]), Ok(()));
}

type Change = fn(&mut Row);

#[tokio::test]
async fn s7_every_field_of_a_row_is_under_the_hash() {
    let rows = chain().await;
    let changes: [(&str, Change); 12] = [
        ("id", |row| row.id.push('x')),
        ("time", |row| row.time += TimeDelta::milliseconds(1)),
        ("event_type", |row| {
            row.event_type = "user.sso_linked".into();
        }),
        ("outcome", |row| row.outcome = "failure".into()),
        ("reason", |row| row.reason = Some("oidc.mixup".into())),
        ("connector", |row| row.connector_id = None),
        ("application", |row| {
            row.application_id = "wiki".parse().ok();
        }),
        ("actor", |row| row.actor["ip"] = json!("192.0.2.8")),
        ("target", |row| row.target["id"] = json!("u9")),
        ("details", |row| {
            row.details["email"] = json!("eve@contoso.example");
        }),
        ("trace", |row| {
            row.trace_id = "0".repeat(32).parse().unwrap();
        }),
        ("session", |row| row.session_id = None),
    ];
    for (field, change) in changes {
        let mut touched = rows.clone();
        change(&mut touched[2]);
        assert_ne!(touched[2], rows[2], "{field}: the test changes nothing");
        let fault = verify_chain(None, &touched).unwrap_err();
        assert_eq!((fault.seq, fault.problem), (3, "its content was changed"), "{field}");
    }
}

#[tokio::test]
async fn s7_a_row_that_was_removed_inserted_or_moved_is_named() {
    let rows = chain().await;
    type Touch = fn(&mut Vec<Row>);
    let cases: [(&str, Touch, i64); 7] = [
        ("first removed", |rows| drop(rows.remove(0)), 2),
        ("one removed", |rows| drop(rows.remove(1)), 3),
        (
            "removed and renumbered",
            |rows| {
                rows.remove(1);
                rows[1].seq = 2;
            },
            2,
        ),
        (
            "one inserted",
            |rows| {
                let mut forged = rows[1].clone();
                forged.id.push('x');
                rows.insert(2, forged);
            },
            2,
        ),
        (
            "inserted and renumbered",
            |rows| {
                let mut forged = rows[1].clone();
                forged.seq = 3;
                rows.insert(2, forged);
            },
            3,
        ),
        ("two swapped", |rows| rows.swap(1, 2), 3),
        (
            "swapped and renumbered",
            |rows| {
                rows.swap(1, 2);
                (rows[1].seq, rows[2].seq) = (2, 3);
            },
            2,
        ),
    ];
    for (what, touch, named) in cases {
        let mut touched = rows.clone();
        touch(&mut touched);
        assert_eq!(verify_chain(None, &touched).unwrap_err().seq, named, "{what}");
    }
}

#[tokio::test]
async fn s7_a_row_that_was_hashed_anew_breaks_the_one_after_it() {
    let mut rows = chain().await;
    rows[1].details["email"] = json!("eve@contoso.example");
    let link = rows[1].prev_hash.clone();
    rows[1].hash = record::hash(2, &link, &record::content_of(&rows[1]));
    let fault = verify_chain(None, &rows).unwrap_err();
    assert_eq!(fault.seq, 3);
    assert_eq!(fault.problem, "it does not follow the row before it");
}

#[tokio::test]
async fn each_tenant_and_the_operator_have_chains_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let clock = ManualClock::default();
    let context = context(&clock, 1);
    let written = database.write(move |conn| {
        append(conn, &tenant("a"), &context, &sign_in(1))?;
        append(conn, &tenant("b"), &context, &sign_in(2))?;
        append(conn, &tenant("a"), &context, &sign_in(3))?;
        let refused = AuditEvent::Refused {
            reason: ReasonCode::TenantUnknown,
            detail: "nobody".into(),
            application: None,
        };
        append_operator(conn, &context, &refused)
    });
    written.await.unwrap();
    for (whose, seqs) in [("a", vec![1, 2]), ("b", vec![1])] {
        let rows = rows_of(&database, whose).await;
        let places: Vec<i64> = rows.iter().map(|row| row.seq).collect();
        assert_eq!(places, seqs);
        assert_eq!(verify_chain(None, &rows), Ok(()));
    }
}

#[tokio::test]
async fn cv_audit_3_a_sign_in_begins_with_the_three_fields_of_the_seed() {
    let rows = chain().await;
    let json = to_json("a", &rows[0]);
    assert_eq!(json["type"], "user.sso_login");
    assert_eq!(json["details"]["provider"], "oidc");
    assert_eq!(json["details"]["email"], "u1@contoso.example");
    assert_eq!(json["details"]["timestamp"], "2026-05-28T20:26:40Z");
    assert_eq!(json["tenant"], "a");
    assert_eq!(json["seq"], 1);
}
