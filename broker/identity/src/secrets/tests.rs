//! Secrets in a real SQLite file: what is in it, and what happens when somebody moves things about.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use symbolon_contract::{ReasonCode, TenantId, TenantSlug};
use symbolon_storage::{Database, DatabaseUrl, PoolOptions, Tenant, TenantStatus};

use super::*;
use crate::clock::ManualClock;
use crate::entropy::SystemEntropy;

const SECRET: &str = "hush-7Vq~client-secret";

/// A fresh database with the tenants `a` and `b`; also used by the tests of `keys`.
pub(crate) async fn fresh_database(folder: &tempfile::TempDir) -> Database {
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let url = DatabaseUrl::parse(&url).unwrap();
    let database = Database::open(&url, PoolOptions::default()).await.unwrap();
    database.migrate().await.unwrap();
    for id in ["a", "b"] {
        let row = Tenant {
            id: tenant(id),
            slug: TenantSlug::parse(id).unwrap(),
            display_name: id.to_owned(),
            status: TenantStatus::Active,
            settings: serde_json::json!({}),
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        database.write(move |conn| conn.operator().insert_tenant(&row)).await.unwrap();
    }
    database
}

pub(crate) fn tenant(id: &str) -> TenantId {
    TenantId::parse(id).unwrap()
}

/// A keyring of keys that repeat their number; the first is active.
fn keyring(numbers: &[u8]) -> Keyring {
    let key = |number: &u8| (format!("key{number}"), SecretBox::new(Box::new([*number; 32])));
    let keys: BTreeMap<_, _> = numbers.iter().map(key).collect();
    Keyring::new(format!("key{}", numbers[0]), keys).unwrap()
}

pub(crate) fn store(database: &Database, numbers: &[u8]) -> SecretStore {
    let (clock, entropy) = (Arc::new(ManualClock::default()), Arc::new(SystemEntropy));
    SecretStore::new(database.clone(), keyring(numbers), clock, entropy)
}

/// Everything that SQLite wrote: the file, its journal and its index.
pub(crate) fn dump(folder: &tempfile::TempDir) -> Vec<u8> {
    let files = std::fs::read_dir(folder.path()).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn a_secret_that_was_put_is_read_back_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = store(&fresh_database(&folder).await, &[1]);
    let (a, purpose) = (tenant("a"), Purpose::ConnectorClientSecret);
    assert!(secrets.read(&a, purpose, "entra").await.unwrap().is_none());
    for text in [SECRET, "another"] {
        secrets.put(&a, purpose, "entra", &SecretString::from(text)).await.unwrap();
        let read = secrets.read(&a, purpose, "entra").await.unwrap().unwrap();
        assert_eq!(read.expose_secret(), text);
    }
    assert!(secrets.read(&tenant("b"), purpose, "entra").await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_kept_sealer_seals_opens_after_the_master_key_was_rotated() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let (a, purpose) = (tenant("a"), Purpose::RecordedSignIn);
    let sealer = store(&database, &[1]).sealer(&a).await.unwrap();
    let secrets = store(&database, &[2, 1]);
    assert_eq!(secrets.rotate_master(false).await.unwrap().rewrapped, 1);
    let sealed = sealer.seal(purpose, "r1", SECRET.as_bytes()).unwrap();
    let later = store(&database, &[2]);
    let opened = later.open_text(&a, purpose, "r1", &sealed).await.unwrap();
    assert_eq!(opened.expose_secret(), SECRET);
    let elsewhere = later.open(&a, Purpose::MappingCase, "r1", &sealed).await.unwrap_err();
    assert_eq!(elsewhere.reason(), ReasonCode::CryptoAadMismatch);
}

#[tokio::test]
async fn s1_no_dump_of_the_database_holds_a_secret_or_a_master_key() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = store(&fresh_database(&folder).await, &[1]);
    let (a, purpose) = (tenant("a"), Purpose::ConnectorClientSecret);
    secrets.put(&a, purpose, "entra", &SecretString::from(SECRET)).await.unwrap();
    let dump = dump(&folder);
    assert!(contains(&dump, b"connector_client_secret"), "the dump shows what was written");
    assert!(!contains(&dump, SECRET.as_bytes()));
    assert!(!contains(&dump, &[1; 32]), "the master key");
}

#[tokio::test]
async fn s2_a_sealed_secret_opens_only_where_it_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = store(&fresh_database(&folder).await, &[1]);
    let (a, b) = (tenant("a"), tenant("b"));
    let (purpose, other) = (Purpose::ConnectorClientSecret, Purpose::ApplicationSecret);
    let sealed = secrets.seal(&a, purpose, "entra", SECRET.as_bytes()).await.unwrap();
    secrets.seal(&b, purpose, "entra", b"so that b has a data key").await.unwrap();
    let opened = secrets.open_text(&a, purpose, "entra", &sealed).await.unwrap();
    assert_eq!(opened.expose_secret(), SECRET);
    let (head, tail) = sealed.split_at(sealed.len() - 4);
    let changed = format!("{head}{}", tail.chars().rev().collect::<String>());
    for (whose, purpose, owner, sealed) in [
        (&b, purpose, "entra", &sealed),
        (&a, other, "entra", &sealed),
        (&a, purpose, "okta", &sealed),
        (&a, purpose, "entra", &changed),
    ] {
        let error = secrets.open(whose, purpose, owner, sealed).await.unwrap_err();
        assert_eq!(error.reason(), ReasonCode::CryptoAadMismatch, "{whose} {purpose:?} {owner}");
    }
}

