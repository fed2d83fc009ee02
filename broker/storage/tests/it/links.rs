//! Identity links, and how many users have one.

use symbolon_storage::{IdentityLink, SeenUpstream, StorageError, UserStatus};

use crate::world::{World, at, connector, connector_id, on_both, user, user_id};

on_both!(
    identity_links_are_unique_and_need_their_user,
    entra_e20_e29_a_link_remembers_its_sub_and_its_groups,
    wp_88_a_link_knows_when_a_plugin_last_answered,
    feat_n58_users_and_links_are_counted,
);

fn link(subject: &str, user: &str) -> IdentityLink {
    IdentityLink {
        connector_id: connector_id("work"),
        issuer: "https://upstream.example".to_owned(),
        subject: subject.to_owned(),
        user_id: user_id(user),
        created_at: at(0),
        last_sign_in_at: None,
        upstream_sub: None,
        groups: None,
        groups_at: None,
    }
}

async fn identity_links_are_unique_and_need_their_user(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut links = rows.identity_links();
        links.insert(&link("s1", "alice"))?;
        let twice = links.insert(&link("s1", "bob"));
        assert!(matches!(twice, Err(StorageError::Conflict { .. })), "{twice:?}");
        let alice = link("s1", "alice");
        assert!(links.touch(&alice.connector_id, &alice.issuer, "s1", at(9))?);
        assert!(!links.touch(&alice.connector_id, &alice.issuer, "S1", at(9))?);
        let touched = IdentityLink { last_sign_in_at: Some(at(9)), ..alice };
        assert_eq!(links.of_user(&user_id("alice"))?, std::slice::from_ref(&touched));
        let found = links.find(&touched.connector_id, &touched.issuer, "s1")?;
        assert_eq!(found, Some(touched));
        assert_eq!(links.find(&connector_id("work"), "https://upstream.example", "S1")?, None);
        rows.users().set_status(&user_id("alice"), UserStatus::Inactive, at(10))
    })
    .await;
    let t = w.contoso.clone();
    let orphan =
        w.database().write(move |c| c.tenant(&t).identity_links().insert(&link("s2", "x"))).await;
    assert!(matches!(orphan, Err(StorageError::Other(_))), "{orphan:?}");
}

async fn entra_e20_e29_a_link_remembers_its_sub_and_its_groups(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut links = rows.identity_links();
        let (work, issuer) = (connector_id("work"), "https://upstream.example");
        links.insert(&link("s1", "alice"))?;
        let groups = ["g1".to_owned(), "g \"2\"".to_owned()];
        let seen = SeenUpstream {
            upstream_sub: Some("pairwise"),
            groups: Some((&groups, at(5))),
            mapped_at: None,
        };
        assert!(links.remember(&work, issuer, "s1", &seen)?);
        // What a later sign-in does not tell stays.
        assert!(links.remember(&work, issuer, "s1", &SeenUpstream::default())?);
        let expected = IdentityLink {
            upstream_sub: Some("pairwise".to_owned()),
            groups: Some(groups.to_vec()),
            groups_at: Some(at(5)),
            ..link("s1", "alice")
        };
        assert_eq!(links.find(&work, issuer, "s1")?, Some(expected.clone()));
        // No groups is a list, too.
        let none = SeenUpstream { groups: Some((&[], at(6))), ..SeenUpstream::default() };
        assert!(links.remember(&work, issuer, "s1", &none)?);
        let emptied = IdentityLink { groups: Some(vec![]), groups_at: Some(at(6)), ..expected };
        assert_eq!(links.find(&work, issuer, "s1")?, Some(emptied));
        for seen in [none, SeenUpstream::default(), seen] {
            assert!(!links.remember(&work, issuer, "s2", &seen)?);
        }
        Ok(())
    })
    .await;
}

async fn wp_88_a_link_knows_when_a_plugin_last_answered(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let (work, issuer) = (connector_id("work"), "https://upstream.example");
        let mut rows = c.tenant(&t);
        let mut links = rows.identity_links();
        let seen = SeenUpstream { mapped_at: Some(at(5)), ..SeenUpstream::default() };
        assert!(!links.remember(&work, issuer, "s1", &seen)?);
        links.insert(&link("s1", "alice"))?;
        assert_eq!(links.mapped_at(&work, issuer, "s1")?, None);
        assert!(links.remember(&work, issuer, "s1", &seen)?);
        assert_eq!(links.mapped_at(&work, issuer, "s1")?, Some(at(5)));
        assert_eq!(links.mapped_at(&work, issuer, "s2")?, None);
        assert_eq!(links.find(&work, issuer, "s1")?, Some(link("s1", "alice")));
        Ok(())
    })
    .await;
}

async fn feat_n58_users_and_links_are_counted(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let (work, home) = (connector_id("work"), connector_id("home"));
        rows.connectors().insert(&connector("home"))?;
        rows.users().insert(&user("carol"))?;
        rows.identity_links().insert(&link("s1", "alice"))?;
        rows.identity_links().insert(&link("s2", "alice"))?;
        rows.identity_links().insert(&IdentityLink {
            connector_id: home.clone(),
            last_sign_in_at: Some(at(99)),
            ..link("s3", "bob")
        })?;
        assert_eq!(rows.identity_links().count(&work)?, 2);
        assert_eq!(rows.identity_links().last_sign_in(&work)?, None);
        for (subject, seconds) in [("s1", 7), ("s2", 5)] {
            rows.identity_links().touch(&work, "https://upstream.example", subject, at(seconds))?;
        }
        assert_eq!(rows.identity_links().last_sign_in(&work)?, Some(at(7)));
        assert_eq!(rows.users().count()?, 3);
        assert_eq!(rows.users().count_without_link_to(&work)?, 2);
        assert_eq!(rows.users().count_without_link_to(&home)?, 2);
        rows.users().set_status(&user_id("carol"), UserStatus::Deactivated, at(9))?;
        assert_eq!(rows.users().count()?, 3);
        assert_eq!(rows.users().count_without_link_to(&work)?, 1);
        Ok(())
    })
    .await;
}
