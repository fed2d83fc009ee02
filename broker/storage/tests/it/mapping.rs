//! The mapping of a target: its versions, and which of them is in use.

use serde_json::json;
use symbolon_contract::PluginDigest;
use symbolon_storage::{MappingRows, MappingTarget, NewMappingVersion, StorageResult};

use crate::world::{World, application_id, at, connector_id, on_both};

on_both!(
    wp_83_versions_are_numbered_and_go_back_and_forth,
    wp_83_only_versions_that_nobody_uses_are_pruned,
    wp_82_a_shadow_is_counted_until_it_ends,
    wp_90_failures_are_counted_with_two_subjects_at_most,
    wp_90_a_quarantine_ends_by_activation_rollback_or_retry,
    wp_87_a_policy_stands_before_the_first_version_and_outlives_them,
    mp_3_connector_and_application_of_one_name_are_two_targets,
    parallel_authors_of_one_target_never_take_the_same_number,
    parallel_failures_are_all_counted,
);

fn work() -> MappingTarget {
    MappingTarget::connector(&connector_id("work"))
}

pub(crate) fn digest(digit: char) -> PluginDigest {
    PluginDigest::parse(digit.to_string().repeat(64)).unwrap()
}

pub(crate) fn new_mapping(note: &str) -> NewMappingVersion {
    NewMappingVersion {
        plugin_digest: digest('a'),
        configuration: "{ \"rules\": [] }".to_owned(),
        author: "admin".to_owned(),
        note: Some(note.to_owned()),
        created_at: at(0),
    }
}

/// One transaction over the mapping of Contoso's connector.
async fn with_mapping(
    w: &World,
    test: impl FnOnce(&mut MappingRows<'_>) -> StorageResult<()> + Send + 'static,
) {
    let t = w.contoso.clone();
    w.write(move |c| test(&mut c.tenant(&t).mapping(&work()))).await;
}

async fn wp_83_versions_are_numbered_and_go_back_and_forth(w: World) {
    with_mapping(&w, |m| {
        assert_eq!((m.active()?, m.state()?, m.roll_back()?), (None, None, None));
        assert_eq!(m.state()?, None);
        assert_eq!(m.add_version(&new_mapping("first"))?, 1);
        assert_eq!(m.add_version(&new_mapping("second"))?, 2);
        assert_eq!(m.active()?, None);
        assert!(!m.activate(3)?);
        assert!(m.activate(1)?);
        assert_eq!(m.roll_back()?, None);
        assert!(m.activate(2)?);
        assert!(m.activate(2)?);
        let active = m.active()?.unwrap();
        assert_eq!((active.version.version, active.version.note.as_deref()), (2, Some("second")));
        assert_eq!(active.state.previous_version, Some(1));
        assert_eq!(Some(active.state), m.state()?);
        assert_eq!(Some(active.version), m.find(2)?);
        assert_eq!((m.roll_back()?, m.roll_back()?, m.roll_back()?), (Some(1), Some(2), Some(1)));
        let state = m.state()?.unwrap();
        assert_eq!((state.active_version, state.previous_version), (Some(1), Some(2)));
        assert_eq!(m.find(1)?.unwrap().trial, None);
        assert!(m.set_trial(1, &json!({"failed": 2}))?);
        assert!(!m.set_trial(3, &json!({}))?);
        assert_eq!(m.find(1)?.unwrap().trial, Some(json!({"failed": 2})));
        assert_eq!(m.list()?.iter().map(|v| v.version).collect::<Vec<_>>(), [2, 1]);
        Ok(())
    })
    .await;
}

async fn wp_83_only_versions_that_nobody_uses_are_pruned(w: World) {
    with_mapping(&w, |m| {
        assert_eq!(m.prune(10)?, 0);
        for n in 1..=8 {
            m.add_version(&new_mapping(&n.to_string()))?;
        }
        m.activate(1)?;
        m.activate(3)?;
        m.set_shadow(Some((4, at(60))))?;
        assert_eq!(m.prune(8)?, 0);
        assert_eq!(m.prune(2)?, 3);
        assert_eq!(m.list()?.iter().map(|v| v.version).collect::<Vec<_>>(), [8, 7, 4, 3, 1]);
        assert_eq!(m.prune(2)?, 0);
        assert_eq!(m.add_version(&new_mapping("next"))?, 9);
        Ok(())
    })
    .await;
}

async fn wp_82_a_shadow_is_counted_until_it_ends(w: World) {
    with_mapping(&w, |m| {
        assert!(!m.count_shadow(true)?);
        assert!(!m.set_shadow(Some((1, at(60))))?);
        assert!(m.set_shadow(None)?);
        for n in 1..=3 {
            m.add_version(&new_mapping(&n.to_string()))?;
        }
        m.activate(1)?;
        assert!(!m.count_shadow(true)?);
        assert!(m.set_shadow(Some((2, at(60))))?);
        for differed in [true, false, true] {
            assert!(m.count_shadow(differed)?);
        }
        let seen = |m: &mut MappingRows<'_>| -> StorageResult<_> {
            let s = m.state()?.unwrap();
            Ok((s.shadow_version, s.shadow_until, s.shadow_runs, s.shadow_differences))
        };
        assert_eq!(seen(m)?, (Some(2), Some(at(60)), 3, 2));
        m.activate(3)?;
        assert_eq!(seen(m)?, (Some(2), Some(at(60)), 3, 2));
        m.set_shadow(Some((2, at(90))))?;
        assert_eq!(seen(m)?, (Some(2), Some(at(90)), 0, 0));
        m.count_shadow(true)?;
        m.activate(2)?;
        assert_eq!(seen(m)?, (None, None, 0, 0));
        m.set_shadow(Some((3, at(60))))?;
        m.roll_back()?;
        assert_eq!(seen(m)?, (None, None, 0, 0));
        m.set_shadow(Some((1, at(60))))?;
        assert!(m.set_shadow(None)?);
        assert_eq!(seen(m)?, (None, None, 0, 0));
        Ok(())
    })
    .await;
}