#[tokio::test]
async fn s2_rows_that_were_swapped_between_tenants_open_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let purpose = Purpose::ConnectorClientSecret;
    for id in ["a", "b"] {
        let secret = SecretString::from(format!("{SECRET} of {id}"));
        store(&database, &[1]).put(&tenant(id), purpose, "entra", &secret).await.unwrap();
    }
    // Not only the secrets are copied over, but the data key that seals them as well.
    let copied = database.write(move |conn| {
        let (a, b) = (tenant("a"), tenant("b"));
        let key = conn.tenant(&a).data_keys().newest()?.unwrap();
        let secret = conn.tenant(&a).secrets().find(purpose.as_str(), "entra")?.unwrap();
        conn.tenant(&b).data_keys().insert(&key)?;
        conn.tenant(&b).secrets().put(&secret)
    });
    copied.await.unwrap();
    let error = store(&database, &[1]).read(&tenant("b"), purpose, "entra").await.unwrap_err();
    assert_eq!(error.reason(), ReasonCode::CryptoAadMismatch);
    store(&database, &[1]).read(&tenant("a"), purpose, "entra").await.unwrap();
}

#[tokio::test]
async fn missing_keys_are_named_and_told_from_foreign_ones() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let (a, purpose) = (tenant("a"), Purpose::SigningKey);
    let sealed = store(&database, &[1]).seal(&a, purpose, "k", b"x").await.unwrap();
    let error = store(&database, &[2]).open(&a, purpose, "k", &sealed).await.unwrap_err();
    assert_eq!(error, SecretsError::MasterKeyUnknown { id: "key1".to_owned() });
    assert_eq!(error.reason(), ReasonCode::CryptoKeyUnknown);
    let cut = sealed.replacen("-0", "-1", 1);
    assert_ne!(cut, sealed);
    let error = store(&database, &[1]).open(&a, purpose, "k", &cut).await.unwrap_err();
    assert!(matches!(error, SecretsError::DataKeyUnknown { .. }), "{error:?}");
}

