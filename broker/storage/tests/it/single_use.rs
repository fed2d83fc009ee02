//! Values that may be used once.

use serde_json::json;
use symbolon_storage::{ConsumeOutcome, NewSingleUse, SingleUseKind, SingleUseValue, StorageError};

use crate::world::{World, at, on_both};

on_both!(
    a_value_is_used_once_and_a_replay_is_told_apart,
    a_value_of_one_kind_is_not_accepted_as_another,
    a_late_value_is_expired,
    of_fifty_parallel_consumers_exactly_one_succeeds,
    of_many_parallel_puts_exactly_one_succeeds,
);

fn value(hash: &str) -> NewSingleUse {
    NewSingleUse {
        value_hash: hash.to_owned(),
        payload: json!({"for": hash}),
        created_at: at(0),
        expires_at: at(60),
    }
}

const CODE: SingleUseKind = SingleUseKind::AuthorizationCode;

async fn a_value_is_used_once_and_a_replay_is_told_apart(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut codes = rows.single_use(CODE);
        codes.put(&value("h"))?;
        let twice = codes.put(&value("h"));
        assert_eq!(twice, Err(StorageError::Conflict { what: "single_use".to_owned() }));
        let used = SingleUseValue {
            kind: CODE,
            value_hash: "h".to_owned(),
            payload: json!({"for": "h"}),
            created_at: at(0),
            expires_at: at(60),
            consumed_at: Some(at(5)),
        };
        assert_eq!(codes.consume("h", at(5))?, ConsumeOutcome::Taken(used.clone()));
        assert_eq!(codes.consume("h", at(6))?, ConsumeOutcome::AlreadyConsumed(used.clone()));
        assert_eq!(codes.consume("h", at(600))?, ConsumeOutcome::AlreadyConsumed(used.clone()));
        assert_eq!(codes.peek("h")?, Some(used));
        Ok(())
    })
    .await;
}

async fn a_value_of_one_kind_is_not_accepted_as_another(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        rows.single_use(CODE).put(&value("h"))?;
        for kind in SingleUseKind::ALL.iter().copied().filter(|kind| *kind != CODE) {
            assert_eq!(rows.single_use(kind).peek("h")?, None, "{kind}");
            let outcome = rows.single_use(kind).consume("h", at(1))?;
            assert_eq!(outcome, ConsumeOutcome::Unknown, "{kind}");
        }
        assert!(matches!(rows.single_use(CODE).consume("h", at(1))?, ConsumeOutcome::Taken(_)));
        Ok(())
    })
    .await;
}

async fn a_late_value_is_expired(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut codes = rows.single_use(CODE);
        codes.put(&value("h"))?;
        assert_eq!(codes.consume("h", at(60))?, ConsumeOutcome::Expired);
        assert!(matches!(codes.consume("h", at(59))?, ConsumeOutcome::Taken(_)));
        Ok(())
    })
    .await;
}

async fn of_fifty_parallel_consumers_exactly_one_succeeds(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| c.tenant(&t).single_use(CODE).put(&value("h"))).await;
    let consumers = (0..50).map(|_| {
        let (database, t) = (w.database().clone(), w.contoso.clone());
        tokio::spawn(async move {
            database.write(move |c| c.tenant(&t).single_use(CODE).consume("h", at(1))).await
        })
    });
    let (mut taken, mut replays) = (0, 0);
    for consumer in consumers.collect::<Vec<_>>() {
        match consumer.await.unwrap().unwrap() {
            ConsumeOutcome::Taken(_) => taken += 1,
            ConsumeOutcome::AlreadyConsumed(_) => replays += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((taken, replays), (1, 49));
}

async fn of_many_parallel_puts_exactly_one_succeeds(w: World) {
    let kind = SingleUseKind::ClientAssertionId;
    let writers = (0..20).map(|_| {
        let (database, t) = (w.database().clone(), w.contoso.clone());
        tokio::spawn(async move {
            database.write(move |c| c.tenant(&t).single_use(kind).put(&value("jti"))).await
        })
    });
    let mut kept = 0;
    for writer in writers.collect::<Vec<_>>() {
        match writer.await.unwrap() {
            Ok(()) => kept += 1,
            Err(StorageError::Conflict { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(kept, 1);
}
