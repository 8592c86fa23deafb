//! The stage in a folder: one file for each object, its key as its path.
//!
//! An object is written to a hidden file beside its place, synced, and renamed into it; then the
//! folder is synced, for the name to survive a power cut as well. The syncs cost milliseconds for
//! a batch of some megabytes, and everything that follows (a position that moves, a message that
//! is acknowledged) trusts in them.

mod blocking;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Entry, Error, Staging, key};
use blocking::Tree;

/// A stage in a folder, which several processes may use at once.
pub struct Folder {
    tree: Arc<Tree>,
}

impl Folder {
    /// Opens the folder, or creates it. What processes that were killed left half-written goes.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let root = path.to_owned();
        let tree = in_background("open", &path.display().to_string(), move || Tree::open(root)).await?;
        Ok(Self { tree: Arc::new(tree) })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &PathBuf {
        &self.tree.root
    }

    async fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        key: &str,
        work: impl FnOnce(&Tree, &str) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (tree, name) = (self.tree.clone(), key.to_owned());
        in_background(doing, key, move || work(&tree, &name)).await
    }
}

#[async_trait]
impl Staging for Folder {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Error> {
        key::check(key)?;
        self.run("write", key, move |tree, key| tree.put(key, &bytes)).await
    }

    async fn get(&self, key: &str) -> Result<Bytes, Error> {
        key::check(key)?;
        self.run("read", key, Tree::get).await
    }

    async fn delete(&self, key: &str) -> Result<(), Error> {
        key::check(key)?;
        self.run("delete", key, Tree::delete).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Entry>, Error> {
        key::check_prefix(prefix)?;
        self.run("list", prefix, Tree::list).await
    }

    fn local_path(&self, key: &str) -> Option<PathBuf> {
        key::check(key).ok()?;
        Some(self.tree.root.join(key))
    }
}

/// File systems block; the threads that run the functions must not.
async fn in_background<T: Send + 'static>(
    doing: &'static str,
    key: &str,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let ended = |source: tokio::task::JoinError| Error::Io { doing, key: key.to_owned(), source: source.into() };
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}

#[cfg(test)]
mod tests;
