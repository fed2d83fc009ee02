//! The same for what belongs to the mapping: plugins, the library, versions, cases, recorded sign-ins.

use serde_json::json;
use symbolon_contract::TenantId;
use symbolon_storage::{Connection, MappingTarget, RecordedFilter, StorageResult};

use super::ISSUER;
use crate::library::{library_plugin, plugin};
use crate::mapping::new_mapping;
use crate::recorded::recorded;
use crate::world::{World, at, connector_id, on_both};

on_both!(another_tenant_changes_no_mapping,);

const EVERY: RecordedFilter =
    RecordedFilter { before: None, after: None, user: None, outcome: None, limit: 10 };

fn work_mapping() -> MappingTarget {
    MappingTarget::connector(&connector_id("work"))
}

pub(super) fn fill(c: &mut Connection, t: &TenantId) -> StorageResult<()> {
    c.operator().library().insert(&library_plugin('b'), &[1])?;
    let (mut rows, target) = (c.tenant(t), work_mapping());
    rows.plugins().add(&plugin('c'), &[1])?;
    rows.library().enable(&library_plugin('b').digest, "admin", at(0))?;
    rows.mapping(&target).add_version(&new_mapping("first"))?;
    rows.mapping(&target).add_version(&new_mapping("second"))?;
    rows.mapping(&target).activate(1)?;
    rows.mapping(&target).activate(2)?;
    rows.mapping(&target).set_shadow(Some((1, at(60))))?;
    rows.mapping(&target).note_failure("subject")?;
    rows.mapping_cases(&target).put("case", "sealed", "admin", at(0))?;
    rows.recorded_sign_ins().insert(&recorded("r1", 0))
}

pub(super) fn visible(
    c: &mut Connection,
    t: &TenantId,
) -> StorageResult<Vec<(&'static str, usize)>> {
    let (work, target) = (connector_id("work"), work_mapping());
    let rows = |rows: i64| usize::try_from(rows).unwrap();
    let (shared, mut r) = (library_plugin('b').digest, c.tenant(t));
    Ok(vec![
        ("plugin summary", r.plugins().summary(&plugin('c').digest)?.iter().count()),
        ("counted plugins", rows(r.plugins().count()?)),
        ("library", r.library().list()?.len()),
        ("library plugin", r.library().find(&shared)?.iter().count()),
        ("library plugin enabled", usize::from(r.library().is_enabled(&shared)?)),
        ("mapping version", r.mapping(&target).find(1)?.iter().count()),
        ("mapping versions", r.mapping(&target).list()?.len()),
        ("mapping state", r.mapping(&target).state()?.iter().count()),
        ("mapping in use", r.mapping(&target).active()?.iter().count()),
        ("case", r.mapping_cases(&target).find("case")?.iter().count()),
        ("cases", r.mapping_cases(&target).list()?.len()),
        ("counted cases", rows(r.mapping_cases(&target).count()?)),
        ("recorded", r.recorded_sign_ins().find("r1")?.iter().count()),
        ("recorded list", r.recorded_sign_ins().list(&work, &EVERY)?.len()),
        ("recorded load", r.recorded_sign_ins().load(&work, 9)?.len()),
        ("counted recorded", rows(r.recorded_sign_ins().count(&work)?)),
        ("mapped at", r.identity_links().mapped_at(&work, ISSUER, "s")?.iter().count()),
    ])
}

async fn another_tenant_changes_no_mapping(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        super::fill(c, &t)?;
        let (work, target) = (connector_id("work"), work_mapping());
        let all = |c: &mut Connection| -> StorageResult<_> {
            let mut r = c.tenant(&t);
            let plugins = (r.plugins().list()?, r.library().list()?);
            let mapping = (r.mapping(&target).list()?, r.mapping(&target).state()?);
            Ok((
                plugins,
                mapping,
                r.mapping_cases(&target).list()?,
                r.recorded_sign_ins().load(&work, 9)?,
            ))
        };
        let (before, seen) = (all(c)?, super::visible(c, &t)?);
        let (mut r, shared) = (c.tenant(&other), library_plugin('b').digest);
        assert!(!r.plugins().delete_unused(&plugin('c').digest)?);
        assert!(!r.library().disable(&shared)?);
        assert!(!r.mapping(&target).activate(1)?);
        assert_eq!(r.mapping(&target).roll_back()?, None);
        assert!(!r.mapping(&target).set_shadow(Some((2, at(9))))?);
        r.mapping(&target).set_shadow(None)?;
        assert!(!r.mapping(&target).count_shadow(true)?);
        assert!(!r.mapping(&target).clear_failures()?);
        assert!(!r.mapping(&target).quarantine(at(1))?);
        assert!(!r.mapping(&target).end_quarantine()?);
        assert!(!r.mapping(&target).set_trial(1, &json!({}))?);
        assert_eq!(r.mapping(&target).prune(0)?, 0);
        assert_eq!(r.mapping(&target).note_failure("other")?.failures, 1);
        r.mapping(&target).set_policy(&json!({"x": 1}))?;
        assert_eq!(r.mapping(&target).prune(0)?, 0);
        assert!(!r.mapping_cases(&target).delete("case")?);
        assert!(r.mapping_cases(&target).put("case", "other", "eve", at(9))?);
        assert_eq!(r.recorded_sign_ins().trim(&work, 0)?, 0);
        assert_eq!(r.recorded_sign_ins().delete_all()?, 0);
        assert_eq!(r.mapping(&target).add_version(&new_mapping("other"))?, 1);
        assert_eq!((all(c)?, super::visible(c, &t)?), (before, seen));
        assert_eq!(c.tenant(&t).identity_links().mapped_at(&work, ISSUER, "s")?, Some(at(4)));
        Ok(())
    })
    .await;
}
