//! From bytes to a plugin that can be called.

use std::sync::Arc;

use symbolon_contract::PluginDigest;

use super::PluginHost;
use crate::bundled::digest_of;
use crate::class::Class;
use crate::compile::blocking;
use crate::error::LoadError;
use crate::inspect::inspect;
use crate::module::Module;
use crate::options::{Inspection, LoadSource, Loaded};

impl PluginHost {
    /// What the bytes say, checked against the limits of a class. Compiles nothing (WP-77).
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong with the component.
    pub fn inspect(&self, bytes: &[u8], class: Class) -> Result<Inspection, LoadError> {
        inspect(bytes, self.limits_of(class), class)
    }

    /// The smallest class of this host whose size limits the bytes fit.
    #[must_use]
    pub fn class_needed(&self, bytes: &[u8]) -> Class {
        Class::needed_within(bytes, self.limits())
    }

    /// Loads a plugin of the standard class: see [`Self::load_as`].
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong with the component.
    pub async fn load(&self, bytes: Arc<[u8]>) -> Result<PluginDigest, LoadError> {
        Ok(self.load_as(bytes, Class::Standard).await?.digest)
    }

    /// Checks, compiles and tries a component. Loading it again is cheap, and many callers at once share
    /// one compilation. Its calls run under the limits of the class; a plugin that was loaded as both
    /// runs under the larger one while it is in memory.
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong with the component.
    pub async fn load_as(&self, bytes: Arc<[u8]>, class: Class) -> Result<Loaded, LoadError> {
        let (seen, limit) = (bytes.len(), self.limits_of(class).max_component_bytes);
        if seen > limit {
            return Err(LoadError::TooLarge { seen, limit });
        }
        let digest = digest_of(&bytes);
        let mut source = LoadSource::Memory;
        let build = async || {
            let (module, from) = self.build(&digest, bytes, class).await?;
            source = from;
            Ok(module)
        };
        let mut module = self.inner.modules.get_or_build(&digest, build).await?;
        if module.class < class {
            module = Arc::new(module.with_class(class));
            self.inner.modules.replace(&digest, &module);
        }
        Ok(Loaded { digest, description: module.description.clone(), source })
    }

    async fn build(
        &self,
        digest: &PluginDigest,
        bytes: Arc<[u8]>,
        class: Class,
    ) -> Result<(Module, LoadSource), LoadError> {
        let compiler = &self.inner.compiler;
        let (host, checked) = (self.clone(), Arc::clone(&bytes));
        let checked = blocking(compiler.short(), move || host.inspect(&checked, class)).await??;
        let (component, source) = compiler.component(digest, &bytes).await?;
        let host = self.clone();
        let module = blocking(compiler.short(), move || {
            Module::link(&host.inner.engine, &component, host.limits_of(class), &checked)
        })
        .await??;
        Ok((module, source))
    }
}
