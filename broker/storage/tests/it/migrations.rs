//! The schema: equal on both backends, there and back again, and as `schema.rs` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{Integer, Text};
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection};
use symbolon_storage::testing::TestDatabase;
use symbolon_storage::{Database, DatabaseUrl, MappingTarget, PoolOptions};

use crate::world::{connector_id, tenant_id, user_id};

/// Tables that belong to no tenant (TD-9).
const WITHOUT_TENANT: [&str; 4] = ["callback_aliases", "leases", "library_plugins", "tenants"];

fn migrations(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(folder)
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(migrations(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn td_8_the_two_migration_folders_hold_equal_names() {
    let sqlite = names("sqlite");
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, names("postgres"));
    for name in &sqlite {
        for folder in ["sqlite", "postgres"] {
            for file in ["up.sql", "down.sql"] {
                assert!(migrations(folder).join(name).join(file).is_file(), "{folder}/{name}");
            }
        }
        assert!(migrations("data").join(format!("{name}.sql")).is_file(), "data/{name}.sql");
    }
}

/// A column as the database describes it.
#[derive(QueryableByName)]
struct Described {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Integer)]
    required: i32,
    /// Its place in the primary key, from 1.
    #[diesel(sql_type = Integer)]
    key: i32,
}

const DESCRIBE_SQLITE: &str = "
    select m.name as table_name, p.name as name, lower(p.type) as kind,
        p.\"notnull\" as required, p.pk as key
    from sqlite_master m join pragma_table_info(m.name) p
    where m.type = 'table' and m.name not like 'sqlite_%'";

const DESCRIBE_POSTGRES: &str = "
    select c.table_name::text as table_name, c.column_name::text as name,
        case c.data_type when 'timestamp without time zone' then 'timestamp'
            when 'bytea' then 'blob' else c.data_type end::text as kind,
        (c.is_nullable = 'NO')::int as required, coalesce(k.ordinal_position, 0)::int as key
    from information_schema.columns c
    left join information_schema.table_constraints t on t.table_schema = c.table_schema
        and t.table_name = c.table_name and t.constraint_type = 'PRIMARY KEY'
    left join information_schema.key_column_usage k on k.table_schema = c.table_schema
        and k.constraint_name = t.constraint_name and k.column_name = c.column_name
    where c.table_schema = 'public'";

/// `table` to its `column kind null|required key-place`, diesel's own table left out.
type Tables = BTreeMap<String, BTreeSet<String>>;

fn described(test: &TestDatabase) -> Tables {
    let rows: Vec<Described> = match test.url() {
        DatabaseUrl::Sqlite(path) => {
            let mut raw = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            diesel::sql_query(DESCRIBE_SQLITE).load(&mut raw).unwrap()
        }
        DatabaseUrl::Postgres(url) => {
            let mut raw = PgConnection::establish(url).unwrap();
            diesel::sql_query(DESCRIBE_POSTGRES).load(&mut raw).unwrap()
        }
    };
    let mut tables = Tables::new();
    for row in rows.iter().filter(|row| row.table_name != "__diesel_schema_migrations") {
        let required = if row.required == 1 { "required" } else { "null" };
        let text = format!("{} {} {required} {}", row.name, row.kind, row.key);
        tables.entry(row.table_name.clone()).or_default().insert(text);
    }
    tables
}

/// The same, read out of `schema.rs`.
fn declared() -> Tables {
    let sources = [
        include_str!("../../src/schema.rs"),
        include_str!("../../src/mapping_schema.rs"),
        include_str!("../../src/openid_schema.rs"),
    ];
    let mut tables = Tables::new();
    for block in sources.iter().flat_map(|source| source.split("diesel::table! {").skip(1)) {
        let (head, columns) = block.split_once(") {").unwrap();
        let (table, key) = head.trim().split_once(" (").unwrap();
        let key: Vec<_> = key.split(", ").collect();
        let (columns, _) = columns.split_once('}').unwrap();
        let lines = columns.lines().map(str::trim).filter(|line| !line.is_empty());
        let columns = lines.map(|line| {
            let (name, kind) = line.trim_end_matches(',').split_once(" -> ").unwrap();
            let inner = kind.strip_prefix("Nullable<").map(|kind| kind.trim_end_matches('>'));
            let required = if inner.is_some() { "null" } else { "required" };
            let kind = match inner.unwrap_or(kind) {
                "Text" => "text",
                "Timestamp" => "timestamp",
                "Integer" => "integer",
                "BigInt" => "bigint",
                "Bool" => "boolean",
                "Binary" => "blob",
                other => panic!("{other}"),
            };
            let place = key.iter().position(|column| *column == name).map_or(0, |at| at + 1);
            format!("{name} {kind} {required} {place}")
        });
        tables.insert(table.to_owned(), columns.collect());
    }
    tables
}

async fn both() -> Vec<TestDatabase> {
    std::iter::once(TestDatabase::sqlite().await).chain(TestDatabase::postgres().await).collect()
}

#[tokio::test]
async fn db_t6_schema_rs_equals_both_migrated_databases() {
    for test in both().await {
        pretty_eq(&described(&test), &declared(), &test);
    }
}

fn pretty_eq(found: &Tables, expected: &Tables, test: &TestDatabase) {
    let keys = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(found), keys(expected), "{:?}", test.backend());
    for (table, columns) in found {
        assert_eq!(Some(columns), expected.get(table), "{:?} {table}", test.backend());
    }
}

