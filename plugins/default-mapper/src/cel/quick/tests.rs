use serde_json::json;
use symbolon_plugin_sdk::MappingRequest;

use crate::cel::{Evaluator, Expression, Libraries, Login};
use crate::claims::Claims;
use crate::groups::Groups;

#[test]
fn the_quick_functions_answer_as_those_of_the_crate_do() {
    let claims = json!({"t": "Zoë, Łukasz,,x ", "e": "", "n": 7, "l": ["a", "b"], "m": {"k": 1}});
    let request: MappingRequest = serde_json::from_value(json!({
        "purpose": "login", "connector": "c", "kind": "oidc", "issuer": "i", "subject": "s", "now": 1,
        "attributes": [], "claims_json": claims.to_string(), "groups": ["g", "h"], "groups_complete": true, "extra": [],
    }))
    .unwrap();
    let claims = Claims::parse(&request.claims_json).unwrap();
    let groups = Groups::of(&request.groups);
    let login = Login::of(&request, &claims, &groups);
    for source in [
        "claims.t.contains('Łu')",
        "claims.t.startsWith('Zo')",
        "claims.t.endsWith(' ')",
        "claims.e.contains('')",
        "claims.n.contains('7')",
        "claims.t.contains(claims.n)",
        "claims.l.startsWith('a')",
        "size(claims.t)",
        "claims.t.size() + size(claims.l) + size(claims.m) + claims.m.size() + size(groups) + groups.size()",
        "size(claims)",
        "size(b'ab') + b'abc'.size()",
        "size(claims.n)",
        "claims.n.size()",
        "claims.t.lowerAscii() + claims.t.upperAscii() + claims.t.trim()",
        "claims.n.lowerAscii()",
        "claims.t.split(',')",
        "claims.t.split('')",
        "claims.e.split(',')",
        "claims.e.split('')",
        "claims.t.split(1)",
        "claims.l.join()",
        "claims.l.join('-')",
        "groups.join(', ')",
        "[].join(',')",
        "['a', 1].join(',')",
        "claims.l.join(1)",
        "claims.t.join(',')",
    ] {
        let expression = Expression::parse(source).unwrap();
        let quick = Evaluator::new(&login, expression.libraries()).unwrap();
        let mut whole = expression.libraries();
        whole.add(Libraries::STANDARD);
        whole.add(Libraries::STRINGS);
        let whole = Evaluator::new(&login, whole).unwrap();
        let (seen, expected) = (quick.values(&expression), whole.values(&expression));
        // The crate says for some types why a function does not fit them in other words.
        assert_eq!(
            seen.as_ref().ok(),
            expected.as_ref().ok(),
            "{source}: {seen:?} {expected:?}"
        );
        assert_eq!(
            quick.truth(&expression).ok(),
            whole.truth(&expression).ok(),
            "{source}"
        );
    }
}
