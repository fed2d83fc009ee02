use ::cel::parser::Parser;
use serde_json::{Value as JsonValue, json};
use symbolon_plugin_sdk::{Attribute, MappingRequest};

use super::*;
use crate::claims::Claims;
use crate::groups::Groups;
use crate::plan::bytes::{Reader, Writer};

/// What people write, and what is hard.
const GOOD: [&str; 30] = [
    "claims.given_name + ' ' + claims.family_name",
    "claims['given_name']",
    "has(claims.department) ? claims.department : 'none'",
    "'8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f0001' in groups && claims.acct == 0",
    "groups.exists(g, g.startsWith('app-'))",
    "groups.filter(g, g.startsWith('app-')).map(g, g.substring(4))",
    "groups.map(g, g != 'x', g + '!')",
    "claims.roles.all(r, r.endsWith('.Read'))",
    "claims.roles.exists_one(r, r == 'Survey.Read')",
    "{'Retail': 'store', 'Engineering': 'builder'}[claims.department]",
    "claims.department in ['Retail', \"Engineering\"]",
    "!(claims.acct in [1, 2]) || claims.level >= 3",
    "size(groups) > 200 && groups_complete",
    "now - claims.iat < 3600 * 24",
    "claims.email.split('@')[1].lowerAscii() == 'contoso.example'",
    "claims.name.matches('^A.*e$') && matches(claims.name, 'Vance')",
    "attributes.department[0]",
    "connector == 'entra' && kind == 'entra'",
    "[claims.a, claims.b].join(', ')",
    "type(claims.level) == int",
    "string(claims.level) + \"\\n\" + r'\\d'",
    "-1 < 2u ? 1.5e3 : -0.0",
    "b'\\x00\\xff' == bytes('x')",
    "claims.address.city",
    "claims.list[0].x",
    "null == claims.nothing",
    "claims.roles.sort().distinct().reverse()",
    "base64.decode('aGVsbG8=') == b'hello'",
    "optional.of(1).hasValue()",
    "claims.a == 1 && claims.b == 2 && claims.c == 3 && claims.d == 4 && claims.e == 5",
];

fn login() -> MappingRequest {
    let claims = json!({
        "given_name": "Adele", "family_name": "Vance", "name": "Adele Vance", "department": "Retail", "acct": 0,
        "roles": ["Survey.Read", "Plan.Read", "Plan.Read"], "email": "a@Contoso.example", "iat": 1_749_999_000, "level": 3,
        "a": "x", "b": "y", "address": {"city": "Bern", "zip": 3000}, "list": [{"x": 1.5}], "nothing": null, "empty": "",
    });
    MappingRequest {
        purpose: "login".to_owned(),
        connector: "entra".to_owned(),
        kind: "entra".to_owned(),
        issuer: String::new(),
        subject: "s".to_owned(),
        now: 1_750_000_000,
        attributes: vec![Attribute {
            name: "department".to_owned(),
            values: vec!["Retail".to_owned()],
        }],
        claims_json: claims.to_string(),
        groups: ["app-a", "app-b", "8F3C1D52-0A4B-4C1E-9D7A-2F6F1B7F0001"]
            .map(str::to_owned)
            .to_vec(),
        groups_complete: true,
        extra: Vec::new(),
    }
}

/// Both kinds of answer, with a note that says which.
fn answer(expression: &Expression) -> (Result<Vec<String>, Trouble>, Result<bool, Trouble>) {
    let request = login();
    let claims = Claims::parse(&request.claims_json).unwrap();
    let groups = Groups::of(&request.groups);
    let login = Login::of(&request, &claims, &groups);
    let evaluator = Evaluator::new(&login, expression.libraries()).unwrap();
    (evaluator.values(expression), evaluator.truth(expression))
}

fn values(source: &str) -> Result<Vec<String>, Trouble> {
    let expression = Expression::parse(source).unwrap_or_else(|why| panic!("{source}: {why:?}"));
    answer(&expression).0
}

