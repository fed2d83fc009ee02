//! The memory limit of one call.

use wasmtime::ResourceLimiter;

use crate::limits::Limits;

/// Sums all memories of a store (the limiter that wasmtime brings counts each apart) and remembers
/// that it said no, so that the refusal does not look like any other trap (WP-41).
pub(crate) struct MemoryLimiter {
    memory: usize,
    elements: usize,
    refused: bool,
    limits: Limits,
}

impl MemoryLimiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { memory: 0, elements: 0, refused: false, limits: limits.clone() }
    }

    /// Linear memory in bytes; it never shrinks during a call.
    pub(crate) fn peak(&self) -> usize {
        self.memory
    }

    /// Whether the guest asked for more than it may have.
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }

    fn grow(used: &mut usize, by: usize, limit: usize) -> bool {
        match used.checked_add(by) {
            Some(total) if total <= limit => {
                *used = total;
                true
            }
            _ => false,
        }
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let by = desired.saturating_sub(current);
        let granted = Self::grow(&mut self.memory, by, self.limits.memory_bytes);
        self.refused |= !granted;
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let by = desired.saturating_sub(current);
        let granted = Self::grow(&mut self.elements, by, self.limits.table_elements);
        self.refused |= !granted;
        Ok(granted)
    }

    fn instances(&self) -> usize {
        self.limits.core_instances
    }

    fn tables(&self) -> usize {
        self.limits.tables
    }

    fn memories(&self) -> usize {
        self.limits.memories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wp41_memories_are_summed_and_the_refusal_is_remembered() {
        let mut limiter = MemoryLimiter::new(&Limits { memory_bytes: 100, ..Limits::default() });
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(!limiter.refused());
        assert!(!limiter.memory_growing(0, 60, None).unwrap(), "a second memory");
        assert!(limiter.refused());
        assert_eq!(limiter.peak(), 60);
        assert!(limiter.memory_growing(60, 100, None).unwrap());
    }

    #[test]
    fn p2_tables_are_limited_too() {
        let mut limiter = MemoryLimiter::new(&Limits::default());
        assert!(limiter.table_growing(0, 20_000, None).unwrap());
        assert!(!limiter.table_growing(20_000, 20_001, None).unwrap());
    }
}