#[tokio::test]
async fn st13_a_rotated_master_key_can_be_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let purpose = Purpose::ConnectorClientSecret;
    for id in ["a", "b"] {
        let secret = SecretString::from(SECRET);
        store(&database, &[1]).put(&tenant(id), purpose, "entra", &secret).await.unwrap();
    }
    let rotating = store(&database, &[2, 1]);
    let plan = rotating.rotate_master(true).await.unwrap();
    assert_eq!((plan.current, plan.rewrapped, plan.unreadable.len()), (0, 2, 0));
    assert!(store(&database, &[2]).read(&tenant("a"), purpose, "entra").await.is_err(), "dry run");
    assert_eq!(rotating.rotate_master(false).await.unwrap(), plan);
    for id in ["a", "b"] {
        let read = store(&database, &[2]).read(&tenant(id), purpose, "entra").await.unwrap();
        assert_eq!(read.unwrap().expose_secret(), SECRET);
    }
    let again = rotating.rotate_master(false).await.unwrap();
    assert_eq!((again.current, again.rewrapped), (2, 0));
}

#[tokio::test]
async fn st13_a_key_that_a_tenant_keeps_to_itself_outlives_the_master_key_and_is_one_for_all_nodes()
{
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let (a, own) = (tenant("a"), (Purpose::DeviceCodeKey, "user codes"));
    let (one, other) =
        (TenantKeys::new(store(&database, &[1])), TenantKeys::new(store(&database, &[1])));
    let (first, second) = tokio::join!(one.get(&a, own), other.get(&a, own));
    let first = first.unwrap().expose_secret().to_owned();
    assert_eq!(second.unwrap().expose_secret(), first);
    assert!(!contains(&dump(&folder), first.as_bytes()));
    store(&database, &[2, 1]).rotate_master(false).await.unwrap();
    let later = TenantKeys::new(store(&database, &[2]));
    assert_eq!(later.get(&a, own).await.unwrap().expose_secret(), first);
    let elsewhere = later.get(&tenant("b"), own).await.unwrap();
    assert_ne!(elsewhere.expose_secret(), first);
    let of_nonces = later.get(&a, (Purpose::DpopNonceKey, "nonces")).await.unwrap();
    assert_ne!(of_nonces.expose_secret(), first);
}

#[tokio::test]
async fn a_rotation_reports_what_it_cannot_open_and_walks_every_page() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let lost = store(&database, &[9]);
    lost.seal(&tenant("b"), Purpose::CsrfKey, "form", b"x").await.unwrap();
    let secrets = store(&database, &[1]);
    secrets.seal(&tenant("a"), Purpose::CsrfKey, "form", b"x").await.unwrap();
    let copies = database.write(|conn| {
        let (a, mut key) = (tenant("a"), conn.tenant(&tenant("a")).data_keys().newest()?.unwrap());
        key.master_key_id = "key9".to_owned();
        for number in 0..250 {
            key.id = format!("copy-{number}");
            conn.tenant(&a).data_keys().insert(&key)?;
        }
        Ok(())
    });
    copies.await.unwrap();
    let report = secrets.rotate_master(false).await.unwrap();
    assert_eq!((report.current, report.rewrapped, report.unreadable.len()), (1, 0, 251));
    assert_eq!(report.active, "key1");
}

#[tokio::test]
async fn nothing_prints_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = store(&fresh_database(&folder).await, &[77]);
    let (a, purpose) = (tenant("a"), Purpose::CallbackBounce);
    let sealed = secrets.seal(&a, purpose, "o", SECRET.as_bytes()).await.unwrap();
    let opened = secrets.open(&a, purpose, "o", &sealed).await.unwrap();
    for text in [format!("{secrets:?}"), format!("{:?}", keyring(&[77])), format!("{opened:?}")] {
        assert!(!text.contains("77, 77") && !text.contains("hush"), "{text}");
    }
}

#[test]
fn a_keyring_needs_its_active_key() {
    let error = Keyring::new("new".to_owned(), BTreeMap::new()).unwrap_err();
    assert_eq!(error, KeyringError::ActiveUnknown { active: "new".to_owned() });
}