fn without_ids(mut tree: IdedExpr) -> IdedExpr {
    fn clear(node: &mut IdedExpr) {
        node.id = 0;
        if let Expr::Map(map) = &mut node.expr {
            map.entries.iter_mut().for_each(|entry| entry.id = 0);
        }
        tree::for_each_child(node, &mut clear);
    }
    clear(&mut tree);
    tree
}

#[test]
fn wp110_both_parsers_of_the_crate_give_the_same_trees() {
    for source in GOOD {
        let pratt = PrattParser::new().parse(source).unwrap();
        let antlr = Parser::new().parse(source).unwrap();
        assert_eq!(without_ids(pratt), without_ids(antlr), "{source}");
    }
}

#[test]
fn what_people_write_parses_and_survives_its_bytes() {
    for source in GOOD {
        let expression =
            Expression::parse(source).unwrap_or_else(|why| panic!("{source}: {why:?}"));
        let mut writer = Writer::default();
        expression.write(&mut writer);
        let bytes = writer.finish();
        let read = Expression::read(&mut Reader::open(&bytes).unwrap()).unwrap();
        assert_eq!(
            without_ids(read.tree.clone()),
            without_ids(expression.tree.clone()),
            "{source}"
        );
        assert_eq!(
            (read.libraries, read.uses_groups),
            (expression.libraries, expression.uses_groups)
        );
        assert_eq!(answer(&read), answer(&expression), "{source}");
    }
}

#[test]
fn wp103_answers_become_values() {
    for (source, expected) in [
        (
            "claims.given_name + ' ' + claims.family_name",
            vec!["Adele Vance"],
        ),
        ("claims.roles.distinct()", vec!["Survey.Read", "Plan.Read"]),
        (
            "groups.filter(g, g.startsWith('app-')).map(g, g.substring(4))",
            vec!["a", "b"],
        ),
        (
            "groups",
            vec!["app-a", "app-b", "8F3C1D52-0A4B-4C1E-9D7A-2F6F1B7F0001"],
        ),
        (
            "groups + ['x']",
            vec![
                "app-a",
                "app-b",
                "8F3C1D52-0A4B-4C1E-9D7A-2F6F1B7F0001",
                "x",
            ],
        ),
        ("{'Retail': 'store'}[claims.department]", vec!["store"]),
        (
            "claims.email.split('@')[1].lowerAscii()",
            vec!["contoso.example"],
        ),
        (
            "[1, 2u, 1.5, true, null, 'a\\nb', '', ['n'], {}]",
            vec!["1", "2", "1.5", "true", "a b"],
        ),
        ("claims.address.map(k, k)", vec!["city", "zip"]),
        ("attributes.department", vec!["Retail"]),
        ("claims.list[0].x", vec!["1.5"]),
        ("optional.of('x')", vec!["x"]),
        ("optional.none()", vec![]),
        ("claims.nothing", vec![]),
        ("claims.empty", vec![]),
        ("[]", vec![]),
        ("claims.address", vec![]),
    ] {
        assert_eq!(values(source).unwrap(), expected, "{source}");
    }
}

#[test]
fn conditions_see_the_whole_sign_in() {
    for source in [
        "'8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f0001' in groups && claims.acct == 0",
        "!('app-c' in groups) && size(groups) == 3 && groups[0] == 'app-a' && groups.exists(g, g == 'app-b')",
        "groups == ['app-a', 'app-b', '8F3C1D52-0A4B-4C1E-9D7A-2F6F1B7F0001']",
        "['app-a', 'app-b', '8F3C1D52-0A4B-4C1E-9D7A-2F6F1B7F0001'] == groups",
        "claims.name.matches('^A.*e$') && matches(claims.name, 'Vance') && !claims.name.matches('x')",
        "claims.address == {'city': 'Bern', 'zip': 3000} && {'zip': 3000, 'city': 'Bern'} == claims.address",
        "claims.address != {'city': 'Bern'} && 'city' in claims.address && size(claims.address) == 2",
        "has(claims.email) && !has(claims.phone) && !has(claims.address.street)",
        "now == 1750000000 && connector == 'entra' && kind == 'entra' && groups_complete",
        "type(claims.level) == int && claims.level in [1, 2, 3]",
        "claims.phone == 'x' || claims.acct == 0",
        "'department' in attributes && attributes.department == ['Retail']",
    ] {
        let expression =
            Expression::parse(source).unwrap_or_else(|why| panic!("{source}: {why:?}"));
        assert_eq!(answer(&expression).1, Ok(true), "{source}");
    }
}