#[tokio::test]
async fn td_9_every_other_table_has_its_tenant_first_in_the_key() {
    for test in both().await {
        let without: Vec<_> = described(&test)
            .into_iter()
            .filter(|(_, columns)| !columns.contains("tenant_id text required 1"))
            .map(|(table, _)| table)
            .collect();
        assert_eq!(without, WITHOUT_TENANT, "{:?}", test.backend());
    }
}

fn run(test: &TestDatabase, sql: &str) {
    match test.url() {
        DatabaseUrl::Sqlite(path) => {
            let mut raw = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            raw.batch_execute("pragma foreign_keys = on").unwrap();
            raw.batch_execute(sql).unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            PgConnection::establish(url).unwrap().batch_execute(sql).unwrap();
        }
    }
}

#[tokio::test]
async fn migrations_go_up_and_down_and_up_again_with_rows_in_place() {
    let fixture: String = names("sqlite")
        .iter()
        .map(|name| {
            std::fs::read_to_string(migrations("data").join(format!("{name}.sql"))).unwrap()
        })
        .collect();
    for table in declared().keys() {
        assert!(fixture.contains(&format!("insert into {table} ")), "no row for {table}");
    }
    for test in both().await {
        run(&test, &fixture);
        let tenant = test.database().read(|c| c.operator().list_tenants(None, 10)).await.unwrap();
        let [tenant] = tenant.as_slice() else { panic!("{tenant:?}") };
        let id = tenant.id.clone();
        let users = test.database().read(move |c| c.tenant(&id).users().list(None, 9)).await;
        assert_eq!(users.unwrap().len(), 1);

        test.roll_back_all().await;
        assert_eq!(described(&test), Tables::new());
        assert_eq!(test.database().migrate().await.unwrap().len(), names("sqlite").len());
        pretty_eq(&described(&test), &declared(), &test);
    }
}

async fn empty() -> Vec<TestDatabase> {
    let mut tests = vec![TestDatabase::empty_sqlite().await];
    tests.extend(TestDatabase::empty_postgres().await);
    tests
}

#[tokio::test]
async fn feat_b18_each_migration_runs_over_the_rows_of_those_before() {
    for test in empty().await {
        for name in names("sqlite") {
            test.migrate_one().await;
            let fixture = migrations("data").join(format!("{name}.sql"));
            run(&test, &std::fs::read_to_string(fixture).unwrap());
        }
        let tenant = tenant_id("t1");
        let (versions, connector, links) = test
            .database()
            .read(move |c| {
                let mut rows = c.tenant(&tenant);
                let work = connector_id("work");
                let versions = rows.connector_versions().list(&work)?;
                let links = rows.identity_links().of_user(&user_id("u1"))?;
                Ok((versions, rows.connectors().find(&work)?, links))
            })
            .await
            .unwrap();
        let authors: Vec<_> = versions.iter().map(|v| (v.version, v.author.as_str())).collect();
        assert_eq!(authors, [(2, "admin"), (1, "migration")], "{:?}", test.backend());
        let connector = connector.unwrap();
        assert_eq!(connector.settings_version, 2);
        assert_eq!(versions[1].settings, connector.settings);
        assert_eq!(versions[1].test_outcome, None);
        assert_eq!(links[0].groups, Some(vec!["g1".to_owned()]));
    }
}

#[tokio::test]
async fn feat_b18_mappings_of_the_release_before_are_kept_and_active() {
    for test in empty().await {
        for name in ["0001_spine", "0002_entra"] {
            test.migrate_one().await;
            let fixture = migrations("data").join(format!("{name}.sql"));
            run(&test, &std::fs::read_to_string(fixture).unwrap());
        }
        let newer = "insert into mapping_versions select tenant_id, connector_id, 2, plugin_digest,
            '{}', 'admin', 'not active', created_at from mapping_versions";
        run(&test, newer);
        test.migrate_one().await;
        let (active, list) = test
            .database()
            .read(move |c| {
                let t1 = tenant_id("t1");
                let mut rows = c.tenant(&t1);
                let target = MappingTarget::connector(&connector_id("work"));
                let mut mapping = rows.mapping(&target);
                Ok((mapping.active()?.unwrap(), mapping.list()?))
            })
            .await
            .unwrap();
        assert_eq!((active.version.version, active.version.author.as_str()), (1, "admin"));
        assert_eq!((active.state.active_version, active.state.previous_version), (Some(1), None));
        assert_eq!((active.state.failures, active.state.policy), (0, serde_json::json!({})));
        let notes: Vec<_> = list.iter().map(|v| (v.version, v.note.as_deref())).collect();
        assert_eq!(notes, [(2, Some("not active")), (1, None)], "{:?}", test.backend());
    }
}

#[tokio::test]
async fn pending_migrations_are_named_until_they_have_run() {
    for test in empty().await {
        let expected: Vec<_> = names("sqlite").into_iter().collect();
        assert_eq!(test.database().pending_migrations().await.unwrap(), expected);
        assert_eq!(test.database().migrate().await.unwrap(), expected);
        assert_eq!(test.database().pending_migrations().await.unwrap(), Vec::<String>::new());
        assert_eq!(test.database().migrate().await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn several_nodes_may_migrate_at_once() {
    for test in empty().await {
        let mut nodes = Vec::new();
        for _ in 0..4 {
            let node = Database::open(test.url(), PoolOptions::default()).await.unwrap();
            nodes.push(tokio::spawn(async move { node.migrate().await }));
        }
        let mut ran = 0;
        for node in nodes {
            ran += node.await.unwrap().unwrap().len();
        }
        assert_eq!(ran, names("sqlite").len());
    }
}
