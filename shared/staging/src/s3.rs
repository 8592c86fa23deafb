//! The stage in a bucket of S3, or of a store that speaks its language: one object for each key.
//!
//! S3 shows an object whole or not at all, and shows it to every reader once the write is answered,
//! which is what the stage promises; nothing has to be built on top. Bytes are checked on both ways
//! by a CRC, and by their digest when a batch is read. Encryption at rest is the bucket's default.
//!
//! Without the permission `s3:ListBucket`, S3 answers "access denied" for an object that is not
//! there: give it, or a missing object is reported as [`Error::Denied`].

mod body;
mod client;
mod trouble;

use std::sync::OnceLock;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_types::SdkConfig;
use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use crate::{Entry, Error, Staging, key};

pub use client::{Address, Bucket, Patience};
use trouble::Asked;

/// A stage in a bucket. Many processes may use it at once.
pub struct S3 {
    config: SdkConfig,
    bucket: Bucket,
    patience: Patience,
    // Made by the first call: a client is the dearest part of a function's start, and not every
    // invocation needs this one.
    client: OnceLock<Client>,
}

impl S3 {
    /// A stage in this bucket; nothing is asked of it yet. `config` is what all clients of the
    /// process share: region, credentials, connections.
    pub fn new(config: SdkConfig, bucket: Bucket, patience: Patience) -> Result<Self, Error> {
        bucket.check()?;
        Ok(Self { config, bucket, patience, client: OnceLock::new() })
    }

    /// The client, made when it is first asked for.
    fn client(&self) -> Result<&Client, Error> {
        match self.client.get() {
            Some(client) => Ok(client),
            None => {
                let made = client::make(&self.config, &self.bucket, &self.patience)?;
                Ok(self.client.get_or_init(|| made))
            }
        }
    }

    /// Asks for an object once (the SDK repeats the asking, not the reading) and reads it.
    async fn read(&self, key: &str, asked: &Asked<'_>) -> Result<Bytes, body::Failed> {
        let request = self.client()?.get_object().bucket(&self.bucket.name).key(self.bucket.path_of(key));
        let answer = request.send().await.map_err(|error| asked.failed(error))?;
        let length = answer.content_length();
        match tokio::time::timeout(self.patience.attempt, body::read(answer.body, length)).await {
            Ok(read) => read,
            Err(elapsed) => Err(body::Failed::Broken(elapsed.into())),
        }
    }

    fn asked<'a>(&'a self, doing: &'static str, key: &'a str) -> Asked<'a> {
        Asked { doing, key, bucket: &self.bucket.name, region: self.config.region().map(AsRef::as_ref) }
    }
}

#[async_trait]
impl Staging for S3 {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Error> {
        key::check(key)?;
        let request = self.client()?.put_object().bucket(&self.bucket.name).key(self.bucket.path_of(key));
        let sent = request.body(ByteStream::from(bytes)).send().await;
        sent.map(drop).map_err(|error| self.asked("write", key).failed(error))
    }

    /// An answer that breaks off half-way, stalls or does not have its checksum is asked for again,
    /// as often and as long as any request.
    async fn get(&self, key: &str) -> Result<Bytes, Error> {
        key::check(key)?;
        let asked = self.asked("read", key);
        let deadline = Instant::now() + self.patience.total;
        let mut attempts_left = self.patience.attempts.max(1);
        let source = loop {
            attempts_left -= 1;
            match timeout_at(deadline, self.read(key, &asked)).await {
                Ok(Ok(bytes)) => return Ok(bytes),
                Ok(Err(body::Failed::Answered(error))) => return Err(error),
                Ok(Err(body::Failed::Broken(_))) if attempts_left > 0 => {}
                Ok(Err(body::Failed::Broken(source))) => break source,
                Err(elapsed) => break elapsed.into(),
            }
        };
        Err(Error::Unavailable { doing: "read", key: key.to_owned(), source })
    }

    async fn delete(&self, key: &str) -> Result<(), Error> {
        key::check(key)?;
        let request = self.client()?.delete_object().bucket(&self.bucket.name).key(self.bucket.path_of(key));
        match request.send().await.map_err(|error| self.asked("delete", key).failed(error)) {
            Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Entry>, Error> {
        key::check_prefix(prefix)?;
        let request = self.client()?.list_objects_v2().bucket(&self.bucket.name);
        let mut pages = request.prefix(self.bucket.path_of(prefix)).into_paginator().send();
        let mut entries = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.asked("list", prefix).failed(error))?;
            entries
                .extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| self.bucket.entry(object)));
        }
        // S3 lists in this order; not every store that speaks its language does.
        entries.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Ok(entries)
    }
}

#[cfg(test)]
mod tests;
