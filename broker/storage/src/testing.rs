//! Throwaway databases for tests (feature `testing`): a temporary SQLite file, or a database of its own in a
//! PostgreSQL cluster that is started once a process and ends with it, however it ends.
//! Does not own: rows. Skipping PostgreSQL is a choice that is printed, and not possible in CI.

#![expect(clippy::panic, reason = "for tests: what goes wrong here ends the test with its cause")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Once, OnceLock, PoisonError};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, SqliteConnection};

use crate::{Backend, Database, DatabaseUrl, PoolOptions};

/// A database that nobody else uses and that goes away with the test.
pub struct TestDatabase {
    database: Database,
    url: DatabaseUrl,
    _folder: Option<tempfile::TempDir>,
}

impl TestDatabase {
    /// What `SYMBOLON_TEST_DATABASE` says, for tests that hold on either: `sqlite`, which is also taken when it is
    /// not set, or `postgres`.
    pub async fn chosen() -> Self {
        match std::env::var("SYMBOLON_TEST_DATABASE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::sqlite().await,
            Ok("postgres") => {
                let test = Self::postgres().await.ok_or("SYMBOLON_TEST_SKIP_POSTGRES is set too");
                require(test, "test on PostgreSQL")
            }
            Ok(other) => panic!("SYMBOLON_TEST_DATABASE is {other}, not sqlite or postgres"),
        }
    }

    /// A migrated SQLite file.
    pub async fn sqlite() -> Self {
        let test = Self::empty_sqlite().await;
        require(test.database.migrate().await, "migrate SQLite");
        test
    }

    /// A migrated PostgreSQL database, or `None` where one has asked to skip it.
    pub async fn postgres() -> Option<Self> {
        static MIGRATED: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
        let cluster = cluster()?;
        let template = async || {
            let template = DatabaseUrl::Postgres(cluster.new_database(TEMPLATE, "template1"));
            let template = Self::open(template, None).await;
            require(template.database.migrate().await, "migrate PostgreSQL");
        };
        MIGRATED.get_or_init(template).await;
        let url = DatabaseUrl::Postgres(cluster.new_database(&cluster.name(), TEMPLATE));
        Some(Self::open(url, None).await)
    }

    /// A SQLite file without tables.
    pub async fn empty_sqlite() -> Self {
        let folder = require(tempfile::tempdir(), "make a temporary folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("symbolon.db"));
        Self::open(url, Some(folder)).await
    }

    /// A PostgreSQL database without tables, or `None` where one has asked to skip it.
    pub async fn empty_postgres() -> Option<Self> {
        let cluster = cluster()?;
        let url = DatabaseUrl::Postgres(cluster.new_database(&cluster.name(), "template1"));
        Some(Self::open(url, None).await)
    }

    async fn open(url: DatabaseUrl, folder: Option<tempfile::TempDir>) -> Self {
        let database = Database::open(&url, PoolOptions::default()).await;
        Self { database: require(database, "open the test database"), url, _folder: folder }
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Where it is, for a second pool or a program under test.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The URL as one would write it into the configuration, password and all.
    #[must_use]
    pub fn url_text(&self) -> String {
        match &self.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        }
    }

    /// Which of the two it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.url.backend()
    }

    /// Changes rows behind the product's back, as somebody with the file or the password could.
    pub fn tamper(&self, sql: &str) {
        let done = match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let path = path.to_string_lossy();
                let mut connection = require(SqliteConnection::establish(&path), "connect");
                connection.batch_execute(&format!("pragma busy_timeout = 5000; {sql}"))
            }
            DatabaseUrl::Postgres(url) => {
                require(PgConnection::establish(url), "connect").batch_execute(sql)
            }
        };
        require(done, "tamper");
    }

    /// Runs the next pending migration alone.
    pub async fn migrate_one(&self) {
        require(self.database.migrate_one().await, "run one migration");
    }

    /// Takes every migration back.
    pub async fn roll_back_all(&self) {
        require(self.database.roll_back_all().await, "take the migrations back");
    }
}

/// A PostgreSQL server on loopback, with a password of its own.
struct Cluster {
    port: u16,
    password: String,
    databases: AtomicU32,
    /// `create database` copies a template, which two must not do at once.
    creating: Mutex<()>,
    /// The script stops the server and removes its folder when this end of the pipe closes: when this
    /// process ends, also when it is killed.
    _lifeline: ChildStdin,
}

/// The migrated database that others are copied from: to migrate each takes ten times as long.
const TEMPLATE: &str = "migrated";

