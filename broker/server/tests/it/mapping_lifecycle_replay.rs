//! What a replay announces is what happens (ADV-2, WP-80): bit by bit, for tables and for expressions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use proptest::prelude::RngExt as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, UserId};
use symbolon_identity::admin;
use symbolon_testkit::ProviderUser;

use crate::world::{CONNECTOR, TestApplication, TestBroker, TestTenant};

const ROLES: [&str; 5] = ["admin", "viewer", "editor", "auditor", "owner"];
const GROUPS: [&str; 6] = ["ada", "basic", "cobol", "dylan", "eiffel", "forth"];
const PEOPLE: usize = 12;

/// The same numbers in every run.
fn chance() -> TestRng {
    TestRng::from_seed(RngAlgorithm::ChaCha, b"what a replay announces, happens")
}

fn some<'a>(rng: &mut TestRng, of: &[&'a str]) -> Vec<&'a str> {
    of.iter().copied().filter(|_| rng.random_ratio(2, 5)).collect()
}

/// Tables in even rounds; with expressions, and a refusal, in odd ones.
fn rules(rng: &mut TestRng, round: usize) -> Value {
    let mut rows = Vec::new();
    for group in some(rng, &GROUPS) {
        rows.push(json!({ "group": group, "role": ROLES[rng.random_range(0..ROLES.len())] }));
    }
    let mut rules = json!({
        "assign_role_by_group": true,
        "default_role": rng.random_bool(0.5).then_some("viewer"),
    });
    if round % 2 == 1 {
        let (one, other) = (GROUPS[rng.random_range(0..6)], GROUPS[rng.random_range(0..6)]);
        let least = rng.random_range(1..4);
        let both = format!("'{one}' in groups && !('{other}' in groups)");
        let role = |rng: &mut TestRng| ROLES[rng.random_range(0..ROLES.len())];
        rows.push(json!({ "when": both, "role": role(rng) }));
        rows.push(json!({ "when": format!("size(groups) >= {least}"), "role": role(rng) }));
        let refused = format!("claims.seat == {}", rng.random_range(0..PEOPLE));
        rules["deny"] = json!([{ "when": refused, "code": "seat", "message": "No seat." }]);
    }
    rules["group_roles"] = json!(rows);
    rules
}

async fn everybody_signs_in(app: &TestApplication<'_>) -> BTreeSet<usize> {
    let mut refused = BTreeSet::new();
    for seat in 0..PEOPLE {
        let outcome = app.log_in(&format!("p{seat}")).await.outcome();
        if outcome == "403 plugin.denied" {
            refused.insert(seat);
        } else {
            assert!(outcome.starts_with("signed in"), "{outcome}");
        }
    }
    refused
}

type Held = BTreeMap<UserId, BTreeSet<String>>;

/// The roles of those who are in; who is refused has none to speak of.
async fn held(tenant: &TestTenant<'_>, refused: &BTreeSet<usize>) -> Held {
    let mut held = Held::new();
    for seat in 0..PEOPLE {
        let user = tenant.user_of(&format!("p{seat}@contoso.com")).await;
        let roles = match refused.contains(&seat) {
            true => BTreeSet::new(),
            false => tenant.roles_of(&user).await.into_iter().collect(),
        };
        held.insert(user, roles);
    }
    held
}

/// Who gained and lost what, person by person; nobody without a change.
fn changes(before: &Held, after: &Held) -> BTreeMap<UserId, (Vec<String>, Vec<String>)> {
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.difference(other).cloned().collect::<Vec<_>>()
    };
    let pairs = before.iter().map(|(user, had)| (user, had, &after[user]));
    let changed = pairs.filter(|(_, had, has)| had != has);
    changed.map(|(user, had, has)| (user.clone(), (only(has, had), only(had, has)))).collect()
}

#[actix_web::test]
async fn adv2_wp80_the_roles_after_activation_are_those_that_the_replay_announced() {
    let (world, mut rng) = (TestBroker::start().await, chance());
    let contoso = world.tenant("contoso").await;
    for role in ROLES {
        contoso.role(role).await;
    }
    contoso.record_sign_ins(json!({ "keep": "full" })).await;
    for seat in 0..PEOPLE {
        let person = ProviderUser::new(&format!("p{seat}")).email(&format!("p{seat}@contoso.com"));
        let groups = some(&mut rng, &GROUPS);
        world.provider.set_user(person.claim("groups", json!(groups)).claim("seat", json!(seat)));
    }
    let wiki = contoso.application("wiki").await;
    let mut refused = everybody_signs_in(&wiki).await;
    let (connector, mut active) = (ConnectorId::parse(CONNECTOR).unwrap(), 1);
    let mut announced = 0;
    for round in 0..5 {
        let before = held(&contoso, &refused).await;
        let next = contoso.save(&rules(&mut rng, round)).await;
        let asked = (active, next, 1000);
        let report = admin::replay_mapping(&world.broker, &contoso.record, &connector, asked).await;
        let report = report.unwrap();
        assert_eq!(report.people, PEOPLE);
        contoso.activate(next).await.unwrap();
        world.clock.advance(TimeDelta::minutes(1));
        let refused_now = everybody_signs_in(&wiki).await;
        let after = held(&contoso, &refused_now).await;
        let foretold: BTreeMap<_, _> = report
            .differences
            .iter()
            .map(|one| (&one.user, &one.difference))
            .filter(|(_, one)| !(one.gained.is_empty() && one.lost.is_empty()))
            .map(|(user, one)| (user.clone().unwrap(), (one.gained.clone(), one.lost.clone())))
            .collect();
        assert_eq!(foretold, changes(&before, &after), "round {round}");
        assert_eq!(report.refused, refused_now.difference(&refused).count(), "round {round}");
        assert_eq!(report.admitted, refused.difference(&refused_now).count(), "round {round}");
        announced += foretold.len();
        (active, refused) = (next, refused_now);
    }
    assert!(announced >= PEOPLE, "only {announced} changes: the rules do not try anything");
}
