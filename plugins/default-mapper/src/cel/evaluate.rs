//! An expression's answer about one sign-in, and its troubles in words that hold no claim of the person.

use std::sync::Arc;

use ::cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelOptional, CelString, CelUInt, Kind,
};
use ::cel::common::value::{CowVal, Val};
use ::cel::{Context, DeclarationError, Env, ExecutionError, Value, extensions};

use super::{Expression, Libraries, Login, matches, quick, tree};
use crate::claims::decimal;
use crate::text::one_line;

/// Answers expressions about one sign-in.
pub(crate) struct Evaluator<'l> {
    context: Context<'l, 'l>,
}

/// Why there is no answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Trouble {
    /// A claim, key or element is not there.
    Missing(String),
    /// Anything else: the types do not fit, a number is too large.
    Other(String),
}

impl Trouble {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Missing(text) | Self::Other(text) => text,
        }
    }
}

impl<'l> Evaluator<'l> {
    /// With the libraries that the expressions need.
    pub(crate) fn new(login: &'l Login<'_>, libraries: Libraries) -> Result<Self, Trouble> {
        let env = environment(libraries).map_err(|error| Trouble::Other(error.to_string()))?;
        let mut context = Context::with_env(Arc::new(env));
        context.set_variable_resolver(login);
        Ok(Self { context })
    }

    fn answer<'e>(&'e self, expression: &'e Expression) -> Result<CowVal<'e, 'l>, Trouble> {
        Value::resolve_val(&expression.tree, &self.context)
            .map_err(|error| trouble(error, expression))
    }

    /// The values of a field: empty when absent (WP-103).
    pub(crate) fn values(&self, expression: &Expression) -> Result<Vec<String>, Trouble> {
        Ok(values(self.answer(expression)?.as_ref()))
    }

    /// A condition.
    pub(crate) fn truth(&self, expression: &Expression) -> Result<bool, Trouble> {
        let answer = self.answer(expression)?;
        match answer.downcast_ref::<CelBool>() {
            Some(flag) => Ok(*flag.inner()),
            None => Err(Trouble::Other(format!(
                "the condition gives {}, not true or false",
                answer.get_type().name()
            ))),
        }
    }
}

fn environment(libraries: Libraries) -> Result<Env, DeclarationError> {
    let standard = libraries.has(Libraries::STANDARD);
    let strings = libraries.has(Libraries::STRINGS);
    let mut env = Env::default().with_optional_support(standard);
    if standard {
        env = env.with_stdlib();
    }
    type Part = fn(&mut Env) -> Result<(), DeclarationError>;
    let parts: [(bool, Libraries, Part); 8] = [
        (true, Libraries::STRINGS, extensions::strings),
        (true, Libraries::LISTS, extensions::lists),
        (true, Libraries::ENCODERS, extensions::encoders),
        (true, Libraries::MATCHES, matches::extension),
        (!standard, Libraries::TEXTS, quick::texts),
        (!standard, Libraries::SIZES, quick::sizes),
        (!strings, Libraries::LETTERS, quick::letters),
        (!strings, Libraries::PARTS, quick::lists),
    ];
    for (wanted, library, add) in parts {
        if wanted && libraries.has(library) {
            add(&mut env)?;
        }
    }
    Ok(env)
}

fn values(answer: &dyn Val) -> Vec<String> {
    if let Some(optional) = answer.downcast_ref::<CelOptional<'_>>() {
        return optional.option().map(values).unwrap_or_default();
    }
    match answer.downcast_ref::<CelList<'_>>() {
        Some(rows) => rows
            .inner()
            .iter()
            .filter_map(|row| scalar(row.as_ref()))
            .collect(),
        None => scalar(answer).into_iter().collect(),
    }
}

/// As table rows do it: null, maps and lists in lists are no value.
fn scalar(value: &dyn Val) -> Option<String> {
    match value.get_type().kind() {
        Kind::String => {
            let text = one_line(value.downcast_ref::<CelString<'_>>()?.inner());
            Some(text).filter(|text| !text.is_empty())
        }
        Kind::Int => Some(value.downcast_ref::<CelInt>()?.inner().to_string()),
        Kind::UInt => Some(value.downcast_ref::<CelUInt>()?.inner().to_string()),
        Kind::Double => Some(decimal(*value.downcast_ref::<CelDouble>()?.inner())),
        Kind::Boolean => Some(value.downcast_ref::<CelBool>()?.inner().to_string()),
        _ => None,
    }
}

/// The crate's own texts quote values, which are a person's claims.
fn trouble(error: ExecutionError, expression: &Expression) -> Trouble {
    let other = |text: &str| Trouble::Other(text.to_owned());
    match error {
        // A key that is not written in the expression came out of a claim.
        ExecutionError::NoSuchKey(key) if tree::mentions(&expression.tree, &key) => {
            Trouble::Missing(format!("`{key}` is not there"))
        }
        ExecutionError::NoSuchKey(_) => Trouble::Missing("a key is not there".to_owned()),
        ExecutionError::IndexOutOfBounds(_) => Trouble::Missing("the list is too short".to_owned()),
        ExecutionError::NoSuchOverload(overload) => Trouble::Other(overload.to_string()),
        ExecutionError::UnexpectedType { got, want } => {
            Trouble::Other(format!("found {got} where {want} is needed"))
        }
        ExecutionError::UndeclaredReference(name) => {
            Trouble::Other(format!("unknown name `{name}`"))
        }
        ExecutionError::FunctionError { function, .. } => {
            Trouble::Other(format!("`{function}` cannot answer for this value"))
        }
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            other("a division by zero")
        }
        ExecutionError::Overflow(..) => other("a number is too large"),
        ExecutionError::DuplicateKey(_) => other("a map has the same key twice"),
        _ => other("the types do not fit each other"),
    }
}
