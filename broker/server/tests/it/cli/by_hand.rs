//! The page "Set up a sign-in by hand", run as it stands.

use std::os::unix::fs::symlink;

use super::{Installation, PROGRAM, UPSTREAM_SECRET};

const PAGE: &str = include_str!("../../../../../docs/src/how-to/set-up-by-hand.md");

/// The fenced blocks of the page, each with its language.
fn blocks() -> Vec<(&'static str, String)> {
    let mut blocks = Vec::new();
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language, body.join("\n")));
        }
    }
    blocks
}

/// What stays the same from one run to the next: the text, but for ids and numbers of migrations.
fn shape(text: &str) -> Vec<String> {
    let varies = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        word.len() == 36 && word.matches('-').count() == 4 || digits >= 4
    };
    let of_line = |line: &str| {
        let words = line.split_whitespace().filter(|word| *word != "-");
        let words = words.map(|word| if varies(word) { "*" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    text.trim_end().lines().map(of_line).collect()
}

#[test]
fn the_page_set_up_by_hand_is_true_to_the_letter() {
    let here = Installation { folder: tempfile::TempDir::new().unwrap() };
    symlink(PROGRAM, here.path("symbolon")).unwrap();
    here.write("upstream.secret", UPSTREAM_SECRET);
    let path = format!("{}:/usr/bin:/bin", here.path("").display());
    let (mut said, mut compared) = (String::new(), 0);
    for (language, body) in blocks() {
        match language {
            "toml" => here.write("symbolon.toml", &body),
            "json" => here.write("rules.json", &body),
            "sh" => {
                let mut shell = here.command("/bin/sh");
                shell.args(["-eu", "-c", &body]).env("PATH", &path);
                let run = Installation::finish(shell, "");
                assert_eq!(run.status, 0, "{body}\n{}", run.stderr);
                said = run.stdout;
            }
            "text" => {
                assert_eq!(shape(&said), shape(&body), "the page shows:\n{body}\nseen:\n{said}");
                compared += 1;
            }
            other => panic!("a block of {other}: say what it is"),
        }
    }
    assert!(compared >= 8, "the page shows too little");
    assert!(here.ok("mapping list contoso work").contains("first rules"));
    assert_eq!(here.read("wiki.secret").len(), 43);
}
