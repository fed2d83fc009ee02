//! The limits of a host and of each call (wasm.md §6). The defaults are the standard class.

use std::time::Duration;

/// What a plugin may use. The defaults are published to authors; operators raise them per instance.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Fuel of one call (WP-47): the limit that plugins normally meet.
    pub fuel: u64,
    /// Wall-clock backstop for what fuel does not see (WP-48); counted in ticks of 10 ms.
    pub epoch_timeout: Duration,
    /// Linear memory, summed over all memories of the instance (WP-49).
    pub memory_bytes: usize,
    /// Bytes that a guest may hand to the host in one call (WP-52).
    pub hostcall_fuel: usize,
    /// Core instances of one component (WP-54).
    pub core_instances: usize,
    /// Linear memories (WP-54).
    pub memories: usize,
    /// Tables (WP-54).
    pub tables: usize,
    /// Table elements, summed over all tables (WP-54).
    pub table_elements: usize,
    /// Size of an uploaded component (WP-46).
    pub max_component_bytes: usize,
    /// Functions of one component, over all its modules (WP-77).
    pub max_functions: u32,
    /// Core modules of one component (WP-77).
    pub max_modules: u32,
    /// Plugin configuration (WP-50).
    pub max_config_bytes: usize,
    /// The request, all strings together (WP-51).
    pub max_input_bytes: usize,
    /// Groups in the request (WP-51).
    pub max_groups: usize,
    /// What a decision may hold (WP-53).
    pub output: OutputLimits,
    /// One prepared configuration; its plugin may hand this much to the host while it prepares.
    pub prepared_bytes_each: usize,
    /// All prepared configurations that are kept in memory, in bytes.
    pub prepared_bytes: usize,
    /// How many of them are kept, least recently used goes first.
    pub prepared_configs: usize,
    /// Calls of one tenant that run at once (WP-59).
    pub concurrent_calls_per_tenant: usize,
    /// Calls that run at once (WP-59).
    pub concurrent_calls: usize,
    /// Processor time that a tenant's calls may take each second, on average, before they go to the slow
    /// lane (security X10): several hundred sign-ins with the bundled plugin, three with one that spins.
    pub cpu_per_second: Duration,
    /// What a tenant may save up of it.
    pub cpu_burst: Duration,
    /// Calls of the slow lane that run at once, of all tenants together.
    pub slow_calls: usize,
    /// How long a call waits for its turn before it is refused as busy.
    pub queue_wait: Duration,
    /// Components that are compiled at once (security P7).
    pub concurrent_loads: usize,
    /// Compiled plugins kept in memory, least recently used goes first (WP-43).
    pub loaded_modules: usize,
}

/// What a decision may hold (WP-53).
#[derive(Debug, Clone)]
pub struct OutputLimits {
    /// Fields.
    pub fields: usize,
    /// Granted roles.
    pub grants: usize,
    /// Bytes of any single string.
    pub value_bytes: usize,
    /// Notes.
    pub notes: usize,
    /// Bytes of a note.
    pub note_bytes: usize,
}

impl Limits {
    /// The large class beside these limits (WP-46, WP-49): a bigger component, more memory, nothing else.
    #[must_use]
    pub fn large(&self) -> Self {
        Self {
            max_component_bytes: self.max_component_bytes.max(32 << 20),
            memory_bytes: self.memory_bytes.max(32 << 20),
            // What Python's toolchain makes of a small plugin has 38.
            max_modules: self.max_modules.max(64),
            ..self.clone()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            fuel: 50_000_000,
            epoch_timeout: Duration::from_millis(250),
            memory_bytes: 16 << 20,
            hostcall_fuel: 256 << 10,
            core_instances: 64,
            memories: 8,
            tables: 16,
            table_elements: 20_000,
            max_component_bytes: 4 << 20,
            max_functions: 50_000,
            max_modules: 32,
            max_config_bytes: 64 << 10,
            max_input_bytes: 256 << 10,
            max_groups: 1_000,
            output: OutputLimits::default(),
            prepared_bytes_each: 1 << 20,
            prepared_bytes: 64 << 20,
            prepared_configs: 4_096,
            concurrent_calls_per_tenant: 4,
            concurrent_calls: cores * 2,
            cpu_per_second: Duration::from_millis(100),
            cpu_burst: Duration::from_millis(200),
            slow_calls: (cores / 2).max(1),
            queue_wait: Duration::from_secs(2),
            concurrent_loads: 1,
            loaded_modules: 128,
        }
    }
}

impl Default for OutputLimits {
    fn default() -> Self {
        Self { fields: 100, grants: 500, value_bytes: 4 << 10, notes: 50, note_bytes: 500 }
    }
}
