//! The bindings of the SDK, made from `schemas/wit` by the library behind wit-bindgen's macro.
//!
//! They are checked in, because the macro's own dependencies are most of a plugin's first build (WP-116).

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wit_bindgen_core::wit_parser::Resolve;
use wit_bindgen_core::{Files, WorldGenerator as _};
use wit_bindgen_rust::{Opts, WithOption};

const TYPES: &str = "symbolon:mapping/types@1.1.0";

/// One file of bindings.
pub struct Bindings {
    /// Where it lies.
    pub path: PathBuf,
    /// What it must hold.
    pub text: String,
}

/// The bindings of both worlds. The second shares the record types of the first.
///
/// # Errors
/// When the WIT package cannot be read.
pub fn bindings() -> Result<Vec<Bindings>> {
    let shared = vec![(
        TYPES.to_owned(),
        WithOption::Path("crate::shell::mapping::symbolon::mapping::types".to_owned()),
    )];
    Ok(vec![
        world("mapping-plugin", "mapping", Vec::new())?,
        world("prepared-plugin", "prepared", shared)?,
    ])
}

fn world(name: &str, module: &str, with: Vec<(String, WithOption)>) -> Result<Bindings> {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".into());
    let root = Path::new(&here).join("..");
    let wit = root.join("../schemas/wit/symbolon-mapping-1.1.0");
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(&wit)
        .with_context(|| format!("reading {}", wit.display()))?;
    let world = resolve.select_world(&[package], Some(name))?;
    let options = Opts {
        format: true,
        runtime_path: Some("::wit_bindgen::rt".to_owned()),
        default_bindings_module: Some(format!("::symbolon_plugin_sdk::shell::{module}")),
        pub_export_macro: true,
        export_macro_name: Some(format!("__export_{module}")),
        type_section_suffix: Some(format!("-{module}")),
        with,
        ..Opts::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files)?;
    let (_, bytes) = files.iter().next().context("no file was generated")?;
    Ok(Bindings {
        path: root.join(format!("sdk/src/bindings/{module}.rs")),
        // Macros share one name space per crate, so the worlds must not use the same names.
        text: house_rules(std::str::from_utf8(bytes)?).replace(
            "__export_symbolon_mapping_",
            &format!("__export_{module}_world_"),
        ),
    })
}

/// How a lint is silenced.
const SILENCER: &str = concat!("#[al", "low(");

/// Our head line, and fewer silenced lints: what the generated code needs is expected where the module is declared.
fn house_rules(generated: &str) -> String {
    let mut text =
        "// Generated from schemas/wit/symbolon-mapping-1.1.0 by symbolon-bindgen; do not edit.\n"
            .to_owned();
    let mut inside = false;
    for line in generated.lines() {
        let line_is_part = inside || line.trim_start().starts_with(SILENCER);
        inside = line_is_part && !line.trim_end().ends_with(")]");
        if !line_is_part {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
