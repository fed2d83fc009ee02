//! CEL, the only place that knows the crate `cel`: parsing under limits, and the answers of an expression.
//!
//! `tree` the syntax tree as bytes · `names` what an expression speaks of, and which of it exists · `values` the
//! sign-in as CEL sees it · `evaluate` an answer and its troubles · `matches` regular expressions · `quick` the functions of everyday.
//! Syntax trees come from the crate's Pratt parser, which it hides from its documentation: the ANTLR one needs
//! a millisecond to start. A test holds both to the same trees.

mod evaluate;
mod matches;
mod names;
mod quick;
mod tree;
mod values;

use ::cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use ::cel::parser::PrattParser;

pub(crate) use evaluate::{Evaluator, Trouble};
pub(crate) use names::Names;
pub(crate) use values::Login;

/// Characters of one expression (WP-105).
pub const MAX_LENGTH: usize = 2_048;
/// Nodes of one syntax tree, macros expanded (WP-110).
pub const MAX_NODES: usize = 2_000;
/// Nesting that a person may write (WP-110).
pub const MAX_NESTING: u16 = 64;
/// Levels of the tree: long sums and expanded macros are deeper than what is written.
pub const MAX_LEVELS: usize = 100;

/// An expression that has been parsed, or read back from bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    tree: IdedExpr,
    libraries: Libraries,
    uses_groups: bool,
}

/// Which parts of CEL's library an expression needs: registering all of it costs more than most expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Libraries(pub(crate) u16);

impl Libraries {
    pub(crate) const STANDARD: Self = Self(1);
    pub(crate) const STRINGS: Self = Self(2);
    pub(crate) const LISTS: Self = Self(4);
    pub(crate) const ENCODERS: Self = Self(8);
    pub(crate) const MATCHES: Self = Self(16);
    /// Parts of `STANDARD`.
    pub(crate) const TEXTS: Self = Self(32);
    pub(crate) const SIZES: Self = Self(64);
    /// Parts of `STRINGS`.
    pub(crate) const LETTERS: Self = Self(128);
    pub(crate) const PARTS: Self = Self(256);

    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Expression {
    /// Parses an expression and looks up every name in it.
    ///
    /// # Errors
    /// Everything that is wrong with it, each as a sentence for the admin.
    pub fn parse(source: &str) -> Result<Self, Vec<String>> {
        Self::with_names(source).map(|(expression, _)| expression)
    }

    pub(crate) fn with_names(source: &str) -> Result<(Self, Names), Vec<String>> {
        if source.trim().is_empty() {
            return Err(vec!["is empty".to_owned()]);
        }
        let length = source.chars().count();
        if length > MAX_LENGTH {
            return Err(vec![format!(
                "has {length} characters, at most {MAX_LENGTH} are allowed"
            )]);
        }
        if brackets(source) > usize::from(MAX_NESTING) {
            return Err(vec![too_deep()]);
        }
        let mut tree = PrattParser::new()
            .max_recursion_depth(MAX_NESTING)
            .max_expression_node_count(MAX_NODES)
            .error_reporting_limit(5)
            .parse(source)
            .map_err(|errors| readable(&errors))?;
        tree::measure(&tree)?;
        let names = Names::of(&tree);
        if !names.problems.is_empty() {
            return Err(names.problems);
        }
        made_for_us(&mut tree);
        let expression = Self {
            tree,
            libraries: names.libraries,
            uses_groups: names.variables.contains("groups"),
        };
        Ok((expression, names))
    }

    /// Whether the answer depends on the whole list of groups.
    #[must_use]
    pub fn uses_groups(&self) -> bool {
        self.uses_groups
    }

    pub(crate) fn libraries(&self) -> Libraries {
        self.libraries
    }
}

fn too_deep() -> String {
    format!("is nested too deeply: at most {MAX_NESTING} levels are allowed")
}

/// How deep brackets are nested, also those in texts. The parser counts calls, lists and maps, but goes down
/// any number of plain brackets.
fn brackets(source: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

fn readable(errors: &::cel::ParseErrors) -> Vec<String> {
    if errors
        .errors
        .iter()
        .any(|error| error.msg.contains("recursion limit"))
    {
        return vec![too_deep()];
    }
    let line = |error: &::cel::ParseError| {
        let (line, column) = error.pos;
        let message = error.msg.strip_prefix("Syntax error: ");
        let message = message.unwrap_or(&error.msg);
        if line > 0 {
            format!("line {line}, column {column}: {message}")
        } else {
            message.to_owned()
        }
    };
    errors.errors.iter().take(5).map(line).collect()
}

/// The same expression, in a form that the crate answers rightly and quickly.
fn made_for_us(node: &mut IdedExpr) {
    match &mut node.expr {
        // It asks the left side whether it equals the right one, and its own maps do not know ours.
        Expr::Call(call)
            if call.func_name == operators::EQUALS || call.func_name == operators::NOT_EQUALS =>
        {
            if let [left, right] = call.args.as_mut_slice()
                && matches!(left.expr, Expr::Map(_))
            {
                std::mem::swap(left, right);
            }
        }
        // It looks for a variable called `claims.x` first. There is none.
        Expr::Select(select)
            if !select.test
                && matches!(&select.operand.expr, Expr::Ident(name) if name == "claims") =>
        {
            let field = LiteralValue::String(std::mem::take(&mut select.field).into());
            let field = IdedExpr {
                id: 0,
                expr: Expr::Literal(field),
            };
            node.expr = Expr::Call(CallExpr {
                func_name: operators::INDEX.to_owned(),
                target: None,
                args: vec![std::mem::take(select.operand.as_mut()), field],
            });
        }
        _ => {}
    }
    tree::for_each_child(node, &mut made_for_us);
}

#[cfg(test)]
mod tests;
