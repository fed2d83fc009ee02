//! The cache folder: what is taken from it, and what is not.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretBox;
use symbolon_plugin_host::{
    CacheFolder, Class, Compile, HostError, HostOptions, LoadError, LoadSource, PluginHost,
};
use tempfile::TempDir;

use crate::compile::{child, heavy};
use crate::world::{MISBEHAVING, call, fixture, limits};

fn folder(path: &Path, key: u8) -> CacheFolder {
    CacheFolder::new(path.to_owned(), "k1".to_owned(), SecretBox::new(Box::new([key; 32])))
}

fn options(compile: Compile, cache: CacheFolder) -> HostOptions {
    HostOptions { limits: limits(), compile, cache: Some(cache), ..HostOptions::default() }
}

fn host(cache: CacheFolder) -> PluginHost {
    PluginHost::with(options(Compile::InProcess, cache)).unwrap()
}

/// Where a fresh host finds the code of the misbehaving plugin; it must work wherever that was.
async fn source(cache: CacheFolder) -> LoadSource {
    let host = host(cache);
    let loaded = host.load_as(Arc::from(MISBEHAVING), Class::Standard).await.unwrap();
    call(&host, &loaded.digest, "{}", "a").await.unwrap();
    loaded.source
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(path).unwrap().map(|one| one.unwrap().path()).collect();
    files.sort();
    files
}

/// A folder with the code of the misbehaving plugin, and that file.
async fn filled() -> (TempDir, PathBuf) {
    let at = TempDir::new().unwrap();
    assert_eq!(source(folder(at.path(), 1)).await, LoadSource::Compiled);
    let [file] = files(at.path()).try_into().unwrap();
    (at, file)
}

#[tokio::test]
async fn wp70_wp74_a_plugin_is_compiled_once_for_all_starts() {
    let (at, file) = filled().await;
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with(PluginHost::digest_of(MISBEHAVING).as_str()), "{name}");
    assert!(name.ends_with(".k1.cwasm"), "{name}");
    for path in [at.path(), &file] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o077, 0, "{path:?}");
    }
    assert_eq!(source(folder(at.path(), 1)).await, LoadSource::Cache);
}

#[tokio::test]
async fn wp70_the_child_fills_the_same_folder() {
    let at = TempDir::new().unwrap();
    let host = PluginHost::with(options(child(&[]), folder(at.path(), 1))).unwrap();
    let loaded = host.load_as(Arc::from(MISBEHAVING), Class::Standard).await.unwrap();
    assert_eq!(loaded.source, LoadSource::Compiled);
    assert_eq!(source(folder(at.path(), 1)).await, LoadSource::Cache);
}

#[tokio::test]
async fn p7_wp75_a_plugin_from_the_folder_does_not_wait_for_somebody_elses_compiler() {
    let (at, _) = filled().await;
    let host = PluginHost::with(options(child(&[]), folder(at.path(), 1))).unwrap();
    let finished = RefCell::new(Vec::new());
    let (first, second) = (heavy(700, 300), heavy(700, 301));
    let compile = async |bytes| {
        host.load(bytes).await.unwrap_err();
        finished.borrow_mut().push("compiled");
    };
    let cached = async {
        let loaded = host.load_as(Arc::from(MISBEHAVING), Class::Standard).await.unwrap();
        assert_eq!(loaded.source, LoadSource::Cache);
        finished.borrow_mut().push("cached");
    };
    tokio::join!(compile(first), compile(second), cached);
    assert_eq!(*finished.borrow(), ["cached", "compiled", "compiled"]);
}

#[tokio::test]
async fn wp70_wp71_changed_files_are_rejected_and_made_anew() {
    let change: [fn(&mut Vec<u8>); 5] = [
        |bytes| bytes[0] ^= 1,
        |bytes| bytes[40] ^= 1,
        |bytes| *bytes.last_mut().unwrap() ^= 1,
        |bytes| bytes.truncate(bytes.len() / 2),
        Vec::clear,
    ];
    let (at, file) = filled().await;
    for (n, change) in change.into_iter().enumerate() {
        let mut bytes = fs::read(&file).unwrap();
        change(&mut bytes);
        fs::write(&file, bytes).unwrap();
        assert_eq!(source(folder(at.path(), 1)).await, LoadSource::CacheRejected, "change {n}");
        assert_eq!(source(folder(at.path(), 1)).await, LoadSource::Cache, "change {n}");
    }
}

