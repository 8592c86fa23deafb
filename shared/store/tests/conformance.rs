//! The SQLite store keeps the contract, however it is held.
#![expect(clippy::expect_used, reason = "a test says what failed by panicking")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use store::conformance::{Handle, Handles, suite};
use store::faulty::{Faulty, Script};
use store::{Sqlite, Store};
use tempfile::TempDir;

async fn open(path: &Path) -> Arc<dyn Store> {
    Arc::new(Sqlite::open(path).await.expect("the store opens"))
}

/// A store in a folder that lives as long as it.
async fn in_folder(
    next: impl Fn(PathBuf, Arc<Sqlite>, Arc<Sqlite>) -> Handle + Send + Sync + 'static,
) -> Arc<dyn Store> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("state.db");
    let one = Arc::new(Sqlite::open(&path).await.expect("the store opens"));
    let two = Arc::new(Sqlite::open(&path).await.expect("the store opens twice"));
    Arc::new(Handles::new(move || next(folder.path().join("state.db"), one.clone(), two.clone())))
}

#[tokio::test]
async fn one_handle_keeps_the_contract() {
    suite(async || in_folder(|_, one, _| Box::pin(async { Ok(one as Arc<dyn Store>) })).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_handles_on_one_file_keep_the_contract() {
    suite(async || {
        let calls = AtomicUsize::new(0);
        in_folder(move |_, one, two| {
            let is_even = calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
            Box::pin(async move { Ok(if is_even { one } else { two } as Arc<dyn Store>) })
        })
        .await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_opened_anew_for_every_call_keeps_the_contract() {
    suite(async || in_folder(|path, _, _| Box::pin(async move { Ok(open(&path).await) })).await).await;
}

#[tokio::test]
async fn a_wrapper_that_never_fails_keeps_the_contract() {
    suite(async || {
        let inner = in_folder(|_, one, _| Box::pin(async { Ok(one as Arc<dyn Store>) })).await;
        Arc::new(Faulty::new(inner, Script::new())) as Arc<dyn Store>
    })
    .await;
}