/// Runs as `postgres` where we are root, because the server refuses root.
const AS_POSTGRES: &str = r#"
if [ "$(id -u)" = 0 ]; then exec runuser -u postgres -- sh -c "$1" sh "$2"; fi
exec sh -c "$1" sh "$2"
"#;

const SERVE: &str = r#"
exec 2>&1
set -u
umask 077
cd /
find_program() { command -v "$1" || ls -1 /usr/lib/postgresql/*/bin/"$1" 2>/dev/null | tail -n 1; }
initdb=$(find_program initdb)
pg_ctl=$(find_program pg_ctl)
if [ -z "$initdb" ] || [ -z "$pg_ctl" ]; then echo "PostgreSQL is not installed"; exit 1; fi
folder=$(mktemp -d 2>/dev/null || TMPDIR=/tmp mktemp -d)
finish() {
    if [ -e "$folder/data/postmaster.pid" ]; then
        "$pg_ctl" -D "$folder/data" -m immediate -w stop > /dev/null
    else
        cat "$folder/log" 2>/dev/null
    fi
    rm -rf "$folder"
}
trap finish EXIT
trap '' INT TERM HUP PIPE
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" > "$folder/password"
"$initdb" -D "$folder/data" -U symbolon -A password --pwfile="$folder/password" -E UTF8 --no-locale \
    --no-sync > "$folder/log" 2>&1 || exit 1
"$pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 -o "-p $1 -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories='$folder' -c fsync=off -c synchronous_commit=off \
    -c full_page_writes=off -c max_connections=400" start > /dev/null || exit 1
echo "ready $password"
read -r _ || true
"#;

impl Cluster {
    /// Another program may take the port between our look and the server's start, hence the second try.
    fn start() -> Self {
        let first = Self::try_start();
        match first.or_else(|_| Self::try_start()) {
            Ok(cluster) => cluster,
            Err(output) => panic!(
                "the PostgreSQL cluster of the tests did not start \
                 (SYMBOLON_TEST_SKIP_POSTGRES=1 goes without):\n{output}"
            ),
        }
    }

    fn try_start() -> Result<Self, String> {
        let probe = TcpListener::bind(("127.0.0.1", 0)).map_err(|e| e.to_string())?;
        let port = probe.local_addr().map_err(|e| e.to_string())?.port();
        drop(probe);
        let mut script = Command::new("sh")
            .args(["-c", AS_POSTGRES, "sh", SERVE, &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own, so that ctrl-C ends the test and leaves the script to clear up.
            .process_group(0)
            .spawn()
            .map_err(|error| error.to_string())?;
        let (Some(lifeline), Some(output)) = (script.stdin.take(), script.stdout.take()) else {
            return Err("no pipes".to_owned());
        };
        let mut said = String::new();
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(password) = line.strip_prefix("ready ") {
                return Ok(Self {
                    port,
                    password: password.to_owned(),
                    databases: AtomicU32::new(0),
                    creating: Mutex::new(()),
                    _lifeline: lifeline,
                });
            }
            said.push_str(&line);
            said.push('\n');
        }
        let _ = script.wait();
        Err(said)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://symbolon:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    fn name(&self) -> String {
        format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed))
    }

    /// A copy of another database that nobody is connected to.
    fn new_database(&self, name: &str, template: &str) -> String {
        let _turn = self.creating.lock().unwrap_or_else(PoisonError::into_inner);
        let mut admin = require(PgConnection::establish(&self.url("postgres")), "connect");
        let created = admin.batch_execute(&format!("create database {name} template {template}"));
        require(created, "create a database");
        self.url(name)
    }
}

/// The cluster of this process, started when first asked for.
fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    if skipped() { None } else { Some(CLUSTER.get_or_init(Cluster::start)) }
}

fn skipped() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !set("SYMBOLON_TEST_SKIP_POSTGRES") {
        return false;
    }
    assert!(!set("CI"), "SYMBOLON_TEST_SKIP_POSTGRES is set, but CI runs the whole suite");
    static SAY_IT: Once = Once::new();
    // Straight to the stream: the test harness would hide what a passing test prints.
    SAY_IT.call_once(|| {
        let text = "SKIPPED PostgreSQL suite: asked by SYMBOLON_TEST_SKIP_POSTGRES";
        let _ = writeln!(std::io::stderr(), "{text}");
    });
    true
}

fn require<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("cannot {what}: {error}"),
    }
}