async fn wp_90_failures_are_counted_with_two_subjects_at_most(w: World) {
    with_mapping(&w, |m| {
        assert!(!m.clear_failures()?);
        m.add_version(&new_mapping("first"))?;
        m.activate(1)?;
        let mut last = m.note_failure("a")?;
        for subject in ["a", "b", "c"] {
            last = m.note_failure(subject)?;
        }
        assert_eq!((last.failures, last.failed_subjects.join(" ")), (4, "a b".to_owned()));
        assert_eq!(m.state()?, Some(last));
        assert!(m.clear_failures()?);
        assert!(!m.clear_failures()?);
        let state = m.note_failure("c")?;
        assert_eq!((state.failures, state.failed_subjects), (1, vec!["c".to_owned()]));
        Ok(())
    })
    .await;
}

async fn wp_90_a_quarantine_ends_by_activation_rollback_or_retry(w: World) {
    with_mapping(&w, |m| {
        assert!(!m.quarantine(at(1))?);
        m.add_version(&new_mapping("first"))?;
        m.add_version(&new_mapping("second"))?;
        m.activate(1)?;
        m.activate(2)?;
        type End = fn(&mut MappingRows<'_>) -> StorageResult<bool>;
        let ends: [End; 4] = [
            |m| m.activate(1),
            |m| m.activate(1),
            |m| m.roll_back().map(|version| version == Some(2)),
            |m| m.end_quarantine(),
        ];
        for end in ends {
            m.note_failure("a")?;
            assert!(m.quarantine(at(5))?);
            assert!(!m.quarantine(at(6))?);
            m.clear_failures()?;
            assert_eq!(m.state()?.unwrap().quarantined_at, Some(at(5)));
            m.note_failure("a")?;
            assert!(end(m)?);
            let state = m.state()?.unwrap();
            assert_eq!((state.quarantined_at, state.failures), (None, 0));
            assert_eq!(state.failed_subjects, Vec::<String>::new());
        }
        assert!(!m.end_quarantine()?);
        Ok(())
    })
    .await;
}

async fn wp_87_a_policy_stands_before_the_first_version_and_outlives_them(w: World) {
    with_mapping(&w, |m| {
        let policy = json!({"on_failure": "last-known", "hours": 24});
        m.set_policy(&policy)?;
        assert_eq!(m.active()?, None);
        m.add_version(&new_mapping("first"))?;
        m.activate(1)?;
        assert_eq!(m.active()?.unwrap().state.policy, policy);
        Ok(())
    })
    .await;
}

async fn mp_3_connector_and_application_of_one_name_are_two_targets(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let (into, out) = (work(), MappingTarget::application(&application_id("work")));
        let mut rows = c.tenant(&t);
        rows.mapping(&into).add_version(&new_mapping("in"))?;
        assert_eq!(rows.mapping(&out).add_version(&new_mapping("out"))?, 1);
        assert!(rows.mapping(&out).activate(1)?);
        assert_eq!(rows.mapping(&into).active()?, None);
        let active = rows.mapping(&out).active()?.unwrap().version;
        assert_eq!((active.note.as_deref(), active.target_kind), (Some("out"), out.kind));
        Ok(())
    })
    .await;
}

async fn parallel_authors_of_one_target_never_take_the_same_number(w: World) {
    let authors = (0..12).map(|_| {
        let (database, t) = (w.database().clone(), w.contoso.clone());
        tokio::spawn(async move {
            let add = move |c: &mut symbolon_storage::Connection| {
                c.tenant(&t).mapping(&work()).add_version(&new_mapping("n"))
            };
            database.write(add).await
        })
    });
    let mut numbers = Vec::new();
    for author in authors.collect::<Vec<_>>() {
        numbers.push(author.await.unwrap().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

async fn parallel_failures_are_all_counted(w: World) {
    let nodes = (0..12).map(|n| {
        let (database, t) = (w.database().clone(), w.contoso.clone());
        tokio::spawn(async move {
            let note = move |c: &mut symbolon_storage::Connection| {
                c.tenant(&t).mapping(&work()).note_failure(&n.to_string())
            };
            database.write(note).await
        })
    });
    let mut counted = Vec::new();
    for node in nodes.collect::<Vec<_>>() {
        counted.push(node.await.unwrap().unwrap().failures);
    }
    counted.sort_unstable();
    assert_eq!(counted, (1..=12).collect::<Vec<_>>());
}
