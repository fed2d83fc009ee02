//! Plugins of a tenant, and the operator's library.

use serde_json::json;
use symbolon_storage::{LibraryPlugin, MappingTarget, PluginClass, PluginSummary};

use crate::mapping::{digest, new_mapping};
use crate::world::{World, application_id, at, on_both};

on_both!(
    wp_76_a_plugin_is_kept_once_with_all_that_is_known,
    a_plugin_that_a_kept_version_names_stays,
    a_tenant_uses_what_it_enabled_until_it_is_retired,
);

pub(crate) fn plugin(digit: char) -> PluginSummary {
    PluginSummary {
        digest: digest(digit),
        name: format!("rules-{digit}"),
        description: Some(json!({"name": "rules"})),
        class: PluginClass::Large,
        author: Some("admin".to_owned()),
        signed_by: Some("key-1".to_owned()),
        inspection: Some(json!({"functions": 12})),
        created_at: at(0),
    }
}

pub(crate) fn library_plugin(digit: char) -> LibraryPlugin {
    LibraryPlugin {
        digest: digest(digit),
        name: format!("shared-{digit}"),
        description: Some(json!({"name": "shared"})),
        class: PluginClass::Standard,
        inspection: None,
        signed_by: None,
        created_at: at(0),
        retired_at: None,
    }
}

async fn wp_76_a_plugin_is_kept_once_with_all_that_is_known(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut plugins = rows.plugins();
        assert!(plugins.add(&plugin('a'), &[0, 255])?);
        let other = PluginSummary { name: "other".to_owned(), ..plugin('a') };
        assert!(!plugins.add(&other, &[1])?);
        let newer = PluginSummary { created_at: at(1), ..plugin('b') };
        assert!(plugins.add(&newer, &[2])?);
        assert_eq!(plugins.summary(&digest('a'))?, Some(plugin('a')));
        assert_eq!(plugins.find(&digest('a'))?, Some(vec![0, 255]));
        assert_eq!(plugins.list()?, [newer, plugin('a')]);
        assert_eq!(plugins.count()?, 2);
        assert_eq!(plugins.summary(&digest('c'))?, None);
        Ok(())
    })
    .await;
}

async fn a_plugin_that_a_kept_version_names_stays(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let wiki = MappingTarget::application(&application_id("wiki"));
        let mut rows = c.tenant(&t);
        rows.plugins().add(&plugin('a'), &[1])?;
        rows.plugins().add(&plugin('b'), &[2])?;
        rows.mapping(&wiki).add_version(&new_mapping("names a"))?;
        assert!(!rows.plugins().delete_unused(&digest('a'))?);
        assert!(rows.plugins().delete_unused(&digest('b'))?);
        assert!(!rows.plugins().delete_unused(&digest('b'))?);
        assert_eq!(rows.plugins().list()?, [plugin('a')]);
        rows.mapping(&wiki).prune(0)?;
        assert!(rows.plugins().delete_unused(&digest('a'))?);
        assert_eq!(rows.plugins().count()?, 0);
        Ok(())
    })
    .await;
}

async fn a_tenant_uses_what_it_enabled_until_it_is_retired(w: World) {
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        assert!(c.operator().library().insert(&library_plugin('a'), &[7])?);
        assert!(!c.operator().library().insert(&library_plugin('a'), &[8])?);
        let newer = LibraryPlugin { created_at: at(1), ..library_plugin('b') };
        c.operator().library().insert(&newer, &[9])?;
        assert_eq!(c.operator().library().list()?, [newer.clone(), library_plugin('a')]);
        let (a, b, unknown) = (digest('a'), digest('b'), digest('c'));
        assert_eq!(c.operator().library().find(&a)?, Some(vec![7]));

        let mut tenant = c.tenant(&t);
        let mut library = tenant.library();
        assert_eq!(library.offered()?, [newer, library_plugin('a')]);
        assert_eq!((library.is_enabled(&a)?, library.find(&a)?), (false, None));
        assert!(!library.enable(&unknown, "admin", at(2))?);
        assert!(library.enable(&a, "admin", at(2))?);
        assert!(library.enable(&a, "again", at(3))?);
        assert!(library.enable(&b, "admin", at(3))?);
        assert!(library.is_enabled(&a)?);
        assert_eq!(library.find(&a)?, Some((PluginClass::Standard, vec![7])));
        let listed = library.list()?;
        let names: Vec<_> = listed.iter().map(|e| (e.plugin.name.as_str(), e.enabled_at)).collect();
        assert_eq!(names, [("shared-b", at(3)), ("shared-a", at(2))]);
        assert_eq!(listed.last().map(|e| e.enabled_by.as_str()), Some("admin"));
        assert!(library.disable(&b)?);
        assert!(!library.disable(&b)?);
        assert!(!library.is_enabled(&b)?);

        assert!(c.operator().library().retire(&a, at(9))?);
        assert!(!c.operator().library().retire(&a, at(10))?);
        let mut tenant = c.tenant(&t);
        let mut library = tenant.library();
        assert_eq!((library.is_enabled(&a)?, library.find(&a)?), (false, None));
        let retired: Vec<_> = library.list()?.iter().map(|e| e.plugin.retired_at).collect();
        assert_eq!(retired, [Some(at(9))]);
        assert_eq!(library.offered()?.len(), 1);
        assert!(!c.tenant(&other).library().enable(&a, "admin", at(11))?);
        assert_eq!(c.operator().library().find(&a)?, Some(vec![7]));
        Ok(())
    })
    .await;
}
