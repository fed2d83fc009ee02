//! Connectors are watched (N20, N72, E-54): what breaks is noticed before people meet it, told once, and told
//! when it is mended. The ends of credentials are a calendar (B36).

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_contract::ConnectorId;
use symbolon_identity::clock::Clock as _;
use symbolon_identity::{admin, jobs};
use symbolon_testkit::entra::EntraFault;

use crate::world::{APP, CONTOSO, ENTRA, EntraWorld, SECRET, TestBroker, TestTenant, caller};

fn id() -> ConnectorId {
    ConnectorId::parse(ENTRA).unwrap()
}

async fn run(world: &TestBroker, after: TimeDelta) {
    world.clock.advance(after);
    jobs::run_due(&world.broker, "node").await;
}

async fn changes(tenant: &TestTenant<'_>, name: &str) -> Vec<Value> {
    let rows = tenant.audit_rows().await.into_iter();
    rows.filter(|row| row["type"] == name).map(|row| row["details"]["changes"].clone()).collect()
}

async fn states(tenant: &TestTenant<'_>) -> Vec<String> {
    let rows = tenant.audit_rows().await.into_iter();
    let names = rows.filter_map(|row| row["type"].as_str().map(str::to_owned));
    names.filter(|name| name.ends_with("connected")).collect()
}

async fn status(tenant: &TestTenant<'_>) -> Value {
    let broker = &tenant.world.broker;
    json!(admin::connector_status(broker, &tenant.record, &id()).await.unwrap())
}

#[actix_web::test]
async fn feat_n72_a_probe_every_five_minutes_tells_each_change_once() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    run(&entra.world, TimeDelta::zero()).await;
    assert_eq!(status(&contoso).await["status"], "Connected");
    let asked = entra.entra.hits("discovery");
    run(&entra.world, TimeDelta::minutes(4)).await;
    assert_eq!(entra.entra.hits("discovery"), asked, "not more often than every five minutes");

    entra.entra.misbehave(EntraFault::DiscoveryDown);
    for _ in 0..3 {
        run(&entra.world, TimeDelta::minutes(5)).await;
    }
    let shown = status(&contoso).await;
    assert_eq!(
        (&shown["status"], &shown["help"][0]["about"]),
        (&json!("Disconnected"), &json!("network"))
    );
    entra.entra.behave();
    entra.entra.misbehave(EntraFault::KeysDown);
    run(&entra.world, TimeDelta::minutes(5)).await;
    assert_eq!(status(&contoso).await["last_error"]["reason"], "oidc.jwks_unavailable");
    entra.entra.behave();
    run(&entra.world, TimeDelta::minutes(5)).await;
    let told = states(&contoso).await;
    assert_eq!(told, ["connector.connected", "connector.disconnected", "connector.connected"]);
    assert_eq!(status(&contoso).await["status"], "Connected");
}

#[actix_web::test]
async fn feat_n72_a_probe_that_fails_breaks_no_sign_in() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    entra.log_in(&wiki, "alice").await;
    entra.entra.misbehave(EntraFault::DiscoveryDown);
    run(&entra.world, TimeDelta::minutes(5)).await;
    assert_eq!(status(&contoso).await["status"], "Disconnected");
    let login = entra.log_in(&wiki, "bob").await;
    assert!(login.outcome().starts_with("signed in"), "the cached document: {}", login.outcome());
}

#[actix_web::test]
async fn feat_n20_entra_e54_the_end_of_a_secret_is_warned_of_on_each_day_once() {
    let entra = EntraWorld::start().await;
    let start = entra.world.clock.now();
    let midnight = start.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let ends_at = midnight + TimeDelta::days(62);
    let contoso = entra.tenant_with("contoso", |new, _| new.secret_ends_at = Some(ends_at)).await;
    for _ in 0..65 {
        run(&entra.world, TimeDelta::hours(12)).await;
        run(&entra.world, TimeDelta::hours(12)).await;
    }
    let told = changes(&contoso, "connector.credential_expiring").await;
    let days: Vec<i64> = told.iter().map(|one| one["days"].as_i64().unwrap()).collect();
    assert_eq!(days, [60, 30, 14, 7, 3, 1, 0]);
    assert_eq!(told[0]["which"], "client secret");
    assert_eq!(told[0]["ends_at"], ends_at.date_naive().to_string());
    let shown = status(&contoso).await;
    assert_eq!(
        (&shown["next_expiry"]["which"], &shown["next_expiry"]["days"]),
        (&json!("client secret"), &json!(-3))
    );

    // A new date begins anew.
    let later = Some(entra.world.clock.now() + TimeDelta::days(20));
    let broker = &entra.world.broker;
    admin::set_secret_expiry(broker, &caller(), &contoso.record, (&id(), later)).await.unwrap();
    run(&entra.world, TimeDelta::minutes(5)).await;
    let told = changes(&contoso, "connector.credential_expiring").await;
    assert_eq!((told.len(), &told[7]["days"]), (8, &json!(20)));
}

#[actix_web::test]
async fn entra_e54_an_expired_secret_is_noticed_within_a_day_and_its_mending_in_minutes() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    run(&entra.world, TimeDelta::zero()).await;
    let asked = entra.entra.hits("token");
    run(&entra.world, TimeDelta::hours(12)).await;
    assert_eq!(entra.entra.hits("token"), asked, "a credential that works is tried once a day");
    let now = entra.world.clock.now().timestamp();
    entra.entra.change_application(APP, |app| app.without_credentials().secret_until(SECRET, now));
    run(&entra.world, TimeDelta::hours(12)).await;
    let shown = status(&contoso).await;
    assert_eq!(
        (&shown["status"], &shown["help"][0]["about"]),
        (&json!("Disconnected"), &json!("credential"))
    );
    assert_eq!(shown["last_error"]["reason"], "entra.secret_expired");
    entra.entra.change_application(APP, |app| app.without_credentials().secret(SECRET));
    run(&entra.world, TimeDelta::minutes(5)).await;
    assert_eq!(status(&contoso).await["status"], "Connected");
}

