//! The size of what goes in: wasmtime does not count data on its way to the guest (WP-50, WP-51).

use symbolon_contract::MappingRequest;

use crate::error::CallError;
use crate::limits::Limits;

pub(crate) fn check_config(config: &str, limits: &Limits) -> Result<(), CallError> {
    within("configuration bytes", config.len(), limits.max_config_bytes)
}

pub(crate) fn check_request(request: &MappingRequest, limits: &Limits) -> Result<(), CallError> {
    within("groups", request.groups.len(), limits.max_groups)?;
    let texts = [
        &request.purpose,
        &request.connector,
        &request.kind,
        &request.issuer,
        &request.subject,
        &request.claims_json,
    ];
    let attributes = request.attributes.iter();
    let bytes = texts.into_iter().map(String::len).sum::<usize>()
        + attributes.map(|a| a.name.len() + all(&a.values)).sum::<usize>()
        + all(&request.groups)
        + request.extra.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
    within("request bytes", bytes, limits.max_input_bytes)
}

fn all(texts: &[String]) -> usize {
    texts.iter().map(String::len).sum()
}

fn within(what: &'static str, seen: usize, limit: usize) -> Result<(), CallError> {
    if seen > limit { Err(CallError::InputTooLarge { what, seen, limit }) } else { Ok(()) }
}