#[test]
fn troubles_are_told_apart_and_hold_no_claim() {
    for (source, missing) in [
        ("claims.phone", true),
        ("claims.address.street", true),
        ("{'Sales': 1}[claims.name]", true),
        ("claims.roles[7]", true),
        ("claims.name + 1", false),
        ("claims.acct / 0", false),
        ("claims.name.phone", false),
        ("claims.name.substring(100)", false),
        ("int(claims.name)", false),
        ("9223372036854775807 + claims.level", false),
        ("claims.name < 1", false),
    ] {
        let trouble = values(source).unwrap_err();
        assert_eq!(
            matches!(trouble, Trouble::Missing(_)),
            missing,
            "{source}: {trouble:?}"
        );
        for claim in ["Adele", "Vance", "Bern", "Survey"] {
            assert!(!trouble.text().contains(claim), "{source}: {trouble:?}");
        }
    }
    let no_flag = Expression::parse("claims.name").unwrap();
    assert!(matches!(answer(&no_flag).1, Err(Trouble::Other(_))));
}

#[test]
fn wp105_wp110_limits_are_said_in_words() {
    let chain = |term: &str, with: &str, count: usize| vec![term; count].join(with);
    for (source, part) in [
        (String::new(), "is empty"),
        (format!("'{}'", "a".repeat(2_050)), "characters"),
        ("[".repeat(90) + &"]".repeat(90), "nested too deeply"),
        ("(".repeat(90) + "1" + &")".repeat(90), "nested too deeply"),
        (chain("1", "+", 1_000), "nested too deeply"),
        (format!("claims{}", ".a".repeat(1_000)), "nested too deeply"),
        (format!("claims{}", "[0]".repeat(600)), "nested too deeply"),
        (chain("[1,1,1,1,1,1]", ",", 140), ""),
        (chain("true", "?", 300), ""),
        ("T{a: 1}".to_owned(), "message"),
        ("a.b.C{}".to_owned(), "message"),
    ] {
        let problems = Expression::parse(&source).unwrap_err();
        assert!(
            problems.iter().any(|one| one.contains(part)),
            "{part}: {problems:?}"
        );
    }
    // As long as the limits allow.
    for source in [
        chain("1", "+", 100),
        chain("true", "&&", 290),
        "-".repeat(2_000) + "1",
        "(".repeat(60) + "1" + &")".repeat(60),
        "!".repeat(2_000) + "true",
        format!("claims{}", ".a".repeat(99)),
    ] {
        let expression =
            Expression::parse(&source).unwrap_or_else(|why| panic!("{source}: {why:?}"));
        // The crate takes much stack in debug builds; a wasm test shows that the sandbox has enough of it.
        let deep = std::thread::Builder::new().stack_size(64 << 20);
        deep.spawn(move || drop(answer(&expression)))
            .unwrap()
            .join()
            .unwrap();
    }
}

#[test]
fn wp113_what_once_broke_the_crate_is_an_ordinary_error() {
    for source in [
        "1 +",
        ".",
        "..",
        "a.",
        "[",
        "{",
        "'",
        "\"",
        "1 ++ 2",
        "\u{0}",
        "\u{202e}",
        "x y",
        "in",
        "r'",
        "b'\\xzz'",
        "0x",
        "1e999",
        "99999999999999999999",
        "'\\u{110000}'",
        "has(1)",
        "[].map()",
        "[].map(1, 2)",
        "[1].exists(x.y, true)",
        "{1: 2, }[",
        "a?b",
        "a ? b :",
        "//",
        "/* */",
        "`a`",
        "claims.`a b`",
        "@x",
        "#x",
        "$x",
        "..a",
        "a[?1]",
        "a.?b",
    ] {
        assert!(Expression::parse(source).is_err(), "{source:?}");
    }
}

