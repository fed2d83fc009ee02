//! Sessions and access tokens.

use symbolon_storage::{AccessToken, Session, StorageError};

use crate::world::{
    World, application_id, at, connector_id, on_both, session, session_id, user, user_id,
};

on_both!(
    a_session_is_found_by_the_hash_of_its_secret,
    what_ended_a_session_first_stays,
    a_session_goes_on_when_its_person_signs_in_anew,
    entra_e61_an_upstream_session_ends_what_stems_from_it,
    saml_slo_a_subject_of_an_upstream_ends_its_named_sessions_or_all,
    a_session_remembers_its_applications,
    access_tokens_are_taken_back_once,
);

async fn a_session_is_found_by_the_hash_of_its_secret(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut sessions = rows.sessions();
        sessions.insert(&session("s1", "alice"))?;
        assert_eq!(sessions.by_secret_hash("hash-of-s1")?, Some(session("s1", "alice")));
        assert_eq!(sessions.find(&session_id("s1"))?, Some(session("s1", "alice")));
        let same = Session { secret_hash: "hash-of-s1".to_owned(), ..session("s2", "bob") };
        let refused = sessions.insert(&same);
        assert_eq!(refused, Err(StorageError::Conflict { what: "sessions".to_owned() }));
        Ok(())
    })
    .await;
}

async fn what_ended_a_session_first_stays(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut sessions = rows.sessions();
        let id = session_id("s1");
        sessions.insert(&session("s1", "alice"))?;
        assert!(sessions.touch(&id, at(60), at(1860))?);
        assert!(sessions.end(&id, at(61), "signed_out")?);
        assert!(!sessions.end(&id, at(62), "deactivated")?);
        assert!(!sessions.touch(&id, at(63), at(1863))?);
        let expected = Session {
            last_seen_at: at(60),
            idle_expires_at: at(1860),
            ended_at: Some(at(61)),
            end_reason: Some("signed_out".to_owned()),
            ..session("s1", "alice")
        };
        assert_eq!(sessions.find(&id)?, Some(expected));
        Ok(())
    })
    .await;
}

async fn a_session_goes_on_when_its_person_signs_in_anew(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut sessions = rows.sessions();
        for id in ["s1", "s2", "s3"] {
            sessions.insert(&session(id, "alice"))?;
        }
        sessions.end(&session_id("s3"), at(5), "signed_out")?;
        let renewed = Session { secret_hash: "another".into(), ..session("s1", "alice") };
        assert!(sessions.renew(&renewed)?);
        assert_eq!(sessions.by_secret_hash("another")?, Some(renewed));
        assert_eq!(sessions.by_secret_hash(&session("s1", "alice").secret_hash)?, None);
        let over = Session { ended_at: None, ..session("s3", "alice") };
        assert!(!sessions.renew(&over)?, "nothing brings an ended one back");
        assert_eq!(sessions.find(&session_id("s2"))?, Some(session("s2", "alice")));
        Ok(())
    })
    .await;
}

async fn entra_e61_an_upstream_session_ends_what_stems_from_it(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        c.tenant(&other).users().insert(&user("alice"))?;
        c.tenant(&other).sessions().insert(&session("s1", "alice"))?;
        let mut rows = c.tenant(&t);
        let mut sessions = rows.sessions();
        let up = |sid: &str| Some(sid.to_owned());
        let kept = [
            Session { upstream_sid: up("up-2"), ..session("sid", "alice") },
            Session { upstream_sid: None, ..session("none", "alice") },
            Session { connector_id: connector_id("home"), ..session("home", "alice") },
            Session { idle_expires_at: at(10), ..session("idle", "alice") },
            Session { expires_at: at(10), ..session("old", "alice") },
        ];
        for session in &kept {
            sessions.insert(session)?;
        }
        for (id, user) in [("s3", "alice"), ("s2", "bob"), ("s1", "alice")] {
            sessions.insert(&session(id, user))?;
        }
        sessions.end(&session_id("s3"), at(5), "signed_out")?;
        let work = connector_id("work");
        let ended = sessions.end_by_upstream_sid(&work, "up-1", at(10), "upstream_logout")?;
        assert_eq!(ended, [session_id("s1"), session_id("s2")]);
        assert_eq!(sessions.end_by_upstream_sid(&work, "up-1", at(11), "again")?, []);
        let first = Session {
            ended_at: Some(at(10)),
            end_reason: Some("upstream_logout".to_owned()),
            ..session("s1", "alice")
        };
        assert_eq!(sessions.find(&session_id("s1"))?, Some(first));
        for session in kept {
            assert_eq!(sessions.find(&session.id)?, Some(session));
        }
        let others = c.tenant(&other).sessions().find(&session_id("s1"))?;
        assert_eq!(others, Some(session("s1", "alice")));
        Ok(())
    })
    .await;
}

