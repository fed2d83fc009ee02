//! The checked-in bindings are those of the WIT package (WP-116).

#[test]
fn wp116_the_checked_in_bindings_are_those_of_the_wit_package() {
    let files = symbolon_bindgen::bindings().unwrap();
    assert_eq!(files.len(), 2);
    for file in files {
        let seen = std::fs::read_to_string(&file.path).unwrap();
        assert!(
            seen == file.text,
            "{} is stale: cargo run -p symbolon-bindgen",
            file.path.display()
        );
    }
}
