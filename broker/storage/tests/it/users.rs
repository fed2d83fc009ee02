//! Users and the roles that they hold.

use symbolon_storage::{GrantChanges, NewGrant, RoleSource, StorageError, User, UserStatus};

use crate::world::{World, at, connector_id, on_both, role_name, session, user, user_id};

on_both!(
    users_round_trip_and_page,
    an_email_is_not_a_key,
    a_nul_is_kept_and_found_alike_on_both,
    a_part_that_fails_takes_nothing_else_along,
    a_source_takes_away_only_what_it_gave,
    a_role_outside_the_catalogue_cannot_be_granted,
);

async fn users_round_trip_and_page(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut users = rows.users();
        assert_eq!(users.find(&user_id("alice"))?, Some(user("alice")));
        assert_eq!(users.list(None, 1)?, [user("alice")]);
        assert_eq!(users.list(Some(&user_id("alice")), 5)?, [user("bob")]);
        assert!(users.set_status(&user_id("bob"), UserStatus::Deactivated, at(9))?);
        assert!(!users.set_status(&user_id("nobody"), UserStatus::Active, at(9))?);
        let bob = users.find(&user_id("bob"))?;
        let expected =
            User { status: UserStatus::Deactivated, updated_at: at(9), version: 2, ..user("bob") };
        assert_eq!(bob, Some(expected));
        Ok(())
    })
    .await;
}

async fn a_part_that_fails_takes_nothing_else_along(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        c.tenant(&t).users().insert(&user("before"))?;
        let failed = c.attempt(|c| {
            let mut rows = c.tenant(&t);
            rows.users().insert(&user("inside"))?;
            rows.sessions().insert(&session("s1", "nobody"))
        });
        assert!(failed.is_err());
        c.attempt(|c| c.tenant(&t).users().insert(&user("after")))?;
        let mut rows = c.tenant(&t);
        let mut there = |id| Ok::<_, StorageError>(rows.users().find(&user_id(id))?.is_some());
        assert_eq!((there("before")?, there("inside")?, there("after")?), (true, false, true));
        Ok(())
    })
    .await;
}

async fn a_nul_is_kept_and_found_alike_on_both(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let odd = |name: &str| User {
            display_name: Some(format!("Ev{name}e")),
            email_normalised: Some(format!("ev{name}e@contoso.example")),
            ..user("eve")
        };
        rows.users().insert(&odd("\0"))?;
        assert_eq!(rows.users().find(&user_id("eve"))?, Some(odd("\u{fffd}")));
        assert_eq!(rows.users().find_by_email("ev\0e@contoso.example")?, [odd("\u{fffd}")]);
        let nobody = rows.identity_links().find(&connector_id("work"), "issuer\0", "subject\0")?;
        assert_eq!(nobody, None);
        let ended =
            rows.sessions().end_by_upstream_sid(&connector_id("work"), "\0", at(3), "why")?;
        assert!(ended.is_empty());
        Ok(())
    })
    .await;
}

async fn an_email_is_not_a_key(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    let twin = User { email_normalised: user("alice").email_normalised, ..user("carol") };
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        rows.users().insert(&twin)?;
        let found = rows.users().find_by_email("alice@contoso.example")?;
        assert_eq!(found, [user("alice"), twin]);
        assert_eq!(rows.users().find_by_email("Alice@contoso.example")?, []);
        Ok(())
    })
    .await;
}

fn grant(role: &str, version: i32, seconds: i64) -> NewGrant {
    NewGrant {
        role: role_name(role),
        plugin_digest: None,
        mapping_version: Some(version),
        because: Some("group Staff".to_owned()),
        granted_at: at(seconds),
    }
}

async fn a_source_takes_away_only_what_it_gave(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        use RoleSource::{Admin, Mapping};
        let alice = user_id("alice");
        let mut rows = c.tenant(&t);
        let mut grants = rows.grants();
        grants.replace_from_source(&alice, Admin, "root", &[grant("admin", 0, 1)])?;
        let both = [grant("member", 1, 2), grant("admin", 1, 2), grant("member", 1, 2)];
        let changes = grants.replace_from_source(&alice, Mapping, "work", &both)?;
        assert_eq!(changes.added, [role_name("member"), role_name("admin")]);

        let changes =
            grants.replace_from_source(&alice, Mapping, "work", &[grant("member", 2, 50)])?;
        let removed = vec![role_name("admin")];
        assert_eq!(changes, GrantChanges { added: vec![], removed });
        let held = grants.of_user(&alice)?;
        let held: Vec<_> = held
            .iter()
            .map(|g| (g.role.as_str(), g.source_kind, g.mapping_version, g.granted_at))
            .collect();
        let expected = [("admin", Admin, Some(0), at(1)), ("member", Mapping, Some(2), at(2))];
        assert_eq!(held, expected);
        assert_eq!(grants.of_user(&user_id("bob"))?, []);
        Ok(())
    })
    .await;
}

async fn a_role_outside_the_catalogue_cannot_be_granted(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    let result = w
        .database()
        .write(move |c| {
            let mut rows = c.tenant(&t);
            let grants = [grant("emperor", 1, 1)];
            rows.grants().replace_from_source(
                &user_id("alice"),
                RoleSource::Mapping,
                "work",
                &grants,
            )
        })
        .await;
    assert!(matches!(result, Err(StorageError::Other(_))), "{result:?}");
}
