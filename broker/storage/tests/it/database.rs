//! The two verbs: commit, roll back, wait, fail.

use std::sync::mpsc;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, SqliteConnection};
use symbolon_storage::testing::TestDatabase;
use symbolon_storage::{Database, DatabaseUrl, PoolOptions, StorageError, StorageResult, Tenant};

use crate::world::{World, on_both, tenant, user_id};

on_both!(
    a_failed_closure_rolls_everything_back,
    a_failure_of_the_domain_rolls_back_too,
    a_panic_in_a_closure_does_not_poison_the_pool,
    waiting_too_long_is_busy,
    readers_go_on_beside_a_writer,
    a_caller_that_leaves_does_not_undo_its_write,
    a_row_that_we_could_not_have_written_is_named,
    the_database_answers,
);

const SHORT: PoolOptions = PoolOptions { max_connections: 1, wait: Duration::from_millis(50) };

async fn tenants(database: &Database) -> Vec<Tenant> {
    database.read(|c| c.operator().list_tenants(None, 10)).await.unwrap()
}

async fn a_failed_closure_rolls_everything_back(w: World) {
    let result: StorageResult<()> = w
        .database()
        .write(|c| {
            c.operator().insert_tenant(&tenant("t3", "tailspin"))?;
            Err(StorageError::StaleVersion)
        })
        .await;
    assert_eq!(result, Err(StorageError::StaleVersion));
    assert_eq!(tenants(w.database()).await.len(), 2);
}

#[derive(Debug, PartialEq)]
enum DomainError {
    Refused,
    Storage(StorageError),
}

impl From<StorageError> for DomainError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

async fn a_failure_of_the_domain_rolls_back_too(w: World) {
    let refused: Result<(), DomainError> = w
        .database()
        .try_write(|c| {
            c.operator().insert_tenant(&tenant("t3", "tailspin"))?;
            Err(DomainError::Refused)
        })
        .await;
    assert_eq!(refused, Err(DomainError::Refused));
    let conflict: Result<(), DomainError> = w
        .database()
        .try_write(|c| Ok(c.operator().insert_tenant(&tenant("t1", "tailspin"))?))
        .await;
    assert!(matches!(conflict, Err(DomainError::Storage(StorageError::Conflict { .. }))));
    assert_eq!(tenants(w.database()).await.len(), 2);
}

async fn a_panic_in_a_closure_does_not_poison_the_pool(w: World) {
    let database = Database::open(w.test.url(), SHORT).await.unwrap();
    let result: StorageResult<()> = database
        .write(|c| {
            c.operator().insert_tenant(&tenant("t3", "tailspin"))?;
            panic!("expected by the test")
        })
        .await;
    assert!(matches!(result, Err(StorageError::Other(_))), "{result:?}");
    assert_eq!(tenants(&database).await.len(), 2);
    database.write(|c| c.operator().insert_tenant(&tenant("t3", "tailspin"))).await.unwrap();
}

async fn waiting_too_long_is_busy(w: World) {
    let database = Database::open(w.test.url(), SHORT).await.unwrap();
    let (started, wait_for_start) = tokio::sync::oneshot::channel();
    let (release, held) = mpsc::channel::<()>();
    let holder = database.clone();
    let first = tokio::spawn(async move {
        holder
            .write(move |_| {
                started.send(()).unwrap();
                held.recv().map_err(|error| StorageError::Other(error.to_string()))
            })
            .await
    });
    wait_for_start.await.unwrap();
    assert_eq!(database.read(|_| Ok(())).await, Err(StorageError::Busy));
    assert_eq!(database.write(|_| Ok(())).await, Err(StorageError::Busy));
    release.send(()).unwrap();
    assert_eq!(first.await.unwrap(), Ok(()));
    assert_eq!(database.write(|_| Ok(())).await, Ok(()));
}

async fn readers_go_on_beside_a_writer(w: World) {
    let (started, wait_for_start) = tokio::sync::oneshot::channel();
    let (release, held) = mpsc::channel::<()>();
    let writer = w.database().clone();
    let first = tokio::spawn(async move {
        writer
            .write(move |c| {
                c.operator().insert_tenant(&tenant("t3", "tailspin"))?;
                started.send(()).unwrap();
                held.recv().map_err(|error| StorageError::Other(error.to_string()))
            })
            .await
    });
    wait_for_start.await.unwrap();
    assert_eq!(tenants(w.database()).await.len(), 2);
    release.send(()).unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(tenants(w.database()).await.len(), 3);
}

