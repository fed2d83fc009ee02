//! Verifying, decrypting and signing take processor time in native libraries: off the async threads, as many at once
//! as there are cores, behind a queue of bounded length (API-5, GT-17).

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use symbolon_saml::{Fault, Refusal};
use tokio::sync::Semaphore;

use super::own_keys::OpenedKeys;

/// Work that may wait, besides what is under way.
const WAITING: usize = 256;
/// One piece of work that takes longer is told to the operator: a document is limited so that none does.
const ALARM: Duration = Duration::from_secs(2);

/// The places where native work is done. Clones share them.
#[derive(Debug, Clone)]
pub struct SamlWorkers {
    places: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    opened: OpenedKeys,
}

impl Default for SamlWorkers {
    fn default() -> Self {
        let cores = available_parallelism().map_or(2, usize::from);
        Self {
            places: Arc::new(Semaphore::new(cores)),
            queue: Arc::new(Semaphore::new(cores + WAITING)),
            opened: OpenedKeys::default(),
        }
    }
}

impl SamlWorkers {
    /// The keys of connectors that this node has opened.
    pub(super) fn opened_keys(&self) -> &OpenedKeys {
        &self.opened
    }

    /// Does the work and gives back what came of it.
    ///
    /// # Errors
    /// [`Fault::Busy`] when the queue is full, or the work did not come back.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let busy = || Refusal::new(Fault::Busy, "a full queue", "a free place");
        let queued = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| busy())?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| busy())?;
        #[expect(clippy::disallowed_methods, reason = "native work, bounded by the two semaphores")]
        let mut task = tokio::task::spawn_blocking(move || {
            let done = work();
            // Both are held until the work is done, also when nobody waits for it any more.
            drop((queued, place));
            done
        });
        let done = match tokio::time::timeout(ALARM, &mut task).await {
            Ok(done) => done,
            Err(_) => {
                tracing::error!("reading a SAML document takes more than two seconds");
                task.await
            }
        };
        done.map_err(|_| busy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn saml_api5_a_full_queue_is_refused_and_a_panic_is_no_hole_in_it() {
        let workers = SamlWorkers {
            places: Arc::new(Semaphore::new(1)),
            queue: Arc::new(Semaphore::new(1)),
            opened: OpenedKeys::default(),
        };
        assert_eq!(workers.run(|| 1).await.unwrap(), 1);
        let held = Arc::clone(&workers.queue).try_acquire_owned().unwrap();
        assert_eq!(workers.run(|| 1).await.unwrap_err().fault, Fault::Busy);
        drop(held);
        let lost: Result<(), _> = workers.run(|| panic!("a defect")).await;
        assert_eq!(lost.unwrap_err().fault, Fault::Busy);
        assert_eq!(workers.run(|| 2).await.unwrap(), 2);
    }
}
