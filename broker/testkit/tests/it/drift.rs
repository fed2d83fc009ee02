//! Everything generated is committed as it would be generated now.

use symbolon_contract::ReasonCode;
use symbolon_testkit::catalogue::{Catalogue, SOURCE, generated_files};

use crate::tree::root;

#[test]
fn what_is_generated_is_up_to_date() {
    for (path, expected) in generated_files(&root()).unwrap() {
        let found = std::fs::read_to_string(root().join(path)).unwrap_or_default();
        assert!(found == expected, "{path} is out of date: run `make schemas`");
    }
}

#[test]
fn the_compiled_codes_are_those_of_the_catalogue() {
    let text = std::fs::read_to_string(root().join(SOURCE)).unwrap();
    let catalogue = Catalogue::parse(&text).unwrap();
    let written: Vec<&str> = catalogue.reasons().iter().map(|reason| &*reason.code).collect();
    let compiled: Vec<&str> = ReasonCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(written, compiled);
}
