use super::*;

struct Odd;

impl MappingPlugin for Odd {
    type Rules = serde_json::Map<String, serde_json::Value>;

    fn describe() -> Description {
        unreachable!("not asked for in these tests")
    }

    fn map(_: &Self::Rules, request: &MappingRequest) -> Result<MappingDecision, Failure> {
        assert!(request.subject != "panic", "asked to");
        Ok(MappingDecision::Allow(Mapping::default()))
    }
}

fn request(subject: &str) -> MappingRequest {
    MappingRequest {
        purpose: "login".to_owned(),
        connector: "entra".to_owned(),
        kind: "oidc".to_owned(),
        issuer: "https://issuer.example".to_owned(),
        subject: subject.to_owned(),
        now: 0,
        attributes: Vec::new(),
        claims_json: "{}".to_owned(),
        groups: Vec::new(),
        groups_complete: true,
        extra: Vec::new(),
    }
}

#[test]
fn wp65_a_panic_becomes_a_failure_where_unwinding_exists() {
    let refused = map_login::<Odd>("{}", &request("panic")).unwrap_err();
    assert_eq!(refused.code, "panic");
    assert!(
        map_login::<Odd>("", &request("good")).is_ok(),
        "an empty configuration is {{}}"
    );
}

#[test]
fn a_configuration_of_another_shape_is_a_failure_and_a_diagnostic() {
    assert_eq!(
        map_login::<Odd>("[]", &request("good")).unwrap_err().code,
        "config"
    );
    assert_eq!(check_config::<Odd>("[]").len(), 1);
    assert_eq!(check_config::<Odd>("{").len(), 1);
    assert_eq!(check_config::<Odd>("{}"), Vec::new());
}