#[test]
fn names_that_do_not_exist_are_found_inside_and_outside_of_macros() {
    for (source, part) in [
        ("assertion.sub", "the claims are in `claims`"),
        ("claims.roles.exists(r, r == s)", "unknown variable `s`"),
        ("[1].map(x, x)[0] == x", "unknown variable `x`"),
        ("duration('1h') == 1", "unknown function `duration`"),
        ("size(claims) > 0 && claims.startsWith", ""),
        ("startsWith(claims.a, 'x')", "write x.startsWith(...)"),
        ("claims.a.string()", "write string(x)"),
        ("groups.sortBy(g, g)", "unknown function `sortBy`"),
        ("math.abs(1) == 1", "unknown"),
        ("{'a': 1}.map(k, k)", "not defined"),
        ("[{'a': 1}].map(m, m.map(k, k))", "not defined"),
    ] {
        let seen = Expression::parse(source);
        let hit = |problems: &Vec<String>| problems.iter().any(|one| one.contains(part));
        assert!(
            part.is_empty() || seen.as_ref().is_err_and(hit),
            "{source}: {seen:?}"
        );
    }
    let (_, names) =
        Expression::with_names("claims.a == claims['b'] && [1].all(claims, claims == 1)").unwrap();
    assert_eq!(names.claims.into_iter().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn every_function_that_is_known_exists_and_nothing_in_the_crate_is_forgotten() {
    for (source, expected) in [
        ("size('abc')", json!("3")),
        ("'abc'.size()", json!("3")),
        (
            "string(1) + string(1u) + string(1.5) + string(true) + string('x') + string(b'y')",
            json!("111.5truexy"),
        ),
        ("int('7') + int(7u) + int(7.0)", json!("21")),
        ("uint(7)", json!("7")),
        ("double('1.5')", json!("1.5")),
        ("bool('true')", json!("true")),
        ("size(bytes('ab'))", json!("2")),
        ("dyn(1)", json!("1")),
        (
            "'abc'.contains('b') && 'abc'.startsWith('a') && 'abc'.endsWith('c')",
            json!("true"),
        ),
        (
            "'abc'.charAt(1) + string('abc'.indexOf('c')) + string('abc'.lastIndexOf('a'))",
            json!("b20"),
        ),
        (
            "['a', 'b'].join('-') + ' A '.trim().lowerAscii() + 'b'.upperAscii()",
            json!("a-baB"),
        ),
        (
            "'aa'.replace('a', 'b') + 'abc'.substring(1, 2) + 'a%s'.format(['!'])",
            json!("bbba!"),
        ),
        ("'ab'.reverse() + strings.quote('x')", json!("ba\"x\"")),
        (
            "[[1], [2, 2]].flatten().distinct().reverse().slice(0, 1)",
            json!("2"),
        ),
        ("lists.range(3).sort()", json!(["0", "1", "2"])),
        ("base64.encode(b'hello')", json!("aGVsbG8=")),
        (
            "optional.ofNonZeroValue('').orValue('x') + optional.of('y').value()",
            json!("xy"),
        ),
        ("optional.none().or(optional.of('z'))", json!("z")),
    ] {
        let seen = values(source).unwrap_or_else(|trouble| panic!("{source}: {trouble:?}"));
        let expected: Vec<String> = match expected {
            JsonValue::Array(rows) => rows
                .iter()
                .map(|r| r.as_str().unwrap().to_owned())
                .collect(),
            one => vec![one.as_str().unwrap().to_owned()],
        };
        assert_eq!(seen, expected, "{source}");
    }
}
