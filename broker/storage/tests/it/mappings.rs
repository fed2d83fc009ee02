//! Plugins and the versions of a mapping.

use symbolon_contract::PluginDigest;
use symbolon_storage::{NewMappingVersion, Plugin, StorageError};

use crate::world::{World, at, connector_id, on_both};

on_both!(
    mapping_versions_are_numbered_and_one_is_active,
    parallel_authors_never_take_the_same_version_number,
);

fn plugin(digit: char) -> Plugin {
    Plugin {
        digest: PluginDigest::parse(digit.to_string().repeat(64)).unwrap(),
        name: format!("rules-{digit}"),
        component: vec![0, 255, 128, digit as u8],
        created_at: at(0),
    }
}

fn new_version(note: &str) -> NewMappingVersion {
    NewMappingVersion {
        connector_id: connector_id("work"),
        plugin_digest: plugin('a').digest,
        configuration: "{ \"rules\": [] }".to_owned(),
        author: "admin".to_owned(),
        note: Some(note.to_owned()),
        created_at: at(0),
    }
}

async fn mapping_versions_are_numbered_and_one_is_active(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let work = connector_id("work");
        let mut rows = c.tenant(&t);
        assert!(rows.plugins().insert(&plugin('a'))?);
        assert!(!rows.plugins().insert(&plugin('a'))?);
        assert_eq!(rows.plugins().find(&plugin('a').digest)?, Some(plugin('a').component));
        assert_eq!(rows.plugins().list()?.first().map(|p| p.name.clone()), Some("rules-a".into()));

        let mut mappings = rows.mappings();
        assert_eq!(mappings.active(&work)?, None);
        assert_eq!(mappings.add_version(&new_version("first"))?, 1);
        assert_eq!(mappings.add_version(&new_version("second"))?, 2);
        mappings.activate(&work, 2)?;
        mappings.activate(&work, 1)?;
        let active = mappings.active(&work)?.unwrap();
        assert_eq!((active.version, active.note.as_deref()), (1, Some("first")));
        assert_eq!(mappings.find(&work, 1)?, Some(active));
        let numbers: Vec<_> = mappings.list(&work)?.iter().map(|m| m.version).collect();
        assert_eq!(numbers, [2, 1]);
        Ok(())
    })
    .await;
    let (t, missing) = (w.contoso.clone(), connector_id("work"));
    let result = w.database().write(move |c| c.tenant(&t).mappings().activate(&missing, 3)).await;
    assert!(matches!(result, Err(StorageError::Other(_))), "{result:?}");
}

async fn parallel_authors_never_take_the_same_version_number(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| c.tenant(&t).plugins().insert(&plugin('a'))).await;
    let authors = (0..12).map(|_| {
        let (database, t) = (w.database().clone(), w.contoso.clone());
        tokio::spawn(async move {
            database.write(move |c| c.tenant(&t).mappings().add_version(&new_version("n"))).await
        })
    });
    let mut numbers = Vec::new();
    for author in authors.collect::<Vec<_>>() {
        numbers.push(author.await.unwrap().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}
