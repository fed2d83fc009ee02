//! `matches`: the crate's own needs a regex engine of 950 KB; this one is small, and as linear.

use ::cel::common::types::{CelBool, CelString, STRING_TYPE};
use ::cel::common::value::CowVal;
use ::cel::{DeclarationError, Env, ExecutionError};
use regex_lite::{Regex, RegexBuilder};

/// Adds `matches(text, pattern)` and `text.matches(pattern)`.
pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(
        "matches",
        "matches",
        vec![STRING_TYPE, STRING_TYPE],
        matches,
    )?;
    env.add_member_overload(
        "matches",
        "matches_string",
        STRING_TYPE,
        vec![STRING_TYPE],
        matches,
    )
}

/// A pattern, or why it is none.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(256 << 10)
        .nest_limit(32)
        .build()
        .map_err(|error| format!("'{pattern}' is no regular expression: {error}"))
}

fn matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = |at: usize| {
        arguments
            .get(at)
            .and_then(|one| one.downcast_ref::<CelString<'_>>())
    };
    let (Some(text), Some(pattern)) = (text(0), text(1)) else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    let pattern =
        compile(pattern.inner()).map_err(|why| ExecutionError::function_error("matches", why))?;
    Ok(CowVal::owned(CelBool::from(pattern.is_match(text.inner()))))
}
