//! What uploaded bytes must be before anything compiles them (WP-77).

use wasmparser::component_types::ComponentEntityType;
use wasmparser::{CanonicalFunction, CanonicalOption, Parser, Payload, Validator, WasmFeatures};
use wasmtime::Engine;

use crate::error::LoadError;
use crate::limits::Limits;

const MAPPER: &str = "symbolon:mapping/mapper@";
const TYPES: &str = "symbolon:mapping/types@";

/// Walks the whole file first: everything after this may trust that the bytes are well formed.
pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<(), LoadError> {
    let (seen, limit) = (bytes.len(), limits.max_component_bytes);
    if seen > limit {
        return Err(LoadError::TooLarge { seen, limit });
    }
    if Engine::detect_precompiled(bytes).is_some() {
        return Err(LoadError::Precompiled);
    }
    if !Parser::is_component(bytes) {
        return Err(LoadError::NotAComponent);
    }
    let parts = walk(bytes)?;
    within("functions", parts.functions, limits.max_functions)?;
    within("core modules", parts.modules, limits.max_modules)?;
    if !parts.utf8 {
        return Err(LoadError::StringEncoding);
    }
    check_imports(bytes, &parts.imports)?;
    check_exports(&parts.exports)
}

#[derive(Default)]
struct Parts<'a> {
    depth: u32,
    functions: u32,
    modules: u32,
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
    utf8: bool,
}

fn walk(bytes: &[u8]) -> Result<Parts<'_>, LoadError> {
    let mut parts = Parts { utf8: true, ..Parts::default() };
    for payload in Parser::new(0).parse_all(bytes) {
        note(&mut parts, payload.map_err(invalid)?).map_err(invalid)?;
    }
    Ok(parts)
}

fn note<'a>(parts: &mut Parts<'a>, payload: Payload<'a>) -> wasmparser::Result<()> {
    match payload {
        Payload::Version { .. } => parts.depth += 1,
        Payload::End(_) => parts.depth = parts.depth.saturating_sub(1),
        Payload::ModuleSection { .. } => parts.modules = parts.modules.saturating_add(1),
        Payload::FunctionSection(section) => {
            parts.functions = parts.functions.saturating_add(section.count());
        }
        Payload::ComponentImportSection(section) if parts.depth == 1 => {
            for import in section {
                parts.imports.push(import?.name.name);
            }
        }
        Payload::ComponentExportSection(section) if parts.depth == 1 => {
            for export in section {
                parts.exports.push(export?.name.name);
            }
        }
        Payload::ComponentCanonicalSection(section) => {
            for function in section {
                parts.utf8 &= is_utf8(&function?);
            }
        }
        _ => {}
    }
    Ok(())
}

fn is_utf8(function: &CanonicalFunction) -> bool {
    let (CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. }) =
        function
    else {
        return true;
    };
    let other = |option: &CanonicalOption| {
        matches!(option, CanonicalOption::UTF16 | CanonicalOption::CompactUTF16)
    };
    !options.iter().any(other)
}

/// Validates every function body, then allows one import only: an instance that holds nothing but types.
#[expect(clippy::indexing_slicing, reason = "the id comes from the same types, which offer no get")]
fn check_imports(bytes: &[u8], imports: &[&str]) -> Result<(), LoadError> {
    let types = Validator::new_with_features(features()).validate_all(bytes).map_err(invalid)?;
    let types = types.as_ref();
    for name in imports {
        let only_types = match types.component_item_for_import(name).map(|item| item.ty) {
            Some(ComponentEntityType::Instance(instance)) => types[instance]
                .exports
                .values()
                .all(|item| matches!(item.ty, ComponentEntityType::Type { .. })),
            _ => false,
        };
        if !(name.starts_with(TYPES) && only_types) {
            return Err(LoadError::Import((*name).to_owned()));
        }
    }
    Ok(())
}

/// Extra exports are tolerated: JavaScript and Python toolchains leave some.
fn check_exports(exports: &[&str]) -> Result<(), LoadError> {
    let versions: Vec<&str> = exports.iter().filter_map(|name| name.strip_prefix(MAPPER)).collect();
    match versions.first() {
        None => Err(LoadError::NoMapper),
        Some(_) if versions.iter().any(|version| version.starts_with("1.")) => Ok(()),
        Some(version) => Err(LoadError::UnsupportedVersion((*version).to_owned())),
    }
}

fn features() -> WasmFeatures {
    let without = WasmFeatures::THREADS
        | WasmFeatures::SHARED_EVERYTHING_THREADS
        | WasmFeatures::GC
        | WasmFeatures::MEMORY64
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::CM_ASYNC;
    WasmFeatures::default().difference(without)
}

fn within(what: &'static str, seen: u32, limit: u32) -> Result<(), LoadError> {
    if seen > limit { Err(LoadError::TooComplex { what, seen, limit }) } else { Ok(()) }
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn invalid(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Invalid(error.to_string())
}
