//! The functions that most expressions use, without the rest of the library: registering all of the crate's
//! overloads costs more than a sign-in's expressions themselves. A test holds both to the same answers.

use ::cel::common::types::{
    BYTES_TYPE, CelBool, CelBytes, CelInt, CelList, CelString, LIST_TYPE, MAP_TYPE, STRING_TYPE,
};
use ::cel::common::value::{CowVal, Val};
use ::cel::{DeclarationError, Env, ExecutionError};

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// `contains`, `startsWith`, `endsWith`.
pub(super) fn texts(env: &mut Env) -> Result<(), DeclarationError> {
    for (name, function) in [
        ("contains", contains as ::cel::common::functions::Function),
        ("startsWith", starts_with),
        ("endsWith", ends_with),
    ] {
        env.add_member_overload(name, name, STRING_TYPE, vec![STRING_TYPE], function)?;
    }
    Ok(())
}

/// `size(x)` and `x.size()`.
pub(super) fn sizes(env: &mut Env) -> Result<(), DeclarationError> {
    for (id, member, of) in [
        ("size_string", "string_size", [STRING_TYPE, STRING_TYPE]),
        ("size_list", "list_size", [LIST_TYPE, LIST_TYPE]),
        ("size_map", "map_size", [MAP_TYPE, MAP_TYPE]),
        ("size_bytes", "bytes_size", [BYTES_TYPE, BYTES_TYPE]),
    ] {
        let [one, of] = of;
        env.add_overload("size", id, vec![one], size)?;
        env.add_member_overload("size", member, of, Vec::new(), size)?;
    }
    Ok(())
}

/// `lowerAscii`, `upperAscii`, `trim`.
pub(super) fn letters(env: &mut Env) -> Result<(), DeclarationError> {
    for (name, function) in [
        ("lowerAscii", lower as ::cel::common::functions::Function),
        ("upperAscii", upper),
        ("trim", trim),
    ] {
        env.add_member_overload(name, name, STRING_TYPE, Vec::new(), function)?;
    }
    Ok(())
}

/// `split` by a text, `join`.
pub(super) fn lists(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("split", "split", STRING_TYPE, vec![STRING_TYPE], split)?;
    env.add_member_overload("join", "join", LIST_TYPE, Vec::new(), join)?;
    env.add_member_overload("join", "join_by", LIST_TYPE, vec![STRING_TYPE], join)
}

fn text<'c>(arguments: &'c Arguments<'_, '_>, at: usize) -> Result<&'c str, ExecutionError> {
    let argument = arguments
        .get(at)
        .ok_or_else(ExecutionError::missing_argument_or_target)?;
    word(argument.as_ref())
}

fn word(value: &dyn Val) -> Result<&str, ExecutionError> {
    let text = value.downcast_ref::<CelString<'_>>();
    text.map(CelString::inner)
        .ok_or_else(|| ExecutionError::UnexpectedType {
            got: value.get_type().name().to_owned(),
            want: "string".to_owned(),
        })
}

fn flag<'b, 'v>(flag: bool) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(flag)))
}

fn owned<'b, 'v>(text: String) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelString::from(text)))
}

fn contains<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    flag(text(&arguments, 0)?.contains(text(&arguments, 1)?))
}

fn starts_with<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    flag(text(&arguments, 0)?.starts_with(text(&arguments, 1)?))
}

fn ends_with<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    flag(text(&arguments, 0)?.ends_with(text(&arguments, 1)?))
}

fn lower<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    owned(text(&arguments, 0)?.to_ascii_lowercase())
}

fn upper<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    owned(text(&arguments, 0)?.to_ascii_uppercase())
}

fn trim<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    owned(text(&arguments, 0)?.trim().to_owned())
}

fn size<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let Some(of) = arguments.first() else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    let count = match (
        of.downcast_ref::<CelString<'_>>(),
        of.downcast_ref::<CelBytes<'_>>(),
    ) {
        (Some(text), _) => text.inner().chars().count(),
        (_, Some(bytes)) => bytes.inner().len(),
        _ => match of.as_sizer() {
            Some(sizer) => return Ok(CowVal::owned(sizer.size())),
            None => return Err(ExecutionError::missing_argument_or_target()),
        },
    };
    Ok(CowVal::owned(CelInt::from(
        i64::try_from(count).unwrap_or(i64::MAX),
    )))
}

fn split<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (whole, by) = (text(&arguments, 0)?, text(&arguments, 1)?);
    let part = |part: &str| Box::new(CelString::from(part.to_owned())) as Box<dyn Val>;
    let parts: Vec<Box<dyn Val>> = match by {
        "" => whole
            .chars()
            .map(|c| part(c.encode_utf8(&mut [0; 4])))
            .collect(),
        by => whole.split(by).map(part).collect(),
    };
    Ok(CowVal::owned(CelList::from(parts)))
}

fn join<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let by = if arguments.len() > 1 {
        text(&arguments, 1)?
    } else {
        ""
    };
    let rows = arguments.first().and_then(|list| list.as_iterable());
    let mut rows = rows
        .ok_or_else(ExecutionError::missing_argument_or_target)?
        .iter();
    let mut whole = String::new();
    let mut first = true;
    while let Some(row) = rows.next() {
        if !std::mem::take(&mut first) {
            whole.push_str(by);
        }
        whole.push_str(word(row)?);
    }
    owned(whole)
}

#[cfg(test)]
mod tests;
