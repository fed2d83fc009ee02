//! From checked bytes to native code (wasm.md §8): the cache folder, a process of its own, or this one.
//!
//! Owns: the order of these three, and the one place that loads native code. Does not own: what a
//! component must be (`inspect`), the trial (`module`).
//! `child` the process that compiles · `parent` who starts it and waits · `disk` the cache folder.

mod child;
mod disk;
mod parent;

use std::sync::Arc;

use symbolon_contract::PluginDigest;
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::Component;

pub use child::{ChildLimits, compile_child};

use crate::error::{HostError, LoadError};
use crate::limits::Limits;
use crate::options::{CacheFolder, Compile, LoadSource};
use crate::output::cleaned;
use disk::{Disk, Found};

/// Native code that this installation compiled: fresh from the compiler, or with a good HMAC.
struct OwnCode(Vec<u8>);

/// Makes components for one engine.
pub(crate) struct Compiler {
    engine: Engine,
    how: Compile,
    disk: Option<Arc<Disk>>,
    /// Turns for work of milliseconds, apart from those for compiling: a plugin from the cache folder
    /// does not wait for one that somebody else's compiler is busy with.
    short: Turns,
    compiling: Turns,
}

/// Places for work off the async workers.
pub(crate) type Turns = Arc<Semaphore>;

impl Compiler {
    pub(crate) fn new(
        engine: &Engine,
        how: Compile,
        cache: Option<CacheFolder>,
        limits: &Limits,
    ) -> Result<Self, HostError> {
        let turns = |places: usize| Arc::new(Semaphore::new(places.max(1)));
        Ok(Self {
            engine: engine.clone(),
            how,
            disk: cache.map(|folder| Disk::open(engine, &folder)).transpose()?.map(Arc::new),
            short: turns(limits.concurrent_calls),
            compiling: turns(limits.concurrent_loads),
        })
    }

    /// Turns for what comes before and after.
    pub(crate) fn short(&self) -> &Turns {
        &self.short
    }

    /// The component's code, from the cache folder if it is there.
    pub(crate) async fn component(
        &self,
        digest: &PluginDigest,
        bytes: &Arc<[u8]>,
    ) -> Result<(Component, LoadSource), LoadError> {
        let source = match self.cached(digest).await? {
            Cached::Component(component) => return Ok((component, LoadSource::Cache)),
            Cached::Nothing => LoadSource::Compiled,
            Cached::Rejected => LoadSource::CacheRejected,
        };
        let code = match (&self.how, &self.disk) {
            (Compile::Child { executable, arguments }, _) => {
                let _turn = self.compiling.acquire().await.map_err(|_| LoadError::Stopped)?;
                parent::compile(executable, arguments, bytes, parent::WALL_CLOCK).await?
            }
            (Compile::InProcess, None) => {
                return Ok((self.compile_for_memory(bytes).await?, source));
            }
            (Compile::InProcess, Some(_)) => self.precompile(bytes).await?,
        };
        Ok((self.keep(digest, code).await?, source))
    }

    async fn cached(&self, digest: &PluginDigest) -> Result<Cached, LoadError> {
        let Some(disk) = &self.disk else { return Ok(Cached::Nothing) };
        let (engine, disk, digest) = (self.engine.clone(), Arc::clone(disk), digest.clone());
        blocking(&self.short, move || match disk.read(&digest) {
            Found::Nothing => Cached::Nothing,
            Found::Rejected => Cached::Rejected,
            Found::Code(code) => match deserialize(&engine, &code) {
                Ok(component) => Cached::Component(component),
                Err(error) => {
                    tracing::warn!(%digest, %error, "a cached plugin does not load, compiling again");
                    disk.remove(&digest);
                    Cached::Rejected
                }
            },
        })
        .await
    }

    async fn compile_for_memory(&self, bytes: &Arc<[u8]>) -> Result<Component, LoadError> {
        let (engine, bytes) = (self.engine.clone(), Arc::clone(bytes));
        blocking(&self.compiling, move || {
            Component::new(&engine, &bytes).map_err(|error| compile(&error))
        })
        .await?
    }

    async fn precompile(&self, bytes: &Arc<[u8]>) -> Result<OwnCode, LoadError> {
        let (engine, bytes) = (self.engine.clone(), Arc::clone(bytes));
        blocking(&self.compiling, move || {
            engine.precompile_component(&bytes).map(OwnCode).map_err(|error| compile(&error))
        })
        .await?
    }

    /// A cache that cannot be written costs time at the next start, nothing else.
    async fn keep(&self, digest: &PluginDigest, code: OwnCode) -> Result<Component, LoadError> {
        let (engine, disk, digest) = (self.engine.clone(), self.disk.clone(), digest.clone());
        blocking(&self.short, move || {
            let component = deserialize(&engine, &code).map_err(|error| compile(&error))?;
            if let Some(Err(error)) = disk.map(|disk| disk.write(&digest, &code)) {
                tracing::warn!(%digest, %error, "a compiled plugin cannot be kept on disk");
            }
            Ok(component)
        })
        .await?
    }
}

enum Cached {
    Component(Component),
    Nothing,
    Rejected,
}

/// The only door for native code (WP-69).
fn deserialize(engine: &Engine, code: &OwnCode) -> wasmtime::Result<Component> {
    #[expect(unsafe_code, reason = "wasmtime cannot check native code; `OwnCode` says whose it is")]
    // SAFETY: an `OwnCode` comes from `precompile_component` in this process, from the compile child
    // over its pipe, or from a file whose HMAC over name and content was just checked on these very
    // bytes with a key that only this installation has (WP-71). Nobody else can make one, and wasmtime
    // compares version, settings and CPU itself.
    unsafe {
        Component::deserialize(engine, &code.0)
    }
}

fn compile(error: &wasmtime::Error) -> LoadError {
    LoadError::Compile(cleaned(&format!("{error:#}"), 500))
}

/// Work that takes from a millisecond to seconds, off the async workers (AX-1). It keeps its turn to the
/// end, also if nobody waits for it any more.
pub(crate) async fn blocking<T: Send + 'static>(
    turns: &Turns,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LoadError> {
    let turn = Arc::clone(turns).acquire_owned().await.map_err(|_| LoadError::Stopped)?;
    #[expect(clippy::disallowed_methods, reason = "compiling takes from 0.1 s to seconds of CPU")]
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    done.await.map_err(|_| LoadError::Stopped)
}
