//! What uploaded bytes must be before anything compiles them (WP-77).

use wasmparser::component_types::ComponentEntityType;
use wasmparser::{CanonicalFunction, CanonicalOption, Parser, Payload, Validator, WasmFeatures};
use wasmtime::Engine;

use crate::bundled::digest_of;
use crate::class::Class;
use crate::error::LoadError;
use crate::limits::Limits;
use crate::options::Inspection;
use crate::output::{clean_name, cleaned};

const MAPPER: &str = "symbolon:mapping/mapper@";
const PREPARED: &str = "symbolon:mapping/prepared@1.";
const TYPES: &str = "symbolon:mapping/types@";
/// Pages of another size are a feature that is off here.
const PAGE: u64 = 1 << 16;

/// Walks the whole file first: everything after this may trust that the bytes are well formed.
pub(crate) fn inspect(
    bytes: &[u8],
    limits: &Limits,
    class: Class,
) -> Result<Inspection, LoadError> {
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
    check_counts(&parts, limits)?;
    check_imports(bytes, &parts.imports)?;
    let wit_version = mapper_version(&parts.exports)?;
    let ours = |name: &&&str| name.starts_with(MAPPER) || name.starts_with(PREPARED);
    Ok(Inspection {
        digest: digest_of(bytes),
        bytes: bytes.len(),
        wit_version,
        prepared: parts.exports.iter().any(|name| name.starts_with(PREPARED)),
        class,
        functions: parts.functions,
        modules: parts.modules,
        memories: parts.memories,
        memory_bytes: parts.memory_bytes,
        tables: parts.tables,
        imports: parts.imports.iter().map(|name| clean_name(name)).collect(),
        extra_exports: parts
            .exports
            .iter()
            .filter(|name| !ours(name))
            .map(|name| clean_name(name))
            .collect(),
    })
}

fn check_counts(parts: &Parts<'_>, limits: &Limits) -> Result<(), LoadError> {
    let most = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
    within("functions", parts.functions, limits.max_functions)?;
    within("core modules", parts.modules, limits.max_modules)?;
    within("memories", parts.memories, most(limits.memories))?;
    within("tables", parts.tables, most(limits.tables))?;
    let limit = limits.memory_bytes;
    if parts.memory_bytes > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(LoadError::DeclaredMemory { seen: parts.memory_bytes, limit });
    }
    if parts.utf8 { Ok(()) } else { Err(LoadError::StringEncoding) }
}

#[derive(Default)]
struct Parts<'a> {
    depth: u32,
    functions: u32,
    modules: u32,
    memories: u32,
    memory_bytes: u64,
    tables: u32,
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
        Payload::MemorySection(section) => {
            parts.memories = parts.memories.saturating_add(section.count());
            for memory in section {
                let bytes = memory?.initial.saturating_mul(PAGE);
                parts.memory_bytes = parts.memory_bytes.saturating_add(bytes);
            }
        }
        Payload::TableSection(section) => {
            parts.tables = parts.tables.saturating_add(section.count());
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
            return Err(LoadError::Import(clean_name(name)));
        }
    }
    Ok(())
}

/// Extra exports are tolerated: JavaScript and Python toolchains leave some.
fn mapper_version(exports: &[&str]) -> Result<String, LoadError> {
    let versions: Vec<&str> = exports.iter().filter_map(|name| name.strip_prefix(MAPPER)).collect();
    let supported = versions.iter().find(|version| version.starts_with("1."));
    match (supported, versions.first()) {
        (Some(version), _) => Ok(clean_name(version)),
        (None, Some(version)) => Err(LoadError::UnsupportedVersion(clean_name(version))),
        (None, None) => Err(LoadError::NoMapper),
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
    LoadError::Invalid(cleaned(&error.to_string(), 500))
}