async fn a_caller_that_leaves_does_not_undo_its_write(w: World) {
    let options = PoolOptions { max_connections: 1, ..PoolOptions::default() };
    let database = Database::open(w.test.url(), options).await.unwrap();
    let (started, wait_for_start) = tokio::sync::oneshot::channel();
    let (release, held) = mpsc::channel::<()>();
    let writer = database.clone();
    let caller = tokio::spawn(async move {
        writer
            .write(move |c| {
                started.send(()).unwrap();
                held.recv().map_err(|error| StorageError::Other(error.to_string()))?;
                c.operator().insert_tenant(&tenant("t3", "tailspin"))
            })
            .await
    });
    wait_for_start.await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    release.send(()).unwrap();
    // The only connection is free again when the transaction has ended.
    assert_eq!(tenants(&database).await.len(), 3);
}

async fn a_row_that_we_could_not_have_written_is_named(w: World) {
    w.populate().await;
    let damage = "update users set status = 'asleep' where id = 'alice'";
    match w.test.url() {
        DatabaseUrl::Sqlite(path) => {
            let mut raw = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            raw.batch_execute(damage).unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            PgConnection::establish(url).unwrap().batch_execute(damage).unwrap();
        }
    }
    let t = w.contoso.clone();
    let found = w.database().read(move |c| c.tenant(&t).users().find(&user_id("alice"))).await;
    let why = "status: unknown UserStatus".to_owned();
    assert_eq!(found, Err(StorageError::Corrupt { table: "users", why }));
}

async fn the_database_answers(w: World) {
    assert_eq!(w.database().ping().await, Ok(()));
    assert_eq!(w.database().backend(), w.test.backend());
}

async fn open_error(url: &str) -> String {
    let url = DatabaseUrl::parse(url).unwrap();
    match Database::open(&url, SHORT).await {
        Err(error @ StorageError::Unavailable { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn db_t1_a_refused_connection_is_reported_as_such() {
    let text = open_error("postgres://127.0.0.1:1/none").await;
    assert!(text.contains("Connection refused"), "{text}");
}

#[test]
fn db_t2_establish_of_the_derive_is_never_called() {
    assert!(DatabaseUrl::parse("host=127.0.0.1 port=1 dbname=db_t2").is_err());
    assert!(!std::path::Path::new("host=127.0.0.1 port=1 dbname=db_t2").exists());
    let sources = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
    for file in sources {
        let path = file.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        assert!(!source.contains("AnyConnection::establish("), "{}", path.display());
    }
}

#[tokio::test]
async fn no_error_text_holds_the_password() {
    let mut urls = vec![
        "postgres://u:hunter2@127.0.0.1:1/x".to_owned(),
        "postgres://u:hunter2@127.0.0.1:port/x".to_owned(),
        "postgres://u:hunter2@[::1/x".to_owned(),
        "postgres://u:hunter2@h/x?nonsense=1".to_owned(),
    ];
    if let Some(test) = TestDatabase::postgres().await {
        let url = test.url_text();
        let (_, place) = url.split_once('@').unwrap();
        urls.push(format!("postgres://symbolon:hunter2@{place}"));
    }
    for url in urls {
        let text = open_error(&url).await;
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn a_missing_folder_is_not_made() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let text = open_error(&format!("sqlite:{folder}/none/x.db")).await;
    assert!(text.contains("cannot be opened"), "{text}");
}

#[tokio::test]
async fn a_database_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let test = TestDatabase::sqlite().await;
    let DatabaseUrl::Sqlite(path) = test.url() else { panic!("SQLite") };
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", path.display());
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let Some(test) = TestDatabase::postgres().await else {
        return;
    };
    let database = Database::open(test.url(), PoolOptions::default()).await.unwrap();
    assert_eq!(database.ping().await, Ok(()));
    let DatabaseUrl::Postgres(url) = test.url() else { panic!("PostgreSQL") };
    let terminate = "select pg_terminate_backend(pid, 5000) from pg_stat_activity \
         where datname = current_database() and pid <> pg_backend_pid()";
    PgConnection::establish(url).unwrap().batch_execute(terminate).unwrap();
    let lost = database.write(|c| c.operator().list_tenants(None, 1)).await;
    assert!(matches!(lost, Err(StorageError::Unavailable { .. })), "{lost:?}");
    assert_eq!(database.ping().await, Ok(()));
}
