//! Whose turn it is: a tenant at its cap waits in its own queue and takes no place of the others (WP-59).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use symbolon_contract::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::CallError;
use crate::limits::Limits;

/// Tenants to remember before idle ones are forgotten.
const REMEMBERED: usize = 1_024;

pub(crate) struct Queue {
    all: Arc<Semaphore>,
    tenants: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
    per_tenant: usize,
    wait: Duration,
}

/// The right to run one call; travels into the thread that runs it.
pub(crate) struct Turn {
    _tenant: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Queue {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.concurrent_calls)),
            tenants: Mutex::default(),
            per_tenant: limits.concurrent_calls_per_tenant,
            wait: limits.queue_wait,
        }
    }

    /// For somebody who waits in front of a page.
    pub(crate) async fn turn(&self, tenant: &TenantId) -> Result<Turn, CallError> {
        timeout(self.wait, self.patient_turn(tenant)).await.unwrap_or(Err(CallError::Busy))
    }

    /// For work in the background: turns are given in the order in which they were asked for.
    pub(crate) async fn patient_turn(&self, tenant: &TenantId) -> Result<Turn, CallError> {
        let own = self.of(tenant);
        let tenant = own.acquire_owned().await.map_err(|_| CallError::Busy)?;
        let all = Arc::clone(&self.all).acquire_owned().await.map_err(|_| CallError::Busy)?;
        Ok(Turn { _tenant: tenant, _all: all })
    }

    fn of(&self, tenant: &TenantId) -> Arc<Semaphore> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() > REMEMBERED {
            // A permit or a waiter holds the semaphore too.
            tenants.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let fresh = || Arc::new(Semaphore::new(self.per_tenant));
        Arc::clone(tenants.entry(tenant.clone()).or_insert_with(fresh))
    }
}
