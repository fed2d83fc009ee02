//! Recorded sign-ins and saved cases.

use symbolon_contract::TraceId;
use symbolon_storage::{
    MappingTarget, RecordedFilter, RecordedOutcome, RecordedSignIn, StorageError,
};

use crate::world::{World, at, connector, connector_id, on_both, user_id};

on_both!(
    adv_2_recorded_sign_ins_are_found_by_time_person_and_outcome,
    adv_2_the_oldest_recorded_sign_ins_are_trimmed,
    adv_2_expired_recorded_sign_ins_go_in_small_steps,
    ux_7_a_saved_case_is_overwritten_under_its_name,
);

const EVERY: RecordedFilter =
    RecordedFilter { before: None, after: None, user: None, outcome: None, limit: 100 };

pub(crate) fn recorded(id: &str, seconds: i64) -> RecordedSignIn {
    RecordedSignIn {
        id: id.to_owned(),
        connector_id: connector_id("work"),
        at: at(seconds),
        trace_id: TraceId::parse("0".repeat(32)).unwrap(),
        user_id: Some(user_id("alice")),
        outcome: RecordedOutcome::SignedIn,
        reason: None,
        mapping_version: Some(3),
        sealed: format!("sealed-{id}"),
        expires_at: at(seconds + 100),
    }
}

async fn adv_2_recorded_sign_ins_are_found_by_time_person_and_outcome(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let (work, home) = (connector_id("work"), connector_id("home"));
        let mut rows = c.tenant(&t);
        rows.connectors().insert(&connector("home"))?;
        let mut all = rows.recorded_sign_ins();
        for (id, seconds) in [("r1", 1), ("r2", 2), ("r3", 3)] {
            all.insert(&recorded(id, seconds))?;
        }
        let refused = RecordedSignIn {
            user_id: None,
            outcome: RecordedOutcome::Refused,
            reason: Some("plugin.trap".to_owned()),
            ..recorded("r4", 3)
        };
        all.insert(&refused)?;
        all.insert(&RecordedSignIn { connector_id: home.clone(), ..recorded("r5", 9) })?;
        let twice = all.insert(&recorded("r1", 5));
        assert!(matches!(twice, Err(StorageError::Conflict { .. })), "{twice:?}");

        let mut ids = |filter: RecordedFilter| -> String {
            let found = all.list(&work, &filter).unwrap();
            found.iter().map(|r| r.id.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ids(EVERY), "r4 r3 r2 r1");
        assert_eq!(ids(RecordedFilter { limit: 2, ..EVERY }), "r4 r3");
        assert_eq!(ids(RecordedFilter { before: Some(at(3)), ..EVERY }), "r2 r1");
        assert_eq!(ids(RecordedFilter { after: Some(at(1)), before: Some(at(3)), ..EVERY }), "r2");
        assert_eq!(ids(RecordedFilter { user: Some(user_id("alice")), ..EVERY }), "r3 r2 r1");
        assert_eq!(ids(RecordedFilter { user: Some(user_id("bob")), ..EVERY }), "");
        assert_eq!(ids(RecordedFilter { outcome: Some(refused.outcome), ..EVERY }), "r4");
        assert_eq!(all.load(&work, 2)?, [refused.clone(), recorded("r3", 3)]);
        assert_eq!(all.find("r4")?, Some(refused));
        assert_eq!((all.count(&work)?, all.count(&home)?), (4, 1));
        assert_eq!(all.delete_all()?, 5);
        assert_eq!(all.count(&work)?, 0);
        Ok(())
    })
    .await;
}

async fn adv_2_the_oldest_recorded_sign_ins_are_trimmed(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let (work, home) = (connector_id("work"), connector_id("home"));
        let mut rows = c.tenant(&t);
        rows.connectors().insert(&connector("home"))?;
        let mut all = rows.recorded_sign_ins();
        all.insert(&RecordedSignIn { connector_id: home.clone(), ..recorded("old", 0) })?;
        // Three of one moment: the id decides.
        for (id, seconds) in [("r1", 1), ("r2", 2), ("r3", 2), ("r4", 2), ("r5", 3)] {
            all.insert(&recorded(id, seconds))?;
        }
        assert_eq!(all.trim(&work, 5)?, 0);
        assert_eq!(all.trim(&work, 3)?, 2);
        let left: Vec<_> = all.load(&work, 9)?.into_iter().map(|r| r.id).collect();
        assert_eq!(left, ["r5", "r4", "r3"]);
        assert_eq!(all.trim(&work, 0)?, 3);
        assert_eq!(all.count(&home)?, 1);
        Ok(())
    })
    .await;
}

async fn adv_2_expired_recorded_sign_ins_go_in_small_steps(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        c.tenant(&other).connectors().insert(&connector("work"))?;
        for (id, seconds) in [("r1", 0), ("r2", 1), ("r3", 2), ("r4", 50)] {
            c.tenant(&t).recorded_sign_ins().insert(&recorded(id, seconds))?;
        }
        // The same id in another tenant, still alive.
        c.tenant(&other).recorded_sign_ins().insert(&recorded("r1", 50))?;
        assert_eq!(c.operator().delete_expired_recordings(at(99), 2)?, 0);
        assert_eq!(c.operator().delete_expired_recordings(at(102), 2)?, 2);
        assert_eq!(c.operator().delete_expired_recordings(at(102), 2)?, 1);
        assert_eq!(c.operator().delete_expired_recordings(at(102), 2)?, 0);
        let work = connector_id("work");
        assert_eq!(c.tenant(&t).recorded_sign_ins().load(&work, 9)?, [recorded("r4", 50)]);
        assert_eq!(c.tenant(&other).recorded_sign_ins().count(&work)?, 1);
        Ok(())
    })
    .await;
}

async fn ux_7_a_saved_case_is_overwritten_under_its_name(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let work = MappingTarget::connector(&connector_id("work"));
        let wiki = MappingTarget { id: "wiki".to_owned(), ..work.clone() };
        let mut rows = c.tenant(&t);
        let mut cases = rows.mapping_cases(&work);
        assert!(cases.put("b", "sealed-1", "ann", at(1))?);
        assert!(cases.put("a", "sealed-2", "ann", at(1))?);
        assert!(!cases.put("b", "sealed-3", "bob", at(5))?);
        let found = cases.find("b")?.unwrap();
        assert_eq!((found.sealed.as_str(), found.author.as_str()), ("sealed-3", "bob"));
        assert_eq!((found.created_at, found.updated_at), (at(1), at(5)));
        assert_eq!(cases.list()?.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(cases.count()?, 2);
        assert!(cases.delete("a")?);
        assert!(!cases.delete("a")?);
        assert_eq!(cases.list()?, [found]);
        assert_eq!(rows.mapping_cases(&wiki).count()?, 0);
        Ok(())
    })
    .await;
}