async fn saml_slo_a_subject_of_an_upstream_ends_its_named_sessions_or_all(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        c.tenant(&other).users().insert(&user("alice"))?;
        c.tenant(&other).sessions().insert(&session("s1", "alice"))?;
        let mut rows = c.tenant(&t);
        let mut sessions = rows.sessions();
        let up = |text: &str| Some(text.to_owned());
        let kept = [
            Session { upstream_subject: up("subject-2"), ..session("subject", "alice") },
            Session { upstream_subject: None, ..session("none", "alice") },
            Session { connector_id: connector_id("home"), ..session("home", "alice") },
            Session { idle_expires_at: at(10), ..session("idle", "alice") },
        ];
        let first = Session { upstream_sid: up("up-1"), ..session("s1", "alice") };
        let second = Session { upstream_sid: up("up-2"), ..session("s2", "alice") };
        let third = Session { upstream_sid: None, ..session("s3", "alice") };
        for session in kept.iter().chain([&first, &second, &third]) {
            sessions.insert(session)?;
        }
        let work = connector_id("work");
        let named = ["up-2".to_owned(), "up-9".to_owned()];
        let subject = (&work, "subject-1");
        assert_eq!(
            sessions.end_by_upstream_subject(subject, &named, at(10), "slo")?,
            [session_id("s2")]
        );
        assert_eq!(sessions.find(&session_id("s1"))?, Some(first));
        let rest = sessions.end_by_upstream_subject(subject, &[], at(11), "slo")?;
        assert_eq!(rest, [session_id("s1"), session_id("s3")]);
        for session in kept {
            assert_eq!(sessions.find(&session.id)?, Some(session));
        }
        let others = c.tenant(&other).sessions().find(&session_id("s1"))?;
        assert_eq!(others, Some(session("s1", "alice")));
        Ok(())
    })
    .await;
}

async fn a_session_remembers_its_applications(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut sessions = rows.sessions();
        let id = session_id("s1");
        sessions.insert(&session("s1", "alice"))?;
        sessions.note(&id, &application_id("wiki"), at(1))?;
        sessions.note(&id, &application_id("mail"), at(2))?;
        sessions.note(&id, &application_id("wiki"), at(3))?;
        let used = sessions.of_session(&id)?;
        let used: Vec<_> = used
            .iter()
            .map(|u| (u.application_id.as_str(), u.first_used_at, u.last_used_at))
            .collect();
        assert_eq!(used, [("wiki", at(1), at(3)), ("mail", at(2), at(2))]);
        Ok(())
    })
    .await;
}

fn access_token(hash: &str) -> AccessToken {
    AccessToken {
        token_hash: hash.to_owned(),
        application_id: application_id("wiki"),
        user_id: user_id("alice"),
        session_id: Some(session_id("s1")),
        scope: "openid email".to_owned(),
        code_hash: Some("code-1".to_owned()),
        created_at: at(0),
        expires_at: at(300),
        revoked_at: None,
        family_id: None,
        resources: None,
        dpop_jkt: None,
        claims: None,
    }
}

async fn access_tokens_are_taken_back_once(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut access_tokens = rows.access_tokens();
        for hash in ["a", "b", "c"] {
            access_tokens.insert(&access_token(hash))?;
        }
        let other = AccessToken { code_hash: None, session_id: None, ..access_token("other") };
        access_tokens.insert(&other)?;
        assert!(access_tokens.revoke("a", at(1))?);
        assert!(!access_tokens.revoke("a", at(2))?);
        assert_eq!(access_tokens.revoke_by_code("code-1", at(3))?, 2);
        assert_eq!(access_tokens.revoke_by_session(&session_id("s1"), at(4))?, 0);
        let revoked =
            |hash, seconds| AccessToken { revoked_at: Some(at(seconds)), ..access_token(hash) };
        assert_eq!(access_tokens.find("a")?, Some(revoked("a", 1)));
        assert_eq!(access_tokens.find("b")?, Some(revoked("b", 3)));
        assert_eq!(access_tokens.find("other")?, Some(other));
        access_tokens.insert(&access_token("d"))?;
        assert_eq!(access_tokens.revoke_by_session(&session_id("s1"), at(5))?, 1);
        let family = AccessToken { family_id: Some("f".to_owned()), ..access_token("e") };
        access_tokens.insert(&family)?;
        assert_eq!(access_tokens.revoke_by_family("f", at(6))?, 1);
        assert_eq!(access_tokens.revoke_by_family("f", at(7))?, 0);
        access_tokens.insert(&access_token("g"))?;
        let own = access_token("g");
        let (user, wiki) = (&own.user_id, &own.application_id);
        assert_eq!(access_tokens.revoke_by_user(user, &"nobody".parse().unwrap(), at(8))?, 0);
        assert_eq!(
            access_tokens.revoke_by_user(user, wiki, at(8))?,
            2,
            "and the one of no session"
        );
        assert_eq!(access_tokens.find("g")?, Some(revoked("g", 8)));
        Ok(())
    })
    .await;
}
