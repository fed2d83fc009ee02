//! The tidy tests: what the compiler cannot say about the tree. The ids TD-n are quoted in reviews.
//! A rule that must change changes here, with a decision record that says why.

use std::collections::BTreeSet;

use symbolon_contract::ReasonCode;

use crate::tree::{dependencies, files, resolved_features, root, rust_sources};

/// Which of our crates each may know (docs/decisions/0002-crates-and-edges.md).
const CRATE_EDGES: &[(&str, &[&str])] = &[
    ("symbolon-contract", &[]),
    ("symbolon-storage", &["symbolon-contract"]),
    ("symbolon-saml", &[]),
    ("symbolon-plugin-host", &["symbolon-contract"]),
    (
        "symbolon-identity",
        &["symbolon-contract", "symbolon-storage", "symbolon-plugin-host", "symbolon-saml"],
    ),
    ("symbolon-server", &["symbolon-contract", "symbolon-identity", "symbolon-testkit"]),
    ("symbolon-testkit", &["symbolon-contract"]),
    ("symbolon-loadtest", &[]),
];

/// Who may depend on a library that would otherwise leak into everything.
const OWNERS: &[(&str, &[&str])] = &[
    ("actix-web", &["symbolon-server", "symbolon-testkit"]),
    ("config", &["symbolon-server"]),
    ("diesel", &["symbolon-storage"]),
    ("diesel_migrations", &["symbolon-storage"]),
    ("handlebars", &["symbolon-server"]),
    ("libsqlite3-sys", &["symbolon-storage"]),
    ("libxml", &["symbolon-saml"]),
    ("openidconnect", &["symbolon-identity"]),
    ("rsa", &[]),
    ("samael", &["symbolon-saml"]),
    ("wasmtime", &["symbolon-plugin-host"]),
];

const WASMTIME_FEATURES: &[&str] = &[
    "std",
    "runtime",
    "cranelift",
    "component-model",
    "parallel-compilation",
    "backtrace",
    "demangle",
    "anyhow",
];

/// What a module of `identity` may not import, on top of `login`, which nobody may, and `admin`, which
/// only `jobs` may.
const FORBIDDEN_IMPORTS: &[(&str, &[&str])] = &[
    ("clock", &["*"]),
    ("ids", &["*"]),
    ("entropy", &["*"]),
    ("policy", &["*"]),
    ("audit", &["*"]),
    ("secrets", &["*"]),
    ("tenants", &["*"]),
    ("outgoing", &["*"]),
    ("keys", &["connectors", "downstream", "sessions", "provisioning"]),
    ("claims", &["downstream", "sessions", "provisioning", "mapping", "users"]),
    ("mapping", &["downstream", "sessions", "provisioning", "users"]),
    (
        "connectors", // its configuration holds the provisioning policy: one document to save
        &["downstream", "sessions", "mapping", "users"],
    ),
    ("provisioning", &["downstream", "sessions", "connectors"]),
    ("sessions", &["downstream", "connectors", "provisioning", "mapping", "logout"]),
    ("logout", &["connectors", "provisioning", "mapping", "claims", "traces"]),
    ("traces", &["downstream", "sessions", "users"]),
    // It asks the gate again, which wants to know the connector as it is now, and an application's own mapping.
    ("downstream", &["provisioning", "claims", "traces", "logout"]),
];

/// Modules that are there for all others.
const FOUNDATION: &[&str] =
    &["clock", "ids", "entropy", "audit", "secrets", "tenants", "storage_reason"];

/// Tables that belong to the whole installation, not to one tenant.
const TABLES_WITHOUT_TENANT: &[&str] = &["leases", "library_plugins", "tenants"];

const LONGEST_FILE: usize = 400;

