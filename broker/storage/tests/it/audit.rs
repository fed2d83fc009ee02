//! The audit chain.

use serde_json::json;
use symbolon_contract::TraceId;
use symbolon_storage::{
    AuditEvent, AuditFilter, GENESIS_HASH, NewAuditEvent, StorageError, StorageResult,
};

use crate::world::{World, at, connector_id, on_both, session_id};

on_both!(
    each_event_names_the_one_before,
    parallel_writers_keep_the_chain_free_of_gaps,
    a_rolled_back_event_leaves_no_gap,
    the_operator_has_a_chain_of_its_own,
    events_are_filtered,
    feat_n75_events_of_a_connector_are_counted,
);

fn event(event_type: &str, seq: i64, prev_hash: &str) -> NewAuditEvent {
    NewAuditEvent {
        id: format!("event-{seq}"),
        time: at(seq),
        event_type: event_type.to_owned(),
        outcome: "success".to_owned(),
        reason: None,
        connector_id: Some(connector_id("work")),
        application_id: None,
        actor: json!({"user": "alice"}),
        target: json!({}),
        details: json!({"n": seq}),
        trace_id: TraceId::parse("0123456789abcdef0123456789abcdef").unwrap(),
        session_id: Some(session_id("s1")),
        hash: format!("hash({seq},{})", prev_hash.len()),
    }
}

const ALL: AuditFilter = AuditFilter {
    after_seq: None,
    before_seq: None,
    event_type: None,
    newest_first: false,
    limit: 1000,
};

/// Every number once, and each event with the hash of the one before.
fn assert_chain(events: &[AuditEvent], length: i64) {
    let numbers: Vec<_> = events.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (1..=length).collect::<Vec<_>>());
    let mut before = GENESIS_HASH;
    for event in events {
        assert_eq!(event.prev_hash, before);
        before = &event.hash;
    }
}

async fn each_event_names_the_one_before(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut audit = rows.audit();
        assert_eq!(audit.last()?, None);
        let first = audit.append(|seq, prev| event("user.sso_login", seq, prev))?;
        assert_eq!((first.seq, first.prev_hash.as_str()), (1, GENESIS_HASH));
        let second = audit.append(|seq, prev| event("user.sso_login", seq, prev))?;
        assert_eq!(audit.last()?, Some(second.clone()));
        assert_eq!(audit.list(&ALL)?, [first, second]);
        Ok(())
    })
    .await;
    let t = w.contoso.clone();
    assert_chain(&w.write(move |c| c.tenant(&t).audit().list(&ALL)).await, 2);
}

async fn parallel_writers_keep_the_chain_free_of_gaps(w: World) {
    let writers = (0..40).map(|n| {
        let database = w.database().clone();
        let t = if n % 4 == 0 { w.fabrikam.clone() } else { w.contoso.clone() };
        tokio::spawn(async move {
            database
                .write(move |c| c.tenant(&t).audit().append(|seq, prev| event("x.y", seq, prev)))
                .await
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    for (t, length) in [(w.contoso.clone(), 30), (w.fabrikam.clone(), 10)] {
        assert_chain(&w.write(move |c| c.tenant(&t).audit().list(&ALL)).await, length);
    }
}

async fn a_rolled_back_event_leaves_no_gap(w: World) {
    let t = w.contoso.clone();
    let result: StorageResult<()> = w
        .database()
        .write(move |c| {
            c.tenant(&t).audit().append(|seq, prev| event("x.y", seq, prev))?;
            Err(StorageError::StaleVersion)
        })
        .await;
    assert_eq!(result, Err(StorageError::StaleVersion));
    let t = w.contoso.clone();
    w.write(move |c| {
        c.tenant(&t).audit().append(|seq, prev| event("x.y", seq, prev))?;
        assert_chain(&c.tenant(&t).audit().list(&ALL)?, 1);
        Ok(())
    })
    .await;
}

async fn the_operator_has_a_chain_of_its_own(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        c.operator().audit().append(|seq, prev| event("tenant.created", seq, prev))?;
        assert_eq!(c.tenant(&t).audit().list(&ALL)?, []);
        assert_chain(&c.operator().audit().list(&ALL)?, 1);
        Ok(())
    })
    .await;
}

async fn events_are_filtered(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut audit = rows.audit();
        for name in ["a.a", "b.b", "a.a", "b.b", "a.a"] {
            audit.append(|seq, prev| event(name, seq, prev))?;
        }
        let mut numbers = |filter: AuditFilter| -> StorageResult<Vec<i64>> {
            Ok(audit.list(&filter)?.iter().map(|event| event.seq).collect())
        };
        let a_events = Some("a.a".to_owned());
        assert_eq!(numbers(AuditFilter { event_type: a_events, ..ALL })?, [1, 3, 5]);
        let between = AuditFilter { after_seq: Some(1), before_seq: Some(5), ..ALL };
        assert_eq!(numbers(between)?, [2, 3, 4]);
        assert_eq!(numbers(AuditFilter { newest_first: true, limit: 2, ..ALL })?, [5, 4]);
        Ok(())
    })
    .await;
}

async fn feat_n75_events_of_a_connector_are_counted(w: World) {
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        const FAILED: &str = "user.sso_login_failed";
        let of = |name: &str, seq, connector: Option<&str>| NewAuditEvent {
            reason: Some("entra.secret_expired".to_owned()),
            connector_id: connector.map(connector_id),
            ..event(name, seq, "")
        };
        c.tenant(&other).audit().append(|seq, _| of(FAILED, seq + 99, Some("work")))?;
        let mut rows = c.tenant(&t);
        let mut audit = rows.audit();
        let (work, home) = (connector_id("work"), connector_id("home"));
        assert_eq!(audit.last_of(FAILED, &work)?, None);
        for (name, connector) in [
            (FAILED, Some("work")),
            (FAILED, Some("home")),
            (FAILED, Some("work")),
            ("user.sso_login", Some("work")),
            (FAILED, None),
        ] {
            audit.append(|seq, _| of(name, seq, connector))?;
        }
        assert_eq!(audit.count_since(FAILED, &work, at(0))?, 2);
        assert_eq!(audit.count_since(FAILED, &work, at(3))?, 1);
        assert_eq!(audit.count_since(FAILED, &work, at(4))?, 0);
        assert_eq!(audit.count_since(FAILED, &home, at(0))?, 1);
        let last = audit.last_of(FAILED, &work)?.unwrap();
        assert_eq!((last.seq, last.time), (3, at(3)));
        assert_eq!(last.reason.as_deref(), Some("entra.secret_expired"));
        Ok(())
    })
    .await;
}
