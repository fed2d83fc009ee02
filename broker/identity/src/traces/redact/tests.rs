//! What may be kept of any claims whatever, and of those that people really bring.

use chrono::DateTime;
use proptest::prelude::*;
use serde_json::json;
use symbolon_contract::ConnectorId;

use super::*;

const SALT: [u8; 16] = [7; 16];

/// Names that upstreams use, some of them harmless.
const NAMES: [&str; 12] = [
    "email",
    "name",
    "groups",
    "tid",
    "department",
    "address",
    "iss",
    "roles",
    "acr",
    "phone",
    "https://example.com/claim",
    "_claim_sources",
];

fn text_of(claims: &Map<String, Value>, name: &str) -> Option<String> {
    claims.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn input(claims: Value) -> MappingInput {
    let Value::Object(raw) = claims else { panic!("claims are an object") };
    let groups = raw.get("groups").and_then(Value::as_array).cloned().unwrap_or_default();
    MappingInput {
        connector: ConnectorId::parse("work").unwrap(),
        kind: "oidc".into(),
        issuer: "https://login.example".into(),
        subject: "subject-of-the-person".into(),
        claims: Claims {
            email: text_of(&raw, "email"),
            email_verified: true,
            name: text_of(&raw, "name"),
            preferred_username: text_of(&raw, "preferred_username"),
            groups: groups.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            groups_complete: true,
            raw,
        },
        guest: false,
        extra: Vec::new(),
        now: DateTime::UNIX_EPOCH,
    }
}

fn rules(keep: RecordingKeep, redact: &[&str], reveal: &[&str]) -> RecordingSettings {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    RecordingSettings {
        keep,
        redact: own(redact),
        reveal: own(reveal),
        ..RecordingSettings::default()
    }
}

fn redacted(redact: &[&str], reveal: &[&str]) -> RecordingSettings {
    rules(RecordingKeep::Redacted, redact, reveal)
}

/// What is kept of an input, and of a mapping that copies every value into a field and a sentence.
fn kept(input: &MappingInput, rules: RecordingSettings) -> (MappingInput, Mapping) {
    let masker = Masker::new(rules, "groups", SALT, input);
    let values: Vec<String> = leaves(input).into_iter().map(|(_, value)| value).collect();
    let mapping = Mapping {
        fields: vec![Field { name: "metadata.all".into(), values: values.clone() }],
        grants: vec![Grant {
            role: "viewer".into(),
            because: Some(format!("because of {}!", values.join(" and "))),
        }],
        notes: values.iter().map(|value| format!("saw <{}>", value.to_uppercase())).collect(),
    };
    (masker.input(input.clone()), masker.mapping(mapping))
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.to_lowercase()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            found.push(name.to_lowercase());
            texts(value, found);
        }),
        Value::Bool(_) | Value::Null => {}
    }
}

fn everything(kept: &(MappingInput, Mapping)) -> Vec<String> {
    let mut found = Vec::new();
    texts(&json!([kept.0, kept.1]), &mut found);
    found
}

/// Leaves that are told from each other and from everything else.
fn marked(value: Value, count: &mut u32) -> Value {
    *count += 1;
    match value {
        Value::String(text) if text == "address" => {
            json!(format!("Marked{count:05}Q@mail{count:05}.example"))
        }
        Value::String(_) => json!(format!("Marked{count:05}Q")),
        Value::Number(_) => json!(7_000_000_000_u64 + u64::from(*count)),
        Value::Array(values) => values.into_iter().map(|value| marked(value, count)).collect(),
        Value::Object(members) => {
            let mark = |(name, value)| (name, marked(value, count));
            Value::Object(members.into_iter().map(mark).collect())
        }
        other => other,
    }
}

fn claims() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!("text")),
        Just(json!("address")),
        Just(json!(1)),
        any::<bool>().prop_map(|flag| json!(flag)),
        Just(Value::Null),
    ];
    let inner = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|members| json!(members)),
        ]
    });
    let names =
        prop_oneof![prop::sample::select(&NAMES[..]).prop_map(str::to_owned), "[a-z_]{1,12}",];
    prop::collection::btree_map(names, inner, 0..10)
        .prop_map(|members| marked(json!(members), &mut 0))
}

fn shape(value: &Value) -> Value {
    match value {
        Value::String(_) => json!("text"),
        Value::Number(_) => json!(0),
        Value::Array(values) => values.iter().map(shape).collect(),
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        ),
        other => other.clone(),
    }
}

/// The values below claims of which `hidden` says so, without the domains of addresses.
fn values_below(input: &MappingInput, hidden: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in input.claims.raw.iter().filter(|(name, _)| hidden(name)) {
        collect(name, value, &mut found);
    }
    found
        .into_iter()
        .map(|(_, value)| value.split('@').next().unwrap_or_default().to_lowercase())
        .collect()
}

