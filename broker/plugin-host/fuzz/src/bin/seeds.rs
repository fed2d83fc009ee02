//! Writes `seeds/`: what the fuzzer starts from, made of what is committed elsewhere. Run it after the format of
//! prepared configurations or the corpus of the bundled plugin changed: `cargo run --bin seeds`.

use std::path::{Path, PathBuf};

use serde_json::Value;
use symbolon_contract::{Denial, Failure, Field, Grant, Mapping, MappingDecision};
use symbolon_default_mapper::DefaultMapper;
use symbolon_plugin_host_fuzz::answer::lay_out;
use symbolon_plugin_sdk as sdk;

/// Expressions that hurt other hosts (wasm.md section 7).
const HOSTILE: [&str; 8] = [
    "1 +",
    ".",
    "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]",
    "groups.map(a, groups.map(b, groups.map(c, groups.map(d, a + b + c + d))))",
    "[1].map(x, 'aaaaaaaaaaaaaaaa').map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x)",
    "9223372036854775807 + 1 == -9223372036854775808 - 1 || 1 / 0 == 1 % 0",
    "claims.email.matches('(a+)+$') || '\\u0000\\u202e' in groups",
];

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    uploads(here);
    decisions(here);
    configurations(here);
}

fn seed(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}

fn files(folder: PathBuf, ending: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    files.sort();
    files
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn uploads(here: &Path) {
    let mut texts = files(here.join("../tests/fixtures"), ".wat");
    texts.push(here.join("src/echo.wat"));
    for path in texts {
        let text = std::fs::read_to_string(&path).unwrap().replace("PAGES", "64");
        seed("uploaded_bytes", &stem(&path), &wat::parse_str(text).unwrap());
    }
    let dist = here.join("../../../plugins/dist");
    for name in ["default-mapper.wasm", "examples/javascript.wasm", "examples/rust.wasm"] {
        let path = dist.join(name);
        let bytes = std::fs::read(&path).unwrap();
        seed("uploaded_bytes", &format!("head-of-{}", stem(&path)), &bytes[..4096]);
        let tail = bytes.len() - 4096;
        seed("uploaded_bytes", &format!("tail-of-{}", stem(&path)), &bytes[tail..]);
    }
    seed("uploaded_bytes", "c", &std::fs::read(dist.join("examples/c.wasm")).unwrap());
    seed("uploaded_bytes", "core-module", &wat::parse_str("(module (memory 1))").unwrap());
    // The start of native code for wasmtime: ELF for 64 bits, its own system and kind.
    let mut native = b"\x7fELF\x02\x01\x01\xc8".to_vec();
    native.resize(48, 0);
    native.extend_from_slice(&[2, 0, 0, 0]);
    native.resize(128, 0);
    seed("uploaded_bytes", "precompiled", &native);
}

fn decisions(_: &Path) {
    let field = |name: &str, value: &str| Field { name: name.into(), values: vec![value.into()] };
    let grant = |role: &str| Grant { role: role.into(), because: Some("group".into()) };
    let allow = Mapping {
        fields: vec![field("email", "a@b.example"), field("metadata.x", "y")],
        grants: vec![grant("admin"), grant("viewer")],
        notes: vec!["a note".into()],
    };
    let deny = Denial { code: "no".into(), message: "Not today.".into() };
    let failure = Failure { code: "config".into(), message: "bad".into(), path: Some("/a".into()) };
    for (name, answer) in [
        ("allow", Ok(MappingDecision::Allow(allow))),
        ("nothing", Ok(MappingDecision::Allow(Mapping::default()))),
        ("deny", Ok(MappingDecision::Deny(deny))),
        ("failure", Err(failure)),
    ] {
        seed("guest_decision", name, &[&[0], lay_out(&answer).as_slice()].concat());
    }
    for (name, byte) in [("small-shapes", 1_u8), ("large-shapes", 0x67), ("largest-shapes", 0xff)] {
        let bytes: Vec<u8> = (0..400_u32).map(|at| (at % 97) as u8 ^ byte).collect();
        seed("guest_decision", name, &[&[1], bytes.as_slice()].concat());
    }
}

fn configurations(here: &Path) {
    for (number, text) in HOSTILE.iter().enumerate() {
        seed("cel_text", &format!("hostile-{number}"), &[&[1], text.as_bytes()].concat());
    }
    for path in files(here.join("../../../plugins/default-mapper/corpus"), ".json") {
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let rules = &case["config"];
        let config = rules.as_str().map_or_else(|| rules.to_string(), str::to_owned);
        if let Ok(prepared) = sdk::prepare::<DefaultMapper>(&config) {
            seed("prepared_bytes", &stem(&path), &prepared);
        }
        for (rows, key, place) in
            [("attributes", "expression", 1), ("group_roles", "when", 2), ("deny", "when", 4)]
        {
            let rows = rules[rows].as_array().into_iter().flatten();
            let texts = rows.filter_map(|row| row[key].as_str()).filter(|text| text.len() < 300);
            for (number, text) in texts.enumerate().take(4) {
                let name = format!("{}-{place}-{number}", stem(&path));
                seed("cel_text", &name, &[&[place], text.as_bytes()].concat());
            }
        }
    }
}
