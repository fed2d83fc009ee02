//! Many sign-ins at once, for replays.

use std::cell::RefCell;
use std::time::Duration;

use symbolon_contract::{MappingDecision, MappingRequest, PluginDigest, ReasonCode};
use symbolon_plugin_host::{Limits, PluginHost};

use crate::world::{World, fixture, limits, request, tenant};

fn with_email(n: usize) -> MappingRequest {
    let claims_json = format!(r#"{{"email": "user-{n}@contoso.example"}}"#);
    MappingRequest { claims_json, ..request("a") }
}

#[tokio::test]
async fn wp80_a_batch_answers_in_order_and_keeps_each_failure_in_its_place() {
    let world = World::with(limits()).await;
    let mut requests: Vec<_> = (0..100).map(with_email).collect();
    requests[41] = request("trap");
    requests[77].groups = vec!["g".to_owned(); 1_001];
    let reports = world.host.map_batch(&tenant(), &world.digest, "{}", requests).await.unwrap();
    assert_eq!(reports.len(), 100);
    for (n, report) in reports.into_iter().enumerate() {
        match (n, report) {
            (41, report) => assert_eq!(report.unwrap_err().reason(), ReasonCode::PluginTrap),
            (77, report) => {
                assert_eq!(report.unwrap_err().reason(), ReasonCode::PluginInputTooLarge);
            }
            (_, report) => {
                let MappingDecision::Allow(mapping) = report.unwrap().decision else { panic!() };
                assert_eq!(mapping.fields[0].values, [format!("user-{n}@contoso.example")]);
            }
        }
    }
}

#[tokio::test]
async fn wp62_a_sign_in_gets_its_turn_between_the_slices_of_a_batch() {
    let one_at_a_time =
        Limits { concurrent_calls_per_tenant: 1, queue_wait: Duration::from_secs(60), ..limits() };
    let world = World::with(one_at_a_time).await;
    let finished = RefCell::new(Vec::new());
    let batch = async {
        let requests = (0..320).map(with_email).collect();
        let done = world.host.map_batch(&tenant(), &world.digest, "{}", requests).await;
        finished.borrow_mut().push("batch");
        assert!(done.unwrap().iter().all(Result::is_ok));
    };
    let sign_in = async {
        world.call("anybody").await.unwrap();
        finished.borrow_mut().push("sign-in");
    };
    tokio::join!(batch, sign_in);
    assert_eq!(*finished.borrow(), ["sign-in", "batch"]);
}

#[tokio::test]
async fn wp28_a_batch_prepares_once() {
    let host = PluginHost::start(limits()).unwrap();
    let digest = host.load(fixture("prepared")).await.unwrap();
    let requests = vec![request("a"); 40];
    let reports = host.map_batch(&tenant(), &digest, "one", requests).await.unwrap();
    let prepared = reports.iter().filter(|one| one.as_ref().unwrap().prepare_fuel.is_some());
    assert_eq!(prepared.count(), 1);
}

#[tokio::test]
async fn a_batch_that_cannot_start_fails_as_a_whole() {
    let world = World::with(limits()).await;
    let unknown = PluginDigest::parse("a".repeat(64)).unwrap();
    let error = world.host.map_batch(&tenant(), &unknown, "{}", vec![request("a")]).await;
    assert_eq!(error.unwrap_err().reason(), ReasonCode::PluginNotLoadable);
    let long = " ".repeat((64 << 10) + 1);
    let error = world.host.map_batch(&tenant(), &world.digest, &long, Vec::new()).await;
    assert_eq!(error.unwrap_err().reason(), ReasonCode::PluginInputTooLarge);
}
