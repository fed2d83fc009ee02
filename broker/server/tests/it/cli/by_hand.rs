//! The page "Set up a sign-in by hand", and the program's commands on the how-tos for applications, run as they stand.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::{CREATE_CONNECTOR, Installation, PROGRAM, UPSTREAM_SECRET};
use crate::how_to::{Block, DEVICE, REGISTRATION, blocks};

const BY_HAND: &str = include_str!("../../../../../docs/src/how-to/set-up-by-hand.md");
const END_SESSIONS: &str = include_str!("../../../../../docs/src/how-to/end-sessions.md");

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

/// What a shell says to the commands of a block.
fn run(here: &Installation, body: &str) -> String {
    let mut shell = here.command("/bin/sh");
    let path = format!("{}:/usr/bin:/bin", here.path("").display());
    shell.args(["-eu", "-c", body]).env("PATH", path);
    let run = Installation::finish(shell, "");
    assert_eq!(run.status, 0, "{body}\n{}", run.stderr);
    run.stdout
}

fn assert_shown(body: &str, said: &str) {
    assert_eq!(shape(said), shape(body), "the page shows:\n{body}\nseen:\n{said}");
}

#[test]
fn the_page_set_up_by_hand_is_true_to_the_letter() {
    let here = Installation { folder: tempfile::TempDir::new().unwrap() };
    symlink(PROGRAM, here.path("symbolon")).unwrap();
    here.write("upstream.secret", UPSTREAM_SECRET);
    let (mut said, mut compared) = (String::new(), 0);
    for Block { language, body, .. } in blocks(BY_HAND) {
        match language {
            "toml" => here.write("symbolon.toml", &body),
            "json" => here.write("rules.json", &body),
            "sh" => said = run(&here, &body),
            "text" => {
                assert_shown(&body, &said);
                compared += 1;
            }
            other => panic!("a block of {other}: say what it is"),
        }
    }
    assert!(compared >= 8, "the page shows too little");
    assert!(here.ok("mapping list contoso work").contains("first rules"));
    assert_eq!(here.read("wiki.secret").len(), 43);
}

#[test]
fn the_programs_commands_on_the_how_tos_for_applications_work_as_shown() {
    let here = Installation::with_tenant();
    here.ok(CREATE_CONNECTOR);
    let wiki = "application create contoso wiki --secret-out wiki.secret";
    here.ok(&format!("{wiki} --redirect-uri https://wiki.contoso.example/callback"));
    here.write("symbolon", &format!("#!/bin/sh\nexec {PROGRAM} --config symbolon.toml \"$@\"\n"));
    set_permissions(here.path("symbolon"), Permissions::from_mode(0o700)).unwrap();
    // Commands about a person who exists, and those that need `jq`, are left to the reader.
    let runs = |body: &str| {
        body.starts_with("symbolon ") && !body.contains("01990000") && !body.contains("jq ")
    };
    let all = [DEVICE, REGISTRATION, END_SESSIONS].into_iter().flat_map(blocks);
    let (mut said, mut ran) = (String::new(), 0);
    for Block { language, body, .. } in all {
        match language {
            "sh" if runs(&body) => {
                said = run(&here, &body);
                ran += 1;
            }
            "text" => assert_shown(&body, &said),
            _ => {}
        }
    }
    assert_eq!(ran, 7, "the pages show too little");
    assert!(here.read("onboarding.key").starts_with("symkey_"));
}