fn nothing(offences: &[String]) {
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

#[test]
fn td_1_crates_know_only_whom_they_may() {
    let mut offences = Vec::new();
    for dependency in dependencies() {
        let Some((_, allowed)) = CRATE_EDGES.iter().find(|(from, _)| *from == dependency.from)
        else {
            offences.push(format!("{} is not in CRATE_EDGES", dependency.from));
            continue;
        };
        let to = dependency.to.as_str();
        // The testkit is for the demo and tests; a test may throw a database away.
        let fine = match to {
            "symbolon-testkit" => dependency.dev || dependency.optional,
            "symbolon-storage" if dependency.dev => true,
            _ => allowed.contains(&to),
        };
        if to.starts_with("symbolon-") && !fine {
            offences.push(format!("{} may not know {to}", dependency.from));
        }
    }
    nothing(&offences);
}

#[test]
fn td_1_only_the_owner_depends_on_a_library_that_leaks() {
    let offences: Vec<String> = dependencies()
        .iter()
        .filter(|dependency| {
            let owners = OWNERS.iter().find(|(library, _)| *library == dependency.to);
            owners.is_some_and(|(_, owners)| !owners.contains(&dependency.from.as_str()))
        })
        .map(|dependency| format!("{} may not depend on {}", dependency.from, dependency.to))
        .collect();
    nothing(&offences);
}

#[test]
fn td_1_the_contract_stays_small_enough_for_plugins() {
    for dependency in dependencies() {
        let small = ["serde", "serde_json", "schemars"].contains(&dependency.to.as_str());
        assert!(
            dependency.from != "symbolon-contract" || small || dependency.dev,
            "contract depends on {}",
            dependency.to
        );
    }
}

#[test]
fn wp_132_wasmtime_has_only_the_features_we_chose() {
    let dependencies = dependencies();
    let wasmtime = dependencies.iter().find(|dependency| dependency.to == "wasmtime").unwrap();
    assert!(!wasmtime.default_features);
    assert_eq!(wasmtime.features, WASMTIME_FEATURES);

    let resolved = resolved_features("wasmtime");
    for excluded in [
        "winch",
        "async",
        "component-model-async",
        "pooling-allocator",
        "gc",
        "threads",
        "cache",
        "profiling",
        "coredump",
        "debug-builtins",
        "debug",
        "stack-switching",
        "wat",
    ] {
        assert!(!resolved.iter().any(|feature| feature == excluded), "{excluded} is on");
    }
}

#[test]
fn td_2_modules_of_identity_know_only_whom_they_may() {
    let mut offences = Vec::new();
    for file in files("broker/identity/src", ".rs") {
        let inside = file.path.trim_start_matches("broker/identity/src/");
        let module = inside.split(['/', '.']).next().unwrap_or_default();
        // Tests may build what they need; the crate's root names every module.
        if inside.ends_with("tests.rs") || inside.contains("/tests/") || module == "lib" {
            continue;
        }
        let rule = FORBIDDEN_IMPORTS.iter().find(|(name, _)| *name == module);
        let forbidden = rule.map_or(&[][..], |(_, forbidden)| *forbidden);
        for used in file.modules_used() {
            let all = forbidden.contains(&"*") && !FOUNDATION.contains(&used.as_str());
            let named = forbidden.contains(&used.as_str());
            let above = used == "login" || (used == "admin" && module != "jobs");
            if used != module && (above || all || named) {
                offences.push(format!("{} imports crate::{used}", file.path));
            }
        }
    }
    nothing(&offences);
}

#[test]
fn td_11_sessions_end_in_one_place() {
    // Elsewhere tokens would live on, and applications would not be told.
    let endings = [
        ".sessions().end(",
        ".end_by_upstream_sid(",
        ".end_by_upstream_subject(",
        "access_tokens().revoke_by_session(",
        "token_families().revoke_by_session(",
    ];
    let mut offences = Vec::new();
    for file in files("broker/identity/src", ".rs") {
        let own = file.path.starts_with("broker/identity/src/logout/");
        if own || file.path.ends_with("tests.rs") || file.path.contains("/tests/") {
            continue;
        }
        let code: String = file.code().split_whitespace().collect();
        for ending in endings.into_iter().filter(|ending| code.contains(ending)) {
            offences.push(format!("{} has {ending}", file.path));
        }
    }
    nothing(&offences);
}

#[test]
fn td_3_no_file_is_longer_than_a_person_reads() {
    let mut all = rust_sources();
    all.extend(files("broker", ".hbs"));
    all.extend(files("scripts", ".sh"));
    let offences: Vec<String> = all
        .iter()
        .filter(|file| !file.is_generated() && file.text.lines().count() > LONGEST_FILE)
        .map(|file| format!("{}: {} lines", file.path, file.text.lines().count()))
        .collect();
    nothing(&offences);
}

#[test]
fn td_4_every_module_opens_with_its_map() {
    let sources = rust_sources();
    let paths: BTreeSet<&str> = sources.iter().map(|file| file.path.as_str()).collect();
    let is_folder = |path: &str| {
        let below = format!("{}/", path.trim_end_matches(".rs"));
        paths.range(below.as_str()..).next().is_some_and(|next| next.starts_with(&below))
    };
    let offences: Vec<String> = sources
        .iter()
        .filter(|file| {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            let opens = ["lib.rs", "main.rs", "mod.rs"].contains(&name) || is_folder(&file.path);
            let first = file.text.lines().find(|line| !line.trim().is_empty());
            opens && !first.unwrap_or_default().starts_with("//! ")
        })
        .map(|file| format!("{} does not open with `//! `", file.path))
        .collect();
    nothing(&offences);
}

#[test]
fn td_5_every_reason_code_has_its_heading() {
    let page = root().join("docs/src/troubleshooting/reason-codes.md");
    let page = std::fs::read_to_string(page).unwrap();
    for code in ReasonCode::ALL {
        assert!(page.lines().any(|line| line == format!("### {code}")), "{code}");
    }
}

#[test]
fn td_6_every_audit_event_is_in_the_reference() {
    let page = root().join("docs/src/reference/audit-events.md");
    let page = std::fs::read_to_string(page).unwrap();
    let sources = files("broker/identity/src/audit", ".rs");
    let code: String = sources
        .iter()
        .filter(|file| !file.path.ends_with("tests.rs"))
        .map(crate::tree::SourceFile::code)
        .collect();
    let written = code.split('"').filter(|text| is_event(text));
    let catalogued = ReasonCode::ALL.iter().map(|code| code.entry().event);
    let missing: BTreeSet<&str> =
        written.chain(catalogued).filter(|event| !page.contains(&format!("`{event}`"))).collect();
    assert!(missing.is_empty(), "not in docs/src/reference/audit-events.md: {missing:?}");
}

fn is_event(text: &str) -> bool {
    let areas = ["user", "session", "connector", "plugin", "app", "admin", "export", "key"];
    let snake = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    text.split_once('.').is_some_and(|(area, name)| areas.contains(&area) && snake(name))
}

#[test]
fn td_7_every_template_is_rendered_by_a_test() {
    let pages = files("broker/server/src/pages", ".rs");
    let code: String = pages.iter().map(crate::tree::SourceFile::code).collect();
    for template in files("broker/server/templates", ".hbs") {
        let name = template.path.trim_start_matches("broker/server/templates/");
        let name = name.trim_end_matches(".hbs");
        assert!(code.contains(&format!("\"{name}\"")), "{name} is in no registry");
    }
}

#[test]
fn td_8_both_migration_folders_hold_the_same_steps() {
    let steps = |backend: &str| -> BTreeSet<String> {
        let folder = format!("migrations/{backend}/");
        let files = files(&folder, ".sql");
        files.iter().map(|file| file.path.replacen(&folder, "", 1)).collect()
    };
    let (sqlite, postgres) = (steps("sqlite"), steps("postgres"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
    for up in sqlite.iter().filter(|name| name.ends_with("up.sql")) {
        assert!(sqlite.contains(&up.replace("up.sql", "down.sql")), "{up} has no way back");
    }
}

#[test]
fn td_9_every_table_belongs_to_a_tenant_or_is_on_the_list() {
    let mut without = BTreeSet::new();
    for file in files("migrations", "up.sql") {
        for table in file.text.to_ascii_lowercase().split("create table ").skip(1) {
            let definition = table.split(';').next().unwrap_or_default();
            let name = definition.split(['(', ' ']).next().unwrap_or_default();
            if !definition.contains("tenant_id") {
                without.insert(name.to_owned());
            }
        }
    }
    let allowed = TABLES_WITHOUT_TENANT.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(without, allowed);
}

#[test]
fn td_10_no_template_leaves_a_value_unescaped() {
    let templates = files("broker/server/templates", ".hbs");
    assert!(!templates.is_empty());
    for template in templates {
        let raw = template.text.contains("{{{") || template.text.contains("{{&");
        assert!(!raw, "{}", template.path);
    }
}

#[test]
fn sources_hold_no_stub_no_silenced_lint_and_no_foreign_rsa_key() {
    // Put together here, so that this file does not find itself.
    let forbidden = [
        concat!("#[ig", "nore"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[al", "low("),
        concat!("#![al", "low("),
        concat!("CoreRsaPrivate", "SigningKey"),
        concat!("use r", "sa::"),
        concat!(" r", "sa::"),
        concat!("(r", "sa::"),
    ];
    let mut offences = Vec::new();
    // What wit-bindgen writes is not ours to word.
    let ours = rust_sources().into_iter().filter(|file| !file.path.contains("/src/bindings/"));
    for file in ours {
        let code = file.code();
        for word in forbidden.iter().filter(|word| code.contains(**word)) {
            offences.push(format!("{} holds {word}", file.path));
        }
    }
    nothing(&offences);
}

/// A module of the conformance suite and its test have one name (`oidcc-x-Y` is `oidcc_x_y`): what the page lists
/// is tested, and a test with such a name is the verdict on a module.
#[test]
fn td_12_every_module_of_the_conformance_page_has_a_test_of_its_name() {
    let is_modules = |name: &str, dash: char| {
        let prefixes = ["oidcc-", "fapi2-security-profile-final-"];
        prefixes.iter().any(|prefix| name.starts_with(&prefix.replace('-', &dash.to_string())))
    };
    let page = root().join("docs/src/reference/openid-conformance.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, listed) = page.split_once("## Where each module is tested here").unwrap();
    let listed = listed.lines().filter(|line| is_modules(line, '-'));
    let modules: BTreeSet<String> =
        listed.map(|module| module.replace('-', "_").to_lowercase()).collect();
    assert!(modules.len() > 100, "{}", modules.len());
    let tests: BTreeSet<String> = files("broker/server/tests/it", ".rs")
        .iter()
        .flat_map(|file| tests_of(&file.text))
        .collect();
    let missing = modules.difference(&tests).map(|name| format!("{name} has no test"));
    let invented = tests.difference(&modules).filter(|name| is_modules(name, '_'));
    let invented = invented.map(|name| format!("{name} is no module of the page"));
    nothing(&missing.chain(invented).collect::<Vec<_>>());
}

/// The names of the tests of a file, those in a list of `modules!` too.
fn tests_of(text: &str) -> Vec<String> {
    let word = |text: &str| {
        text.split(|c: char| c != '_' && !c.is_alphanumeric()).next().map(str::to_owned)
    };
    let lines = text.lines().map(str::trim);
    let marked = lines.clone().zip(lines.clone().skip(1));
    let marked = marked.filter(|(mark, _)| mark.ends_with("test]")).filter_map(|(_, line)| {
        let name = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
        word(name)
    });
    let listed = lines.skip_while(|line| *line != "modules![").take_while(|line| *line != "];");
    let listed = listed.filter(|line| line.ends_with([',', ';'])).filter_map(word);
    marked.chain(listed).collect()
}
