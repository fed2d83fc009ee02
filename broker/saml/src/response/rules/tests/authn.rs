use super::*;

#[test]
fn saml_va10_a_person_authenticated_at_a_time() {
    let instant = r#"AuthnInstant="2026-11-01T12:00:00Z""#;
    World::default().refuses(&[
        (instant, "", "authn_statement", Fault::AuthnStatement),
        (instant, r#"AuthnInstant="""#, "authn_statement", Fault::AuthnStatement),
        (instant, r#"AuthnInstant="today""#, "authn_statement", Fault::AuthnStatement),
        (instant, r#"AuthnInstant="2026-11-01T12:03:11Z""#, "authn_statement", Fault::NotYetValid),
        ("AuthnStatement", "AuthzDecisionStatement", "authn_statement", Fault::AuthnStatement), // spid 89
    ]);
}

#[test]
fn saml_va10_a_context_class_is_stated() {
    World::default().refuses(&[
        ("AuthnContextClassRef", "AuthnContextDeclRef", "authn_context", Fault::AuthnContext), // spid 93
        ("AuthnContext>", "Other>", "authn_context", Fault::AuthnContext), // spid 88, 90
        (" urn:x:password\n", " \n", "authn_context", Fault::AuthnContext), // spid 92
    ]);
}

#[test]
fn saml_va10_a_requested_context_is_the_returned_one() {
    let contexts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let asked = World { contexts: contexts(&["urn:x:mfa", "urn:x:password"]), ..World::default() };
    assert_eq!(asked.fault(&good()), None);
    let other = World { contexts: contexts(&["urn:x:mfa"]), ..World::default() };
    assert_eq!(other.fault(&good()), Some(Fault::AuthnContext)); // spid 97
}

#[test]
fn saml_va11_a_session_that_is_over_refuses() {
    for (end, fault) in [
        ("2026-11-01T11:57:10Z", Some(Fault::Expired)),
        ("2000-01-01T00:00:00Z", Some(Fault::Expired)),
        ("2026-11-01T20:00:00Z", None),
        ("", Some(Fault::Structure)),
        ("tomorrow", Some(Fault::Structure)),
    ] {
        let with = format!(r#"SessionIndex="_s" SessionNotOnOrAfter="{end}""#);
        let text = changed(r#"SessionIndex="_s""#, &with);
        assert_eq!(World::default().fault(&text), fault, "{end}");
    }
}

#[test]
fn saml_va12_a_demanded_authentication_is_fresh() {
    let old =
        changed(r#"AuthnInstant="2026-11-01T12:00:00Z""#, r#"AuthnInstant="2026-11-01T11:55:59Z""#);
    assert_eq!(World::default().fault(&old), None);
    let forced = World { force_authn: true, ..World::default() };
    assert_eq!(forced.fault(&old), Some(Fault::NotFresh));
    assert_eq!(forced.fault(&old.replace("11:55:59", "11:56:00")), None);
}
