//! The configuration schema is generated from `Rules` and committed, because the guest embeds it as text.

use symbolon_default_mapper::rules::Rules;

/// Rewrite with `UPDATE_SCHEMA=1 cargo test -p symbolon-default-mapper`.
#[test]
fn the_committed_schema_is_the_one_of_the_rules() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/rules.schema.json");
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Rules)).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &schema).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == schema,
        "schema drift: run with UPDATE_SCHEMA=1, then plugins/build.sh"
    );
}