#[tokio::test]
async fn wp70_wp72_code_of_another_key_or_another_plugin_is_rejected() {
    let (at, file) = filled().await;
    assert_eq!(source(folder(at.path(), 2)).await, LoadSource::CacheRejected);

    let other = fixture("prepared");
    host(folder(at.path(), 2)).load(Arc::clone(&other)).await.unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let (ours, theirs) = (PluginHost::digest_of(MISBEHAVING), PluginHost::digest_of(&other));
    fs::copy(at.path().join(name.replace(ours.as_str(), theirs.as_str())), &file).unwrap();
    assert_eq!(source(folder(at.path(), 2)).await, LoadSource::CacheRejected);
}

#[tokio::test]
async fn wp69_p13_precompiled_code_stays_refused_as_an_upload() {
    let (at, file) = filled().await;
    let kept = fs::read(file).unwrap();
    let host = host(folder(at.path(), 1));
    let error = host.load(Arc::from(&kept[32..])).await.unwrap_err();
    assert!(matches!(error, LoadError::Precompiled), "{error}");
}

#[tokio::test]
async fn wp73_files_of_another_engine_or_key_name_are_swept() {
    let (at, file) = filled().await;
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let engine = name.split('.').nth(1).unwrap();
    let old = [
        name.replace(engine, "0123456789abcdef"),
        name.replace(".k1.", ".k0."),
        "left-behind.1.1.tmp".to_owned(),
    ];
    for name in &old {
        let file = fs::File::create(at.path().join(name)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    fs::write(at.path().join("README"), b"not ours, not touched").unwrap();
    fs::write(at.path().join("at-work.2.1.tmp"), b"of another process").unwrap();
    assert_eq!(source(folder(at.path(), 1)).await, LoadSource::Cache);
    let mut expected =
        ["README", name.as_str(), "at-work.2.1.tmp"].map(|name| at.path().join(name));
    expected.sort();
    assert_eq!(files(at.path()), expected);
}

#[tokio::test]
async fn wp73_above_the_cap_the_oldest_files_go() {
    let (at, file) = filled().await;
    let long_ago = std::time::UNIX_EPOCH;
    fs::File::options().write(true).open(&file).unwrap().set_modified(long_ago).unwrap();
    let cap = fs::metadata(&file).unwrap().len();
    let small = host(CacheFolder { max_bytes: cap, ..folder(at.path(), 1) });
    let other = small.load(fixture("prepared")).await.unwrap();
    let [left] = files(at.path()).try_into().unwrap();
    assert!(left.to_str().unwrap().contains(other.as_str()), "{left:?}");
}

#[tokio::test]
async fn wp70_a_folder_that_others_may_enter_is_closed() {
    let at = TempDir::new().unwrap();
    fs::set_permissions(at.path(), fs::Permissions::from_mode(0o777)).unwrap();
    drop(host(folder(at.path(), 1)));
    assert_eq!(fs::metadata(at.path()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn wp70_a_folder_that_cannot_be_used_stops_the_start() {
    let at = TempDir::new().unwrap();
    let file = at.path().join("file");
    fs::write(&file, b"").unwrap();
    let named = CacheFolder { key_name: "../k".to_owned(), ..folder(at.path(), 1) };
    for cache in [folder(&file, 1), named] {
        let error = PluginHost::with(options(Compile::InProcess, cache)).err().unwrap();
        assert!(matches!(error, HostError::CacheFolder { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_costs_time_only() {
    let at = TempDir::new().unwrap();
    let path = at.path().join("cache");
    let host = host(folder(&path, 1));
    fs::remove_dir(&path).unwrap();
    let loaded = host.load_as(Arc::from(MISBEHAVING), Class::Standard).await.unwrap();
    assert_eq!(loaded.source, LoadSource::Compiled);
}

#[test]
fn wp70_the_key_is_never_printed() {
    let printed = format!("{:?}", options(Compile::InProcess, folder(Path::new("/x"), 173)));
    assert!(printed.contains("REDACTED") && !printed.contains("173"), "{printed}");
}
