//! Every form of a literal, everything that is none, and any text at all.

use proptest::prelude::*;

use super::*;

fn value(text: &str) -> Result<Literal, NotLiteral> {
    let file = PythonFile::read(text).unwrap();
    file.last("X").expect("X is set").value.clone()
}

fn text(source: &str) -> String {
    match value(&format!("X = {source}")) {
        Ok(Literal::Text(text)) => text,
        other => panic!("{source}: {other:?}"),
    }
}

fn lines(file: &PythonFile, name: &str) -> Vec<usize> {
    file.assignments[name].iter().map(|one| one.line).collect()
}

#[test]
fn feat_b11_strings_of_every_form_are_read_as_python_reads_them() {
    for (source, expected) in [
        ("'a'", "a"),
        ("\"it's\"", "it's"),
        ("''", ""),
        ("'''a\n'b''c'''", "a\n'b''c"),
        ("\"\"\"\"a\"\"\"", "\"a"),
        ("r'\\d\\''", "\\d\\'"),
        ("u'\\u00e9\\x41\\101\\0'", "\u{e9}AA\0"),
        ("'\\U0001F600\\q\\n'", "\u{1f600}\\q\n"),
        ("'a\\\nb'", "ab"),
        ("'a' \"b\" '''c'''", "abc"),
        ("('a'\n     'b'  # why\n    )", "ab"),
        ("'a' \\\n 'b'", "ab"),
        ("'a # b; c = d'", "a # b; c = d"),
        ("'\u{e9}\u{4e2d}'", "\u{e9}\u{4e2d}"),
        ("(('a'))", "a"),
    ] {
        assert_eq!(text(source), expected, "{source}");
    }
    assert_eq!(value("X = b'a\\xff' rb'\\n'"), Ok(Literal::Bytes(b"a\xff\\n".to_vec())));
}

#[test]
fn feat_b11_other_literals_are_read_as_python_reads_them() {
    let a = || Literal::Text("a".into());
    for (source, expected) in [
        ("True", Literal::Bool(true)),
        ("None", Literal::Nothing),
        ("-1_000", Literal::Number("-1_000".into())),
        ("0x_fF", Literal::Number("0x_fF".into())),
        ("1.5e-3", Literal::Number("1.5e-3".into())),
        ("()", Literal::Tuple(vec![])),
        ("'a',", Literal::Tuple(vec![a()])),
        ("'a', 'a'", Literal::Tuple(vec![a(), a()])),
        ("('a',)", Literal::Tuple(vec![a()])),
        ("[\n  'a',  # one\n  'a',\n]", Literal::List(vec![a(), a()])),
        (
            "{'a': {}, 1: None}",
            Literal::Dict(vec![
                (a(), Literal::Dict(vec![])),
                (Literal::Number("1".into()), Literal::Nothing),
            ]),
        ),
    ] {
        assert_eq!(value(&format!("X = {source}")), Ok(expected), "{source}");
    }
    for source in ["X: str = 'a'", "Y = X = 'a'", "Y = 1; X = 'a'", "\u{feff}X = 'a'\r\nY = 2\r\n"]
    {
        assert_eq!(value(source), Ok(a()), "{source}");
    }
}

#[test]
fn feat_b11_what_would_have_to_be_run_is_never_guessed() {
    use NotLiteral::{Block, Changed, Deleted, Escape, Expression, Formatted, Imported};
    for (source, why) in [
        ("X = os.environ['X']", Expression),
        ("X = os.environ.get('X', 'default')", Expression),
        ("X = environ.get('X') or 'default'", Expression),
        ("X = 'a' + 'b'", Expression),
        ("X = 'a'.strip()", Expression),
        ("X = 'a' if Y else 'b'", Expression),
        ("X = 'a' % 1", Expression),
        ("X = 'a' b'b'", Expression),
        ("X = ['a', Y]", Expression),
        ("X = [*Y]", Expression),
        ("X = {'a'}", Expression),
        ("X = {'a': 1, **Y}", Expression),
        ("X = (,)", Expression),
        ("X = 01", Expression),
        ("X = 1if 1 else 2", Expression),
        ("X = inf", Expression),
        ("X =", Expression),
        ("X = --1", Expression),
        ("(X := 'a')", Expression),
        ("X = lambda a='b': a", Expression),
        ("X = f'{Y}'", Formatted),
        ("X = 'a' rf'b'", Formatted),
        ("X = '\\N{DIGIT ONE}'", Escape),
        ("X = '\\ud800'", Escape),
        ("X = '\\x4'", Escape),
        ("X = b'\u{e9}'", Escape),
        ("if Y:\n    X = 'a'", Block),
        ("if Y: X = 'a'", Block),
        ("if Y: X: str = 'a'", Block),
        ("try:\n\tfrom y import X\nexcept E:\n\tpass", Block),
        ("X = 'a'\nfor Y, X in Z: pass", Block),
        ("with y() as X:\n  pass", Block),
        ("X = 'a'\ndef X(): pass", Block),
        ("X = 'a'\nX += 'b'", Changed),
        ("X = []\nX.append('b')", Changed),
        ("X = {}\nX['a'] = 'b'", Changed),
        ("X = {}\nX['a']['b'] += 'b'", Changed),
        ("X, Y = 'a', 'b'", Changed),
        ("(X) = 'a'", Changed),
        ("from y import (\n  Z, X,\n)", Imported),
        ("import y as X", Imported),
        ("X = 'a'\ndel X", Deleted),
    ] {
        assert_eq!(value(source), Err(why), "{source}");
    }
}

