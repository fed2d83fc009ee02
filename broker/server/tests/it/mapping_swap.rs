//! Versions of two plugins are swapped while people sign in (issue acceptance, WP-81, ADV-1): nobody is refused,
//! and everybody has the roles of one of the two.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde_json::json;
use symbolon_identity::admin::PluginChoice;
use symbolon_testkit::{Browser, ProviderUser};
use tokio::sync::Notify;

use crate::world::{TestApplication, TestBroker, TestTenant, component, target, unsigned, version};

const SWAPS: usize = 100;
const PEOPLE: usize = 4;

struct Seen {
    over: Cell<bool>,
    ended: Notify,
    roles: RefCell<BTreeMap<String, usize>>,
}

/// Signs in again and again until the swaps are over, and once more.
async fn signs_in(app: &TestApplication<'_>, person: &str, seen: &Seen) {
    loop {
        let last = seen.over.get();
        let hint = format!("login_hint={person}%40contoso.com");
        let login = app.log_in_with(Browser::new().unwrap(), person, &hint).await;
        let outcome = login.outcome();
        let start = format!("signed in as {person}@contoso.com with roles ");
        let roles = outcome.strip_prefix(&start).map(str::to_owned);
        *seen.roles.borrow_mut().entry(roles.unwrap_or(outcome)).or_default() += 1;
        seen.ended.notify_one();
        if last {
            return;
        }
    }
}

/// Activations of one and the other, and rollbacks between them.
async fn swaps(tenant: &TestTenant<'_>, versions: [i32; 2], seen: &Seen) {
    for swap in 0..SWAPS {
        // A sign-in ends between two swaps.
        seen.ended.notified().await;
        if swap % 3 == 2 {
            tenant.roll_back().await;
            continue;
        }
        let active = tenant.mapping_status().await.active_version;
        let other = versions.into_iter().find(|one| Some(*one) != active).unwrap();
        tenant.activate(other).await.unwrap();
    }
    seen.over.set(true);
}

#[actix_web::test]
async fn adv1_a_hundred_swaps_of_plugins_under_load_refuse_nobody() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.role("builder").await;
    let bundled = contoso.save(&json!({ "default_role": "viewer" })).await;
    let plugin = PluginChoice::Upload(unsigned(component("examples/rust")));
    let rules = json!({ "departments": { "Engineering": "builder" } });
    let other = contoso.save_as(&target(), version(plugin, &rules)).await.unwrap();
    contoso.activate(bundled).await.unwrap();
    let people: Vec<String> = (0..PEOPLE).map(|n| format!("person{n}")).collect();
    let mut apps = Vec::new();
    for person in &people {
        let email = format!("{person}@contoso.com");
        world
            .provider
            .set_user(ProviderUser::new(person).email(&email).name("P").department("Engineering"));
        apps.push(contoso.application(&format!("app-{person}")).await);
    }
    let activated = contoso.events("plugin.activated").await.len();
    let seen = Seen { over: Cell::new(false), ended: Notify::new(), roles: RefCell::default() };
    let sign_ins = people.iter().zip(&apps).map(|(person, app)| signs_in(app, person, &seen));
    let all = futures_util::future::join_all(sign_ins);
    futures_util::future::join(all, swaps(&contoso, [bundled, other], &seen)).await;

    let roles = seen.roles.into_inner();
    let total: usize = roles.values().sum();
    println!("{SWAPS} swaps, {total} sign-ins, 0 refused: {roles:?}");
    let kinds: Vec<&str> = roles.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["[builder]", "[viewer]"], "{roles:?}");
    assert!(total >= SWAPS, "{total} sign-ins");
    let activated = contoso.events("plugin.activated").await.len() - activated;
    let back = contoso.events("plugin.rolled_back").await.len();
    assert_eq!(activated + back, SWAPS);
}