#[actix_web::test]
async fn entra_e54_a_refused_sign_in_makes_the_next_look_try_the_credential() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    run(&entra.world, TimeDelta::zero()).await;
    entra.entra.change_application(APP, |app| app.without_credentials().secret("another"));
    run(&entra.world, TimeDelta::minutes(5)).await;
    assert_eq!(status(&contoso).await["status"], "Connected", "nobody noticed yet");
    entra.log_in(&wiki, "alice").await;
    run(&entra.world, TimeDelta::minutes(5)).await;
    let shown = status(&contoso).await;
    assert_eq!(
        (&shown["status"], &shown["last_error"]["reason"]),
        (&json!("Disconnected"), &json!("entra.secret_invalid"))
    );
}

#[actix_web::test]
async fn entra_e54_the_registration_itself_tells_when_our_secret_ends() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let ends_at = entra.world.clock.now() + TimeDelta::days(10);
    let later = ends_at + TimeDelta::days(300);
    entra.entra.change_application(APP, |app| {
        app.without_credentials()
            .secret_until(SECRET, ends_at.timestamp())
            .secret_until("zzz-somebody-elses", later.timestamp())
    });
    run(&entra.world, TimeDelta::zero()).await;
    assert_eq!(status(&contoso).await["next_expiry"], json!(null), "not allowed to look");

    entra.entra.grant_permission(CONTOSO, APP, "Application.Read.All");
    run(&entra.world, TimeDelta::days(1)).await;
    let expiry = status(&contoso).await["next_expiry"].clone();
    assert_eq!(expiry["date"], ends_at.date_naive().to_string(), "by the first three characters");
    let told = changes(&contoso, "connector.credential_expiring").await;
    assert_eq!(told.len(), 1, "a date that nobody typed warns as well");

    let broker = &entra.world.broker;
    let typed = (&id(), Some(later));
    admin::set_secret_expiry(broker, &caller(), &contoso.record, typed).await.unwrap();
    run(&entra.world, TimeDelta::minutes(5)).await;
    let expiry = status(&contoso).await["next_expiry"].clone();
    assert_eq!(expiry["date"], ends_at.date_naive().to_string(), "the earlier one counts");
    assert!(expiry["note"].as_str().unwrap().contains("entered"), "{expiry}");
}

#[actix_web::test]
async fn feat_n72_one_connector_that_fails_does_not_stop_the_others() {
    let entra = EntraWorld::start().await;
    let first = entra
        .tenant_with("aaa", |new, _| new.client_secret = Some("Wrong8Q~secret-000000".into()))
        .await;
    let broken = entra.tenant("bbb").await;
    let secrets = broken.record.id.clone();
    // A seal that does not open: an error of ours, not of the upstream.
    let spoil = move |conn: &mut symbolon_storage::Connection| {
        let mut rows = conn.tenant(&secrets);
        let row = rows.secrets().find("connector_client_secret", ENTRA)?.unwrap();
        let sealed = format!("{}AAAA", row.sealed);
        rows.secrets().put(&symbolon_storage::SealedSecret { sealed, ..row })
    };
    entra.world.broker.database.write(spoil).await.unwrap();
    let last = entra.tenant("ccc").await;
    run(&entra.world, TimeDelta::zero()).await;
    assert_eq!(status(&first).await["status"], "Disconnected");
    assert_eq!(status(&broken).await["status"], "Unknown");
    assert_eq!(status(&last).await["status"], "Connected");
}

#[actix_web::test]
async fn feat_b36_the_ends_of_credentials_are_a_calendar_with_reminders() {
    let entra = EntraWorld::start().await;
    let ends_at = chrono::DateTime::parse_from_rfc3339("2027-03-20T00:00:00Z").unwrap();
    let contoso = entra
        .tenant_with("contoso", |new, _| {
            new.secret_ends_at = Some(ends_at.into());
            new.display_name = "Contoso, Ltd; sign-in \\ Microsoft".into();
        })
        .await;
    let broker = &entra.world.broker;
    let made = admin::create_certificate(broker, &caller(), &contoso.record, (&id(), 365)).await;
    let calendar = admin::credential_calendar(broker, &contoso.record, Some(&id())).await.unwrap();
    assert!(calendar.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
    let text = calendar.replace("\r\n ", "");
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!((lines[0], lines[1]), ("BEGIN:VCALENDAR", "VERSION:2.0"));
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    let count = |wanted: &str| lines.iter().filter(|line| **line == wanted).count();
    assert_eq!(count("BEGIN:VEVENT"), 2, "the secret and the waiting certificate");
    assert_eq!(count("DTSTART;VALUE=DATE:20270320"), 1);
    let certificate = made.unwrap().ends_at.format("DTSTART;VALUE=DATE:%Y%m%d").to_string();
    assert_eq!(count(&certificate), 1);
    for days in [60, 30, 14, 7, 3, 1] {
        assert_eq!(count(&format!("TRIGGER:-P{days}D")), 2, "{days}");
    }
    assert!(text.contains("Contoso\\, Ltd\\; sign-in \\\\ Microsoft"), "{text}");
    assert_eq!(count("UID:client-secret-contoso-entra@127.0.0.1"), 1);
    assert!(!calendar.contains(SECRET));
    let nobody = ConnectorId::parse("nobody").unwrap();
    assert!(admin::credential_calendar(broker, &contoso.record, Some(&nobody)).await.is_err());
}
