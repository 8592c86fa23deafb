use std::path::PathBuf;

use arrow_array::RecordBatch;
use async_trait::async_trait;
use bytes::Bytes;
use flow::{Digest, Object};

use crate::Error;

/// Keeps objects by key. An object is written whole and never changed: a key holds the digest of
/// its content, so two writers of one key write the same bytes.
#[async_trait]
pub trait Staging: Send + Sync {
    /// Writes an object: when it returns, the bytes survive a power cut, and no reader ever sees a
    /// part of them. Writing a key that is there replaces it.
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Error>;

    /// Reads an object whole.
    async fn get(&self, key: &str) -> Result<Bytes, Error>;

    /// Deletes an object. One that is not there is fine.
    async fn delete(&self, key: &str) -> Result<(), Error>;

    /// Lists the objects whose key begins with `prefix`, in the order of their keys.
    async fn list(&self, prefix: &str) -> Result<Vec<Entry>, Error>;

    /// The file an object is kept in, where it is one of this machine that can be read as it is:
    /// an economy, never the only way. Nobody changes the file; one that takes its place is
    /// another file. `None` says nothing about whether the object is there, nor does a path.
    fn local_path(&self, _key: &str) -> Option<PathBuf> {
        None
    }

    /// Offers the rows of an object that was just written, for [`kept`](Self::kept) to give back.
    fn keep(&self, _object: &Object, _rows: &RecordBatch) {}

    /// The rows of an object, where this stage still has them in memory: an economy, never the
    /// only way.
    fn kept(&self, _object: &Object) -> Option<RecordBatch> {
        None
    }
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Batches in the stage.
#[async_trait]
pub trait StagingExt {
    /// Encodes and writes a batch under `prefix`, the key made of `name` and its content's digest.
    async fn put_batch(&self, prefix: &str, name: &str, rows: &RecordBatch) -> Result<Object, Error>;

    /// Reads a batch back and checks its digest.
    async fn get_batch(&self, object: &Object) -> Result<RecordBatch, Error>;
}

#[async_trait]
impl<S: Staging + ?Sized> StagingExt for S {
    async fn put_batch(&self, prefix: &str, name: &str, rows: &RecordBatch) -> Result<Object, Error> {
        let bytes = batch::ipc::encode(rows).map_err(Error::Batch)?;
        let digest = Digest::of(&bytes);
        let key = format!("{prefix}/{name}-{}.arrow", digest.short());
        let object = Object { key, digest, bytes: bytes.len() as u64, rows: rows.num_rows() as u64 };
        self.put(&object.key, bytes.into()).await?;
        self.keep(&object, rows);
        Ok(object)
    }

    async fn get_batch(&self, object: &Object) -> Result<RecordBatch, Error> {
        if let Some(rows) = self.kept(object) {
            return Ok(rows);
        }
        let bytes = self.get(&object.key).await?;
        let found = Digest::of(&bytes);
        if found != object.digest {
            return Err(Error::Damaged { key: object.key.clone(), expected: object.digest.clone(), found });
        }
        batch::ipc::decode(&bytes).map_err(Error::Batch)
    }
}
