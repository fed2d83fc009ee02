//! What an expression speaks of: variables, functions, claims. CEL's crate has no type checker (WP-112).

use std::collections::BTreeSet;

use ::cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::{Libraries, tree};

/// The variables of an expression.
const VARIABLES: [&str; 7] = [
    "claims",
    "attributes",
    "groups",
    "groups_complete",
    "connector",
    "kind",
    "now",
];

/// `type(x) == string`.
const TYPES: [&str; 11] = [
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "null_type",
    "type",
    "optional_type",
];

/// Functions called as `f(x)`.
const FUNCTIONS: [(&str, Libraries); 11] = [
    ("size", Libraries::SIZES),
    ("string", Libraries::STANDARD),
    ("int", Libraries::STANDARD),
    ("uint", Libraries::STANDARD),
    ("double", Libraries::STANDARD),
    ("bool", Libraries::STANDARD),
    ("bytes", Libraries::STANDARD),
    ("dyn", Libraries::STANDARD),
    ("type", Libraries::STANDARD),
    ("matches", Libraries::MATCHES),
    ("@not_strictly_false", Libraries(0)),
];

/// Functions called as `x.f(y)`.
const METHODS: [(&str, Libraries); 28] = [
    ("size", Libraries::SIZES),
    ("contains", Libraries::TEXTS),
    ("startsWith", Libraries::TEXTS),
    ("endsWith", Libraries::TEXTS),
    ("hasValue", Libraries::STANDARD),
    ("value", Libraries::STANDARD),
    ("or", Libraries::STANDARD),
    ("orValue", Libraries::STANDARD),
    ("matches", Libraries::MATCHES),
    ("charAt", Libraries::STRINGS),
    ("indexOf", Libraries::STRINGS),
    ("lastIndexOf", Libraries::STRINGS),
    ("join", Libraries::PARTS),
    ("lowerAscii", Libraries::LETTERS),
    ("upperAscii", Libraries::LETTERS),
    ("trim", Libraries::LETTERS),
    ("replace", Libraries::STRINGS),
    ("split", Libraries::PARTS),
    ("substring", Libraries::STRINGS),
    ("format", Libraries::STRINGS),
    ("slice", Libraries::LISTS),
    ("flatten", Libraries::LISTS),
    ("distinct", Libraries::LISTS),
    ("sort", Libraries::LISTS),
    (
        "reverse",
        Libraries(Libraries::STRINGS.0 | Libraries::LISTS.0),
    ),
    ("of", Libraries::STANDARD),
    ("none", Libraries::STANDARD),
    ("ofNonZeroValue", Libraries::STANDARD),
];

/// Functions with a dot in their name.
const QUALIFIED: [(&str, &str, Libraries); 7] = [
    ("optional", "of", Libraries::STANDARD),
    ("optional", "none", Libraries::STANDARD),
    ("optional", "ofNonZeroValue", Libraries::STANDARD),
    ("strings", "quote", Libraries::STRINGS),
    ("lists", "range", Libraries::LISTS),
    ("base64", "encode", Libraries::ENCODERS),
    ("base64", "decode", Libraries::ENCODERS),
];

/// What was found in one expression.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Ours, as far as they are used.
    pub(crate) variables: BTreeSet<String>,
    /// `claims.x` and `claims['x']`.
    pub(crate) claims: BTreeSet<String>,
    pub(crate) libraries: Libraries,
    /// What does not exist.
    pub(crate) problems: Vec<String>,
}

impl Names {
    pub(crate) fn of(tree: &IdedExpr) -> Self {
        let mut names = Self::default();
        names.walk(tree, &mut Vec::new());
        names
    }

