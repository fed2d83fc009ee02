//! Keys to the admin API.

use symbolon_storage::{ApiKey, StorageError};

use crate::world::{World, at, on_both};

on_both!(a_key_is_found_by_its_hash_until_it_is_taken_back, the_operator_has_keys_of_its_own,);

pub(crate) fn api_key(id: &str) -> ApiKey {
    ApiKey {
        id: id.to_owned(),
        name: format!("The {id}"),
        secret_hash: format!("hash-of-{id}"),
        scopes: vec!["connectors.read".to_owned(), "connectors.write".to_owned()],
        created_by: "admin".to_owned(),
        created_at: at(0),
        expires_at: Some(at(1000)),
        last_used_at: None,
        revoked_at: None,
    }
}

async fn a_key_is_found_by_its_hash_until_it_is_taken_back(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut keys = rows.api_keys();
        keys.insert(&api_key("a"))?;
        keys.insert(&ApiKey { created_at: at(1), scopes: vec![], ..api_key("b") })?;
        assert_eq!(keys.find_by_hash("hash-of-a")?, Some(api_key("a")));
        assert_eq!(keys.find_by_hash("a")?, None);
        let listed: Vec<_> = keys.list()?.into_iter().map(|key| key.id).collect();
        assert_eq!(listed, ["b", "a"]);

        assert!(keys.touch("a", at(5))?);
        assert!(keys.revoke("a", at(6))?);
        assert!(!keys.revoke("a", at(7))?);
        assert!(!keys.touch("a", at(8))?);
        let (last_used_at, revoked_at) = (Some(at(5)), Some(at(6)));
        let over = ApiKey { last_used_at, revoked_at, ..api_key("a") };
        assert_eq!(keys.find_by_hash("hash-of-a")?, Some(over));
        Ok(())
    })
    .await;
}

async fn the_operator_has_keys_of_its_own(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        c.operator().api_keys().insert(&api_key("a"))?;
        let same_hash = ApiKey { id: "b".to_owned(), ..api_key("a") };
        let taken = c.tenant(&t).api_keys().insert(&same_hash);
        assert_eq!(taken, Err(StorageError::Conflict { what: "api_keys".to_owned() }));
        // The same id in another place is another key.
        let own = ApiKey { secret_hash: "other".to_owned(), ..api_key("a") };
        c.tenant(&t).api_keys().insert(&own)?;

        assert_eq!(c.operator().api_keys().list()?, [api_key("a")]);
        assert_eq!(c.operator().api_keys().find_by_hash("hash-of-a")?, Some(api_key("a")));
        assert_eq!(c.operator().api_keys().find_by_hash("other")?, None);
        assert_eq!(c.tenant(&t).api_keys().find_by_hash("hash-of-a")?, None);
        assert!(c.operator().api_keys().revoke("a", at(1))?);
        assert_eq!(c.tenant(&t).api_keys().list()?, [own]);
        Ok(())
    })
    .await;
}
