//! Whose turn it is: a tenant at its cap waits in its own queue and takes no place of the others (WP-59), and
//! those that used up their allowance of processor time share a lane that leaves half of the cores free.
//! Its threads have normal priority: one of low priority that holds a lock of the kernel (each instance maps
//! memory) makes everybody wait (p99 of a neighbour 1.7 times instead of 1.3).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use symbolon_contract::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::allowance::Allowance;
use crate::error::CallError;
use crate::limits::Limits;

/// Tenants to remember before idle ones are forgotten.
const REMEMBERED: usize = 1_024;

pub(crate) struct Queue {
    all: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    tenants: Mutex<HashMap<TenantId, Arc<Tenant>>>,
    limits: Limits,
}

/// Somebody's turns and what they cost so far. Replays have an account of their own, so that one does not
/// slow the tenant's sign-ins.
struct Tenant {
    turns: Arc<Semaphore>,
    sign_ins: Mutex<Allowance>,
    batches: Mutex<Allowance>,
}

/// What a turn is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Somebody waits in front of a page.
    SignIn,
    /// Work in the background.
    Batch,
}

/// The right to run one call; travels into the thread that runs it.
pub(crate) struct Turn {
    tenant: Arc<Tenant>,
    purpose: Purpose,
    _own: OwnedSemaphorePermit,
    _lane: OwnedSemaphorePermit,
}

impl Turn {
    /// Says what the call took.
    pub(crate) fn charge(&self, used: Duration) {
        self.tenant.with(self.purpose, |allowance| allowance.charge(used, Instant::now()));
    }
}

impl Tenant {
    fn with<T>(&self, purpose: Purpose, work: impl FnOnce(&mut Allowance) -> T) -> T {
        let account = match purpose {
            Purpose::SignIn => &self.sign_ins,
            Purpose::Batch => &self.batches,
        };
        work(&mut account.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn owes_nothing(&self, now: Instant) -> bool {
        [Purpose::SignIn, Purpose::Batch]
            .into_iter()
            .all(|purpose| self.with(purpose, |allowance| allowance.is_full(now)))
    }
}

impl Queue {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.concurrent_calls)),
            slow: Arc::new(Semaphore::new(limits.slow_calls.max(1))),
            tenants: Mutex::default(),
            limits: limits.clone(),
        }
    }

    /// For somebody who waits in front of a page.
    pub(crate) async fn turn(&self, tenant: &TenantId) -> Result<Turn, CallError> {
        let turn = self.patient_turn(tenant, Purpose::SignIn);
        timeout(self.limits.queue_wait, turn).await.unwrap_or(Err(CallError::Busy))
    }

    /// Turns are given in the order in which they were asked for.
    pub(crate) async fn patient_turn(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
    ) -> Result<Turn, CallError> {
        let tenant = self.of(tenant);
        let own = Arc::clone(&tenant.turns).acquire_owned();
        let own = own.await.map_err(|_| CallError::Busy)?;
        let slow = tenant.with(purpose, |allowance| allowance.is_slow(Instant::now()));
        let lane = if slow { &self.slow } else { &self.all };
        let lane = Arc::clone(lane).acquire_owned().await.map_err(|_| CallError::Busy)?;
        Ok(Turn { tenant, purpose, _own: own, _lane: lane })
    }

    fn of(&self, tenant: &TenantId) -> Arc<Tenant> {
        let now = Instant::now();
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() > REMEMBERED {
            // A turn or a waiter holds the tenant too.
            tenants.retain(|_, one| Arc::strong_count(one) > 1 || !one.owes_nothing(now));
        }
        let fresh = || {
            Arc::new(Tenant {
                turns: Arc::new(Semaphore::new(self.limits.concurrent_calls_per_tenant)),
                sign_ins: Mutex::new(Allowance::new(&self.limits, now)),
                batches: Mutex::new(Allowance::new(&self.limits, now)),
            })
        };
        Arc::clone(tenants.entry(tenant.clone()).or_insert_with(fresh))
    }
}
