//! The product: sign-ins, connectors, provisioning, sessions, the OpenID Provider, audit.
//!
//! A sign-in reads from left to right in [`login`]; every stop of it is a module here that returns to
//! `login` and knows no other stop. `clock entropy fetched ids audit tenants secrets` are leaves. Nobody
//! in this crate imports `login`. Does not own: HTTP, pages, configuration (`server`), SQL (`storage`),
//! wasm (`plugin-host`).

pub mod admin;
pub mod audit;
pub mod broker;
pub mod claims;
pub mod clock;
pub mod connectors;
pub mod downstream;
pub mod entropy;
mod fetched;
pub mod ids;
pub mod jobs;
pub mod keys;
pub mod login;
pub mod logout;
pub mod mapping;
pub mod outgoing;
pub mod policy;
pub mod provisioning;
pub mod secrets;
pub mod sessions;
pub mod tenants;
pub mod test_sign_in;
pub mod traces;

pub use broker::{Broker, BrokerSettings, Visit};

use symbolon_contract::ReasonCode;
use symbolon_storage::StorageError;

/// The code of a storage failure, wherever it happens.
#[must_use]
pub fn storage_reason(error: &StorageError) -> ReasonCode {
    match error {
        StorageError::Busy => ReasonCode::ServerBusy,
        StorageError::Unavailable { .. } => ReasonCode::ServerStorageUnavailable,
        StorageError::Conflict { .. } => ReasonCode::SettingConflict,
        StorageError::StaleVersion => ReasonCode::SettingStale,
        StorageError::Corrupt { .. } | StorageError::Migration(_) | StorageError::Other(_) => {
            ReasonCode::ServerInternal
        }
    }
}

/// The plugin host, for whoever puts a broker together.
pub mod plugins {
    pub use symbolon_plugin_host::{
        CacheFolder, CallError, CallReport, ChildLimits, Class, Compile, HostOptions, Inspection,
        KeyId, Limits, LoadError, LoadSource, Loaded, PluginHost, SignatureError, TrustedKey,
        compile_child, verify,
    };
}

/// The storage, for whoever puts a broker together.
pub mod storage {
    pub use symbolon_storage::{
        AccessRequest, AuditFilter, Database, DatabaseUrl, MappingTarget, MappingVersion,
        PoolOptions, StorageError, User, UserStatus,
    };
}
