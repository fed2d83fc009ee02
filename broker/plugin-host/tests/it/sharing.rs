//! What tenants share (compiled code) and what they do not (turns).

use std::sync::Arc;
use std::time::Duration;

use symbolon_contract::{ReasonCode, TenantId};
use symbolon_plugin_host::{CallError, Limits, PluginHost};

use crate::world::{MISBEHAVING, World, limits, quick_host, request, tenant};

#[tokio::test]
async fn wp59_a_tenant_at_its_cap_takes_no_place_of_others() {
    let one_each = Limits {
        // So long that the others are answered before the loop ends, also on a busy machine.
        fuel: 2_000_000_000,
        concurrent_calls_per_tenant: 1,
        concurrent_calls: 2,
        queue_wait: Duration::ZERO,
        ..limits()
    };
    let world = World::with(one_each).await;
    let other = TenantId::parse("fabrikam").unwrap();
    let (looping, second, neighbour) = tokio::join!(
        world.call("loop"),
        world.call("anybody"),
        world.host.map_login(&other, &world.digest, "{}", request("anybody")),
    );
    assert!(matches!(looping.unwrap_err(), CallError::OutOfFuel { .. }));
    assert_eq!(second.unwrap_err().reason(), ReasonCode::PluginBusy);
    neighbour.unwrap();
}

#[tokio::test]
async fn x10_a_tenant_that_used_up_its_allowance_takes_no_place_of_others() {
    let one_for_all = Limits {
        fuel: 2_000_000_000,
        concurrent_calls: 1,
        queue_wait: Duration::ZERO,
        cpu_burst: Duration::ZERO,
        cpu_per_second: Duration::from_millis(1),
        ..limits()
    };
    let world = World::with(one_for_all).await;
    let other = TenantId::parse("fabrikam").unwrap();
    assert!(world.call("trap").await.is_err(), "from now on it owes");
    let (looping, neighbour) = tokio::join!(
        world.call("loop"),
        world.host.map_login(&other, &world.digest, "{}", request("anybody")),
    );
    assert!(
        matches!(looping.unwrap_err(), CallError::OutOfFuel { .. }),
        "the slow lane answers too"
    );
    neighbour.unwrap();
}

#[tokio::test]
async fn wp59_a_call_waits_for_its_turn() {
    let one = Limits { concurrent_calls: 1, queue_wait: Duration::from_secs(60), ..limits() };
    let world = World::with(one).await;
    let (looping, good) = tokio::join!(world.call("loop"), world.call("anybody"));
    assert!(looping.is_err());
    good.unwrap();
}

#[tokio::test]
async fn wp43_the_least_recently_used_plugin_goes_first() {
    let host = quick_host(Limits { loaded_modules: 1, ..limits() });
    let bad = host.load(Arc::from(MISBEHAVING)).await.unwrap();
    assert!(host.is_loaded(&bad));
    let bundled = host.load(Arc::from(PluginHost::bundled().1)).await.unwrap();
    assert!(host.is_loaded(&bundled) && !host.is_loaded(&bad));
    let error = host.map_login(&tenant(), &bad, "{}", request("a")).await.unwrap_err();
    assert_eq!(error.reason(), ReasonCode::PluginNotLoadable);
}

#[tokio::test]
async fn wp42_a_thousand_tenants_share_one_module() {
    let host = quick_host(limits());
    let digest = PluginHost::bundled().0;
    for n in 0..1_000 {
        // As at each sign-in: load if it is not there, then call.
        host.load(Arc::from(PluginHost::bundled().1)).await.unwrap();
        let tenant = TenantId::parse(format!("tenant-{n}")).unwrap();
        let rules = format!(r#"{{"default_role": "role-{n}"}}"#);
        let report = host.map_login(&tenant, digest, &rules, request("a")).await.unwrap();
        let symbolon_contract::MappingDecision::Allow(mapping) = report.decision else { panic!() };
        assert_eq!(mapping.grants[0].role, format!("role-{n}"));
    }
    assert_eq!(host.loaded_modules(), 1);
}

#[tokio::test]
async fn wp43_eviction_never_touches_a_module_in_use() {
    let world = World::with(Limits { loaded_modules: 1, ..limits() }).await;
    let (looping, other) =
        tokio::join!(world.call("loop"), world.host.load(Arc::from(PluginHost::bundled().1)));
    assert!(matches!(looping.unwrap_err(), CallError::OutOfFuel { .. }));
    assert!(world.host.is_loaded(&other.unwrap()) && !world.host.is_loaded(&world.digest));
}

#[tokio::test]
async fn wp42_many_loads_at_once_give_one_digest() {
    let host = PluginHost::start(limits()).unwrap();
    let bytes: Arc<[u8]> = Arc::from(MISBEHAVING);
    let load = || host.load(Arc::clone(&bytes));
    let (a, b, c) = tokio::join!(load(), load(), load());
    let digest = PluginHost::digest_of(MISBEHAVING);
    assert_eq!([a.unwrap(), b.unwrap(), c.unwrap()], [digest.clone(), digest.clone(), digest]);
}

#[tokio::test]
async fn calls_can_be_spawned_on_any_runtime() {
    let world = World::with(limits()).await;
    let spawned = tokio::spawn(async move {
        world.host.load(Arc::from(MISBEHAVING)).await.unwrap();
        world.call("anybody").await.unwrap().decision
    });
    assert!(matches!(spawned.await.unwrap(), symbolon_contract::MappingDecision::Allow(_)));
}