proptest! {
    #[test]
    fn mp13_no_value_of_a_hidden_claim_is_anywhere_in_a_redacted_record(claims in claims()) {
        let input = input(claims);
        let kept = kept(&input, redacted(&[], &[]));
        let everything = everything(&kept);
        for value in values_below(&input, |name| !HARMLESS.contains(&name)) {
            prop_assert!(!everything.iter().any(|text| text.contains(&value)), "{value}: {kept:?}");
        }
        prop_assert!(!everything.iter().any(|text| text.contains("subject-of-the-person")));
        // Structure, groups and harmless claims stay.
        let (before, after) = (json!(input.claims.raw), json!(kept.0.claims.raw));
        prop_assert_eq!(shape(&before), shape(&after));
        for name in HARMLESS {
            prop_assert_eq!(before.get(name), after.get(name));
        }
        prop_assert_eq!(&input.claims.groups, &kept.0.claims.groups);
    }

    #[test]
    fn mp13_a_redacted_claim_is_nowhere_in_a_full_record_and_the_rest_is_whole(
        claims in claims(),
        redact in prop::sample::subsequence(NAMES.to_vec(), 0..NAMES.len()),
    ) {
        let input = input(claims);
        let kept = kept(&input, rules(RecordingKeep::Full, &redact, &[]));
        let everything = everything(&kept);
        for value in values_below(&input, |name| redact.contains(&name)) {
            prop_assert!(!everything.iter().any(|text| text.contains(&value)), "{value}: {kept:?}");
        }
        for (name, value) in input.claims.raw.iter().filter(|(name, _)| !redact.contains(&name.as_str())) {
            prop_assert_eq!(Some(value), kept.0.claims.raw.get(name));
        }
    }
}

fn alice() -> MappingInput {
    input(json!({
        "iss": "https://login.example", "sub": "subject-of-the-person", "tid": "t-1", "acct": 0,
        "email": "Alice@contoso.com", "preferred_username": "alice@contoso.com", "name": "Alice Martin",
        "department": "Sales", "country": "CH", "groups": ["g-1", "Sales Team"], "level": 42,
        "phone": 41_791_234_567_u64, "email_verified": "true", "admin": true, "empty": "",
        "address": { "city": "Bern", "zip": "3000", "alice@contoso.com": 1 },
        "_claim_names": { "groups": "src1" },
        "_claim_sources": { "src1": { "token": "eyJhbGciOi.eyJzdWIi.c2ln" } },
    }))
}

#[test]
fn mp13_what_stays_of_a_person_in_redacted_mode() {
    let (kept, mapping) = kept(&alice(), redacted(&[], &["department", "address.city"]));
    let raw = &kept.claims.raw;
    for (name, value) in [
        ("iss", json!("https://login.example")),
        ("tid", json!("t-1")),
        ("acct", json!(0)),
        ("department", json!("Sales")),
        ("groups", json!(["g-1", "Sales Team"])),
        ("email_verified", json!("true")),
        ("admin", json!(true)),
        ("empty", json!("")),
        ("level", json!(0)),
        ("phone", json!(0)),
        ("_claim_names", json!({ "groups": "src1" })),
    ] {
        assert_eq!(raw[name], value, "{name}");
    }
    assert_eq!(raw["address"]["city"], "Bern");
    assert!(raw["address"]["zip"].as_str().unwrap().starts_with('~'));
    assert!(raw["address"].get("alice@contoso.com").is_none(), "an address as a name is data");
    let email = kept.claims.email.clone().unwrap();
    assert!(email.starts_with('~') && email.ends_with("@contoso.com"), "{email}");
    assert_eq!(raw["email"], email, "equal values stay equal");
    assert_eq!(raw["sub"], kept.subject);
    assert_eq!(mapping.grants[0].role, "viewer");
    let because = mapping.grants[0].because.clone().unwrap();
    assert!(because.contains("Sales Team") && because.contains("Bern"), "{because}");
    assert!(!because.contains("Alice") && !because.contains("41791234567"), "{because}");
}

#[test]
fn mp13_pseudonyms_of_two_records_have_nothing_to_do_with_each_other() {
    let input = alice();
    let subject =
        |salt| Masker::new(redacted(&[], &[]), "groups", salt, &input).input(alice()).subject;
    assert_ne!(subject([1; 16]), subject([2; 16]));
    assert_eq!(subject([1; 16]), subject([1; 16]));
}

#[test]
fn mp13_what_the_tenant_names_is_masked_in_full_mode_too_and_wherever_it_stands() {
    let names = ["email", "country", "address.zip", "level", "admin"];
    let (kept, mapping) = kept(&alice(), rules(RecordingKeep::Full, &names, &[]));
    let raw = &kept.claims.raw;
    assert_eq!((&raw["name"], &raw["phone"]), (&json!("Alice Martin"), &json!(41_791_234_567_u64)));
    assert_eq!((&raw["level"], &raw["admin"]), (&json!(0), &Value::Null));
    assert_eq!(raw["address"]["city"], "Bern");
    for masked in
        [&raw["email"], &raw["preferred_username"], &raw["country"], &raw["address"]["zip"]]
    {
        let masked = masked.as_str().unwrap();
        assert!(masked.starts_with('~') && !masked.contains('@'), "{masked}");
    }
    assert_eq!(kept.claims.email.as_deref(), raw["email"].as_str());
    let said = json!(mapping).to_string().to_lowercase();
    assert!(!said.contains("alice@") && said.contains("alice martin"), "{said}");
    assert!(!said.contains("eyj"), "a token is kept in no mode: {said}");
}

#[test]
fn mp13_groups_are_masked_where_the_tenant_says_so_whatever_their_claim_is_called() {
    let claims = json!({ "realm": { "teams": ["t-one", "t-two"] } });
    let mut input = input(claims);
    input.claims.groups = vec!["t-one".into(), "t-two".into()];
    let of = |rules| Masker::new(rules, "realm.teams", SALT, &input).input(input.clone());
    let kept = of(redacted(&[], &[]));
    assert_eq!((&kept.claims.groups, &kept.claims.raw), (&input.claims.groups, &input.claims.raw));
    for name in ["groups", "realm.teams", "realm"] {
        let said = json!(of(redacted(&[name], &[]))).to_string();
        assert!(!said.contains("t-one") && !said.contains("t-two"), "{name}: {said}");
    }
}
