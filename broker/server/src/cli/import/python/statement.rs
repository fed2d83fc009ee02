//! Which names a line sets. Where only running the file would tell to what, it is said so.

use super::literal;
use super::token::{Line, Token};
use super::{Assignment, NotLiteral, PythonFile};

/// Words that open a block, which may stand on the same line.
const BLOCKS: [&str; 12] = [
    "if", "elif", "else", "for", "while", "with", "try", "except", "finally", "def", "class",
    "async",
];

/// Calls that can set names without naming them.
const HIDDEN: [&str; 5] = ["globals", "locals", "vars", "exec", "eval"];

/// Adds what a logical line sets.
pub(super) fn read_line(line: &Line, file: &mut PythonFile) {
    let opens_block =
        BLOCKS.iter().any(|word| line.tokens.first().is_some_and(|t| t.is_name(word)));
    let mut reader = Statement { line: line.number, in_block: line.indented || opens_block, file };
    let hidden = line.tokens.windows(2).any(|pair| match pair {
        [Token::Name(name), next] => HIDDEN.contains(&name.as_str()) && next.is("("),
        _ => false,
    });
    if hidden {
        reader.file.unseen.push(line.number);
    }
    let (mut depth, mut in_head) = (0_i32, opens_block);
    let parts = line.tokens.split(|token| {
        depth += step(token);
        // What follows the head of a block is a statement too.
        let ends_head = in_head && depth == 0 && token.is(":");
        in_head &= !ends_head;
        ends_head || (depth == 0 && token.is(";"))
    });
    for part in parts {
        reader.read(part);
    }
}

/// How a token changes the depth of brackets.
fn step(token: &Token) -> i32 {
    if ["(", "[", "{"].iter().any(|open| token.is(open)) {
        1
    } else if [")", "]", "}"].iter().any(|close| token.is(close)) {
        -1
    } else {
        0
    }
}

struct Statement<'a> {
    line: usize,
    in_block: bool,
    file: &'a mut PythonFile,
}

impl Statement<'_> {
    fn read(&mut self, tokens: &[Token]) {
        for pair in tokens.windows(2) {
            if let [Token::Name(name), walrus] = pair
                && walrus.is(":=")
            {
                self.unknown(name, NotLiteral::Expression);
            }
        }
        let Some(first) = tokens.first() else { return };
        if BLOCKS.iter().any(|word| first.is_name(word)) {
            self.head(tokens);
        }
        if first.is_name("import") || first.is_name("from") {
            self.import(tokens);
            return;
        }
        if first.is_name("del") {
            self.all(tokens, NotLiteral::Deleted);
            return;
        }
        let mut depth = 0_i32;
        let parts = tokens.split(|token| {
            depth += step(token);
            depth == 0 && token.is("=")
        });
        let parts: Vec<&[Token]> = parts.collect();
        match parts.split_last() {
            Some((value, targets)) if !targets.is_empty() => {
                for target in targets {
                    self.assign(target, value);
                }
            }
            _ => self.change(tokens),
        }
    }

    /// `NAME = value`, `NAME: kind = value`; any other target is only known to be changed.
    fn assign(&mut self, target: &[Token], value: &[Token]) {
        match target {
            [Token::Name(name)] => self.set(name, literal::read(value)),
            [Token::Name(name), colon, ..] if colon.is(":") => self.set(name, literal::read(value)),
            other => self.all(other, NotLiteral::Changed),
        }
    }

    /// `NAME += ..`, `NAME.append(..)`, `NAME[..] += ..`: whatever it does, the value is no longer known.
    fn change(&mut self, tokens: &[Token]) {
        if let [Token::Name(name), Token::Operator(next), ..] = tokens
            && (matches!(next.as_str(), "." | "[") || is_in_place(next))
        {
            self.unknown(name, NotLiteral::Changed);
        }
    }

    /// `for NAME in`, `with .. as NAME`, `def NAME`, `class NAME`.
    fn head(&mut self, tokens: &[Token]) {
        let mut binds = false;
        for token in tokens {
            match token {
                Token::Name(word) if ["for", "as", "def", "class"].contains(&word.as_str()) => {
                    binds = true;
                }
                Token::Name(word) if word == "in" => binds = false,
                Token::Name(name) if binds => self.unknown(name, NotLiteral::Block),
                token if token.is("(") => binds = false,
                _ => {}
            }
        }
    }

    fn import(&mut self, tokens: &[Token]) {
        if tokens.last().is_some_and(|last| last.is("*")) {
            self.file.unseen.push(self.line);
        }
        let names = tokens.iter().skip_while(|token| !token.is_name("import")).skip(1);
        for name in names {
            if let Token::Name(name) = name {
                self.unknown(name, NotLiteral::Imported);
            }
        }
    }

    fn all(&mut self, tokens: &[Token], why: NotLiteral) {
        for token in tokens {
            if let Token::Name(name) = token {
                self.unknown(name, why);
            }
        }
    }

    fn unknown(&mut self, name: &str, why: NotLiteral) {
        self.set(name, Err(why));
    }

    fn set(&mut self, name: &str, value: Result<literal::Literal, NotLiteral>) {
        let value = if self.in_block { Err(NotLiteral::Block) } else { value };
        let of_name = self.file.assignments.entry(name.to_owned()).or_default();
        of_name.push(Assignment { line: self.line, value });
    }
}

fn is_in_place(operator: &str) -> bool {
    operator.len() > 1 && operator.ends_with('=') && !["==", "!=", "<=", ">="].contains(&operator)
}
