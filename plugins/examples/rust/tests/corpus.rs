//! The cases that all example languages share. Inside Symbolon's repository only; not part of the template.

#[path = "cases.rs"]
mod cases;

#[test]
fn wp125_the_shared_cases_decide_as_they_expect() {
    assert!(cases::run(std::path::Path::new("../cases")) >= 12);
}
