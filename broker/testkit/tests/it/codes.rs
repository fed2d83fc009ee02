//! The reason codes and the code: the catalogue promises nothing that nobody refuses with.

use symbolon_contract::ReasonCode;

use crate::tree::rust_sources;

/// Named by the first gate of `broker/saml`, which knows no catalogue; the SAML routes will.
const AHEAD_OF_ITS_ROUTES: &str = "saml.";

#[test]
fn every_reason_code_is_refused_with_somewhere() {
    let sources: Vec<String> = rust_sources()
        .iter()
        .filter(|file| !file.is_generated() && file.path.contains("/src/"))
        .map(crate::tree::SourceFile::code)
        .collect();
    let unused: Vec<&str> = ReasonCode::ALL
        .iter()
        .filter(|code| !code.as_str().starts_with(AHEAD_OF_ITS_ROUTES))
        .filter(|code| code.entry().aadsts.is_empty())
        .filter(|code| {
            let named = format!("ReasonCode::{code:?}");
            !sources.iter().any(|source| names(source, &named))
        })
        .map(|code| code.as_str())
        .collect();
    assert!(unused.is_empty(), "catalogued, and never used: {unused:?}");
    // Those with numbers of Microsoft's are found by the number.
    let by_number = sources.iter().any(|source| source.contains("ReasonCode::from_aadsts"));
    assert!(by_number, "nobody looks a number of Microsoft's up");
}

/// Whether a text holds the whole word.
fn names(source: &str, word: &str) -> bool {
    source
        .match_indices(word)
        .any(|(at, _)| !source[at + word.len()..].starts_with(|c: char| c.is_alphanumeric()))
}