#[test]
fn feat_b11_only_assignments_of_the_module_count() {
    let file = PythonFile::read(
        "'''\nX = 'in a docstring'\n'''\n# X = 'in a comment'\nf(X='an argument')\n\
         if X == 'a': pass\nX\nassert X, 'b'\n",
    )
    .unwrap();
    assert!(file.last("X").is_none(), "{file:?}");
    let file = PythonFile::read("\nX = 'a'\nif Y:\n  X = 'b'\nX = (\n'c')\nY = 1").unwrap();
    assert_eq!(lines(&file, "X"), [2, 4, 5], "the last one counts, and the others are reported");
    assert_eq!(file.last("X").unwrap().value, Ok(Literal::Text("c".into())));
    assert_eq!(file.last("Y").unwrap().line, 7);
}

#[test]
fn feat_b11_lines_that_set_names_without_naming_them_are_reported() {
    let hidden =
        "from .more import *\nglobals()['X'] = 'a'\nif Y:\n  exec(open('z').read())\nexec = 1\n";
    assert_eq!(PythonFile::read(hidden).unwrap().unseen, [1, 2, 4]);
}

#[test]
fn feat_b11_a_file_that_is_no_python_is_refused_with_its_line() {
    let read = |text: &str| PythonFile::read(text).map(|_| ()).unwrap_err();
    let deep = |brackets: usize| format!("X = {}{}", "[".repeat(brackets), "]".repeat(brackets));
    assert_eq!(read("\nX = 'a\n'"), ReadError::StringNotClosed { line: 2 });
    assert_eq!(read("X = '''a\n\n"), ReadError::StringNotClosed { line: 1 });
    assert_eq!(read("X = 'a\\"), ReadError::StringNotClosed { line: 1 });
    assert_eq!(read("X = (\n1]"), ReadError::Bracket { line: 2 });
    assert_eq!(read("\nX = (\n1"), ReadError::Bracket { line: 2 });
    assert_eq!(read("X = 1)"), ReadError::Bracket { line: 1 });
    assert_eq!(read("X = 'a\0'"), ReadError::Nul);
    assert_eq!(read(&deep(65)), ReadError::TooDeep { line: 1 });
    assert!(value(&deep(64)).is_ok());
    assert_eq!(read(&" ".repeat(LONGEST + 1)), ReadError::TooLong);
}

/// A literal as `repr` writes it.
fn printed(literal: &Literal) -> String {
    let all = |items: &[Literal]| items.iter().map(printed).collect::<Vec<_>>().join(", ");
    match literal {
        Literal::Text(text) => {
            let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
            format!(
                "'{}'",
                escaped.replace('\n', "\\n").replace('\r', "\\r").replace('\0', "\\x00")
            )
        }
        Literal::Bytes(bytes) => {
            let bytes: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("b'{bytes}'")
        }
        Literal::Number(number) => number.clone(),
        Literal::Bool(true) => "True".into(),
        Literal::Bool(false) => "False".into(),
        Literal::Nothing => "None".into(),
        Literal::List(items) => format!("[{}]", all(items)),
        Literal::Tuple(items) if items.len() == 1 => format!("({},)", all(items)),
        Literal::Tuple(items) => format!("({})", all(items)),
        Literal::Dict(pairs) => {
            let pair =
                |(key, value): &(Literal, Literal)| format!("{}: {}", printed(key), printed(value));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

fn any_literal() -> impl Strategy<Value = Literal> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Literal::Text),
        any::<Vec<u8>>().prop_map(Literal::Bytes),
        any::<i64>().prop_map(|number| Literal::Number(number.to_string())),
        any::<bool>().prop_map(Literal::Bool),
        Just(Literal::Nothing),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Literal::List),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Literal::Tuple),
            prop::collection::vec((inner.clone(), inner), 0..4).prop_map(Literal::Dict),
        ]
    })
}

proptest! {
    #[test]
    fn feat_b11_no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = PythonFile::read(&text);
    }

    #[test]
    fn feat_b11_nothing_like_python_makes_the_reader_panic(
        parts in prop::collection::vec(prop_oneof![
            "[\\\\'\"(){}\\[\\]=:;,.#\n\r \t+*-]", "[rbuft]?['\"]{1,3}", "\\\\[xuUN0-9]?[0-9a-f]{0,4}",
            "(if|from|import|del|X|True|0x|1e|:=|\u{e9})",
        ], 0..60)
    ) {
        let _ = PythonFile::read(&parts.concat());
    }

    #[test]
    fn feat_b11_a_printed_assignment_is_read_back(
        literal in any_literal(), name in "[A-Z][A-Z0-9_]{0,12}"
    ) {
        let text = format!("import os\n{name} = os.sep\n{name} = {}  # printed\n", printed(&literal));
        let file = PythonFile::read(&text).unwrap();
        prop_assert_eq!(lines(&file, &name), vec![2, 3]);
        prop_assert_eq!(&file.last(&name).unwrap().value, &Ok(literal));
    }
}
