//! The cache folder: native code of this installation, each file with an HMAC (WP-70 to WP-73).
//!
//! A file is the HMAC-SHA256 over its name and content, then the content. The name says for which
//! component, engine and key it was made, so that a file cannot be passed off as another one.

use std::fs::{self, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use secrecy::ExposeSecret;
use symbolon_contract::PluginDigest;
use wasmtime::Engine;

use super::OwnCode;
use crate::bundled::digest_of;
use crate::error::HostError;
use crate::options::CacheFolder;

const TAG: usize = 32;
const MOST: u64 = 256 << 20;
const TEMPORARY: &str = ".tmp";
/// No process writes one file for so long.
const ABANDONED_AFTER: Duration = Duration::from_secs(60 * 60);

pub(super) struct Disk {
    folder: PathBuf,
    /// `.<engine>.<key name>.cwasm`
    suffix: String,
    key: hmac::Key,
    max_bytes: u64,
    written: AtomicU64,
}

pub(super) enum Found {
    Code(OwnCode),
    Nothing,
    /// There was a file, but not one of ours; it is gone now.
    Rejected,
}

impl Disk {
    /// Opens the folder and sweeps it. Loads nothing (WP-74).
    pub(super) fn open(engine: &Engine, folder: &CacheFolder) -> Result<Self, HostError> {
        let refused =
            |why: String| HostError::CacheFolder { path: folder.path.display().to_string(), why };
        let named = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !(1..=64).contains(&folder.key_name.len()) || !folder.key_name.bytes().all(named) {
            return Err(refused("the key's name may hold a-z, A-Z, 0-9, _ and - only".to_owned()));
        }
        own(&folder.path).map_err(|error| refused(error.to_string()))?;
        let disk = Self {
            folder: folder.path.clone(),
            suffix: format!(".{}.{}.cwasm", compatibility(engine), folder.key_name),
            key: hmac::Key::new(hmac::HMAC_SHA256, folder.key.expose_secret()),
            max_bytes: folder.max_bytes,
            written: AtomicU64::new(0),
        };
        disk.sweep().map_err(|error| refused(error.to_string()))?;
        Ok(disk)
    }

    /// Reads the file once and checks these very bytes (WP-71).
    pub(super) fn read(&self, digest: &PluginDigest) -> Found {
        let name = self.name(digest);
        match self.read_checked(&name) {
            Ok(Some(code)) => Found::Code(code),
            Ok(None) => {
                tracing::warn!(%name, "a cached plugin was not made here and is removed");
                self.remove(digest);
                Found::Rejected
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Nothing,
            Err(error) => {
                tracing::warn!(%name, %error, "a cached plugin cannot be read and is removed");
                self.remove(digest);
                Found::Rejected
            }
        }
    }

    fn read_checked(&self, name: &str) -> io::Result<Option<OwnCode>> {
        let mut bytes = Vec::new();
        File::open(self.folder.join(name))?.take(MOST).read_to_end(&mut bytes)?;
        let Some((tag, code)) = bytes.split_at_checked(TAG) else { return Ok(None) };
        let good = verify_slices_are_equal(self.tag(name, code).as_ref(), tag).is_ok();
        Ok(good.then(|| OwnCode(bytes.split_off(TAG))))
    }

    /// Another reader sees the whole file or none. Then the folder is brought below its cap.
    pub(super) fn write(&self, digest: &PluginDigest, code: &OwnCode) -> io::Result<()> {
        let name = self.name(digest);
        let turn = self.written.fetch_add(1, Ordering::Relaxed);
        let temporary =
            self.folder.join(format!("{digest}.{}.{turn}{TEMPORARY}", std::process::id()));
        let written = self.write_to(&temporary, &name, code);
        let done = written.and_then(|()| fs::rename(&temporary, self.folder.join(&name)));
        if done.is_err() {
            // It may not exist at all; the first error is the one to tell.
            let _ = fs::remove_file(&temporary);
        }
        done.and_then(|()| self.sweep())
    }

    fn write_to(&self, path: &Path, name: &str, code: &OwnCode) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(self.tag(name, &code.0).as_ref())?;
        file.write_all(&code.0)
    }

    pub(super) fn remove(&self, digest: &PluginDigest) {
        let name = self.name(digest);
        if let Err(error) = fs::remove_file(self.folder.join(&name)) {
            tracing::warn!(%name, %error, "a cached plugin cannot be removed");
        }
    }

    /// Removes what no engine of ours will read again, then the oldest files above the cap.
    fn sweep(&self) -> io::Result<()> {
        let mut kept: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let foreign = name.ends_with(".cwasm") && !name.ends_with(&self.suffix);
            let temporary = name.ends_with(TEMPORARY);
            if foreign || (temporary && abandoned(&entry)?) {
                remove_if_there(&entry.path())?;
            } else if name.ends_with(&self.suffix) {
                match entry.metadata() {
                    Ok(about) => kept.push((about.modified()?, about.len(), entry.path())),
                    Err(error) => gone_is_fine(error)?,
                }
            }
        }
        kept.sort();
        let mut total: u64 = kept.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in kept {
            if total <= self.max_bytes {
                break;
            }
            remove_if_there(&path)?;
            total = total.saturating_sub(bytes);
        }
        Ok(())
    }

    fn name(&self, digest: &PluginDigest) -> String {
        format!("{digest}{}", self.suffix)
    }

    fn tag(&self, name: &str, code: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(name.as_bytes());
        // A name holds no NUL, so name and content cannot be cut elsewhere.
        context.update(b"\0");
        context.update(code);
        context.sign()
    }
}

/// Makes the folder, or takes an existing one that belongs to this user, and closes it to all others.
fn own(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let about = fs::symlink_metadata(folder)?;
    if !about.is_dir() {
        return Err(io::Error::other("it is not a folder"));
    }
    if about.mode() & 0o777 != 0o700 {
        // Only the owner may do this, so it also refuses a folder of somebody else.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    fs::remove_file(path).or_else(gone_is_fine)
}

/// Whether a crash left a file behind: a younger one may be another process's work.
fn abandoned(entry: &fs::DirEntry) -> io::Result<bool> {
    match entry.metadata() {
        Ok(about) => Ok(about.modified()?.elapsed().is_ok_and(|age| age > ABANDONED_AFTER)),
        Err(error) => gone_is_fine(error).map(|()| false),
    }
}

/// Another process may sweep the same folder.
fn gone_is_fine(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Names wasmtime's version, settings and CPU: code for another one has another name (WP-73).
fn compatibility(engine: &Engine) -> String {
    struct Collected(Vec<u8>);
    impl Hasher for Collected {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut collected = Collected(Vec::new());
    engine.precompile_compatibility_hash().hash(&mut collected);
    digest_of(&collected.0).as_str().chars().take(16).collect()
}
