//! Every behaviour of `plugins/misbehaving`: the class of its outcome, and the next good call (WP-63).

use std::time::Duration;

use symbolon_contract::{MappingDecision, ReasonCode};
use symbolon_plugin_host::{CallError, Limits, PluginHost};

use crate::world::{World, limits, request, tenant};

#[tokio::test]
async fn p1_wp47_fuel_stops_an_endless_loop() {
    let error = World::with(limits()).await.fails("loop").await;
    assert!(matches!(error, CallError::OutOfFuel { limit: 50_000_000 }), "{error}");
    assert_eq!(error.reason(), ReasonCode::PluginFuelExhausted);
}

#[tokio::test]
async fn p1_wp48_the_clock_stops_what_fuel_would_not() {
    let generous = Limits { fuel: u64::MAX, epoch_timeout: Duration::from_millis(20), ..limits() };
    let world = World::with(generous).await;
    let error = world.call("loop").await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { .. }), "{error}");
    assert_eq!(error.reason(), ReasonCode::PluginTimedOut);
}

#[tokio::test]
async fn p2_wp49_memory_growth_stops_at_16_mib() {
    let error = World::with(limits()).await.fails("memory").await;
    assert!(matches!(error, CallError::MemoryLimit { limit: 16_777_216 }), "{error}");
    assert_eq!(error.reason(), ReasonCode::PluginMemoryLimit);
}

#[tokio::test]
async fn wp63_crashes_are_traps() {
    let world = World::with(limits()).await;
    // Without unwinding a panic cannot be answered (plugins/sdk), so it is a crash like any other.
    for subject in ["recurse", "trap", "panic"] {
        let error = world.fails(subject).await;
        assert!(matches!(error, CallError::Trapped(_)), "{subject}: {error}");
        assert_eq!(error.reason(), ReasonCode::PluginTrap);
    }
}

#[tokio::test]
async fn wp52_a_huge_answer_is_not_copied() {
    // With room for two copies of it in the guest.
    let roomy = Limits { memory_bytes: 64 << 20, ..limits() };
    let error = World::with(roomy).await.fails("huge-output").await;
    assert!(matches!(error, CallError::OutputTooLarge { limit: 262_144 }), "{error}");
    assert_eq!(error.reason(), ReasonCode::PluginOutputRefused);
}

#[tokio::test]
async fn wp53_a_flood_of_roles_meets_a_limit() {
    let error = World::with(limits()).await.fails("flood-of-roles").await;
    let limited = matches!(
        error,
        CallError::OutOfFuel { .. }
            | CallError::MemoryLimit { .. }
            | CallError::OutputTooLarge { .. }
    );
    assert!(limited, "{error}");
}

#[tokio::test]
async fn wp53_wp93_wp95_answers_that_break_the_contract_are_refused() {
    let world = World::with(limits()).await;
    for (subject, field) in [
        ("many-roles", "grants"),
        ("many-fields", "fields"),
        ("many-notes", "notes"),
        ("long-value", "fields[2].values[0]"),
        ("control-characters", "grants[1].role"),
        ("control-in-field", "fields[2].values[0]"),
        ("reserved-field", "fields[2].name"),
    ] {
        let error = world.fails(subject).await;
        assert_eq!(error.reason(), ReasonCode::PluginOutputRefused, "{subject}");
        let CallError::OutputRefused { field: seen, .. } = error else { panic!("{error}") };
        assert_eq!(seen, field, "{subject}");
    }
}

#[tokio::test]
async fn wp94_unknown_roles_pass_here_because_identity_holds_the_catalogue() {
    let mapping = World::with(limits()).await.allowed("unknown-role").await;
    assert_eq!(mapping.grants[1].role, "operator-of-everything");
}

#[tokio::test]
async fn wp95_a_failure_is_reported_with_clean_text() {
    let error = World::with(limits()).await.fails("failure").await;
    assert_eq!(error.reason(), ReasonCode::PluginFailed);
    let CallError::Failed(failure) = error else { panic!("{error}") };
    assert_eq!(failure.code, "asked");
    assert_eq!(failure.message, "asked to fail\u{fffd}\u{fffd}");
}

#[tokio::test]
async fn a_denial_is_a_decision_and_no_error() {
    let report = World::with(limits()).await.call("deny").await.unwrap();
    let MappingDecision::Deny(denial) = report.decision else { panic!("allowed") };
    assert_eq!((denial.code.as_str(), denial.message.as_str()), ("not_today", "Not today."));
}

#[tokio::test]
async fn p8_wp4_nothing_survives_a_call() {
    let world = World::with(limits()).await;
    for _ in 0..3 {
        let mapping = world.allowed("counter").await;
        assert_eq!(mapping.fields[2].values, ["1"]);
    }
}

#[tokio::test]
async fn wp86_the_same_call_costs_the_same_fuel() {
    let world = World::with(limits()).await;
    let (one, two) = (world.call("a").await.unwrap(), world.call("a").await.unwrap());
    assert_eq!((one.fuel_used, one.peak_memory), (two.fuel_used, two.peak_memory));
    assert_eq!(one.decision, two.decision);
    assert!(one.fuel_used > 0 && one.peak_memory >= 1 << 16);
}

#[tokio::test]
async fn wp58_the_share_of_the_fuel_limit_is_told() {
    let world = World::with(limits()).await;
    let report = world.call("a").await.unwrap();
    assert_eq!(report.fuel_limit, 50_000_000);
    let tight = Limits { fuel: report.fuel_used * 2, ..limits() };
    let ratio = World::with(tight).await.call("a").await.unwrap().fuel_ratio();
    assert!((0.499..=0.501).contains(&ratio), "{ratio}");
}

#[tokio::test]
async fn wp50_wp51_what_is_too_big_never_reaches_the_guest() {
    let world = World::with(limits()).await;
    let call = async |config: &str, request| {
        world.host.map_login(&tenant(), &world.digest, config, request).await.unwrap_err()
    };
    let mut groups = request("a");
    groups.groups = vec!["g".to_owned(); 1_001];
    let mut claims = request("a");
    claims.claims_json = format!("{{\"a\":\"{}\"}}", "x".repeat(256 << 10));
    let config = format!("{{}}{}", " ".repeat(64 << 10));
    for error in
        [call("{}", groups).await, call("{}", claims).await, call(&config, request("a")).await]
    {
        assert_eq!(error.reason(), ReasonCode::PluginInputTooLarge, "{error}");
    }
}

#[tokio::test]
async fn wp49_a_plugin_that_does_not_fit_at_all_is_refused_at_load() {
    let tiny = PluginHost::start(Limits { memory_bytes: 1 << 16, ..limits() }).unwrap();
    let error = tiny.load(crate::world::MISBEHAVING.into()).await.unwrap_err();
    assert_eq!(error.reason(), ReasonCode::PluginNotLoadable, "{error}");
}