    fn walk<'t>(&mut self, node: &'t IdedExpr, scope: &mut Vec<&'t str>) {
        match &node.expr {
            Expr::Ident(name) => self.variable(name, scope),
            Expr::Call(call) => return self.call(call, scope),
            Expr::Select(select) if is_claims(&select.operand, scope) => {
                self.claims.insert(select.field.clone());
            }
            Expr::Comprehension(one) => {
                self.walk(&one.iter_range, scope);
                self.walk(&one.accu_init, scope);
                if iterates_a_map(&one.iter_range) {
                    let why = "goes through a map written out in the expression; its order is not defined: go through \
                               a list";
                    self.problem(why.to_owned());
                }
                let outside = scope.len();
                scope.extend([one.iter_var.as_str(), &one.accu_var]);
                scope.extend(one.iter_var2.as_deref());
                for part in [&one.loop_cond, &one.loop_step, &one.result] {
                    self.walk(part, scope);
                }
                scope.truncate(outside);
                return;
            }
            _ => {}
        }
        for child in tree::children(node) {
            self.walk(child, scope);
        }
    }

    fn variable(&mut self, name: &str, scope: &[&str]) {
        if scope.contains(&name) {
            return;
        }
        if VARIABLES.contains(&name) {
            self.variables.insert(name.to_owned());
        } else if TYPES.contains(&name) {
            self.libraries.add(Libraries::STANDARD);
        } else {
            let hint = match name {
                "assertion" | "attribute" | "user" | "token" | "claim" => {
                    "; the claims are in `claims`"
                }
                "group" | "roles" => "; the groups are in `groups`, app roles in `claims.roles`",
                _ => "",
            };
            self.problem(format!(
                "unknown variable `{name}`{hint}; known are {}",
                VARIABLES.join(", ")
            ));
        }
    }

    fn call<'t>(&mut self, call: &'t CallExpr, scope: &mut Vec<&'t str>) {
        let name = call.func_name.as_str();
        let qualified = call
            .target
            .as_deref()
            .and_then(|target| match &target.expr {
                Expr::Ident(before) if !scope.contains(&before.as_str()) => Some(before.as_str()),
                _ => None,
            });
        let known = |(before, function, _): &&(&str, &str, _)| {
            qualified == Some(before) && *function == name
        };
        if let Some((_, _, library)) = QUALIFIED.iter().find(known) {
            self.libraries.add(*library);
        } else {
            self.function(name, call.target.is_some());
            if name == "split" && call.args.len() > 1 {
                self.libraries.add(Libraries::STRINGS);
            }
            if let Some(target) = &call.target {
                self.walk(target, scope);
            }
        }
        if let ("_[_]", [of, index]) = (name, call.args.as_slice())
            && is_claims(of, scope)
            && let Expr::Literal(LiteralValue::String(claim)) = &index.expr
        {
            self.claims.insert(claim.inner().to_owned());
        }
        if name == "matches"
            && let Some(Expr::Literal(LiteralValue::String(pattern))) =
                call.args.last().map(|last| &last.expr)
            && let Err(why) = super::matches::compile(pattern.inner())
        {
            self.problem(why);
        }
        for argument in &call.args {
            self.walk(argument, scope);
        }
    }

    fn function(&mut self, name: &str, is_method: bool) {
        if !is_method && is_operator(name) {
            return;
        }
        let known: &[(&str, Libraries)] = if is_method { &METHODS } else { &FUNCTIONS };
        match known.iter().find(|(known, _)| *known == name) {
            Some((_, library)) => self.libraries.add(*library),
            None => {
                let other: &[(&str, Libraries)] = if is_method { &FUNCTIONS } else { &METHODS };
                let hint = match other.iter().any(|(known, _)| *known == name) {
                    true if is_method => format!("; write {name}(x)"),
                    true => format!("; write x.{name}(...)"),
                    false => String::new(),
                };
                self.problem(format!("unknown function `{name}`{hint}"));
            }
        }
    }

    fn problem(&mut self, what: String) {
        if !self.problems.contains(&what) && self.problems.len() < 10 {
            self.problems.push(what);
        }
    }
}

fn is_claims(node: &IdedExpr, scope: &[&str]) -> bool {
    matches!(&node.expr, Expr::Ident(name) if name == "claims" && !scope.contains(&"claims"))
}

fn is_operator(name: &str) -> bool {
    [
        operators::CONDITIONAL,
        operators::LOGICAL_AND,
        operators::LOGICAL_OR,
        operators::LOGICAL_NOT,
        operators::SUBSTRACT,
        operators::ADD,
        operators::MULTIPLY,
        operators::DIVIDE,
        operators::MODULO,
        operators::EQUALS,
        operators::NOT_EQUALS,
        operators::GREATER_EQUALS,
        operators::LESS_EQUALS,
        operators::GREATER,
        operators::LESS,
        operators::NEGATE,
        operators::INDEX,
        operators::IN,
    ]
    .contains(&name)
}

/// The crate's maps have no order; a list that comes of one would differ from run to run. What a map is indexed
/// to is no map any more.
fn iterates_a_map(node: &IdedExpr) -> bool {
    match &node.expr {
        Expr::Map(_) => true,
        Expr::Call(call) if call.func_name == operators::INDEX => {
            call.args.iter().skip(1).any(iterates_a_map)
                || call.args.first().is_some_and(|of| match &of.expr {
                    Expr::Map(_) => tree::children(of).into_iter().any(iterates_a_map),
                    _ => iterates_a_map(of),
                })
        }
        _ => tree::children(node).into_iter().any(iterates_a_map),
    }
}
