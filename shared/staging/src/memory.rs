//! The stage in memory, for tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Entry, Error, Staging, key};

/// A stage that lives and dies with its process.
#[derive(Default)]
pub struct Memory {
    objects: Mutex<BTreeMap<String, Bytes>>,
}

impl Memory {
    /// An empty stage.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Staging for Memory {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Error> {
        key::check(key)?;
        self.objects().insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Bytes, Error> {
        key::check(key)?;
        self.objects().get(key).cloned().ok_or_else(|| Error::NotFound { key: key.to_owned() })
    }

    async fn delete(&self, key: &str) -> Result<(), Error> {
        key::check(key)?;
        self.objects().remove(key);
        Ok(())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Entry>, Error> {
        key::check_prefix(prefix)?;
        let objects = self.objects();
        let found = objects.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        Ok(found.map(|(key, bytes)| Entry { key: key.clone(), bytes: bytes.len() as u64 }).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::conformance;

    #[tokio::test]
    async fn keeps_the_contract() {
        conformance::run(async || Arc::new(Memory::new()) as Arc<dyn Staging>).await;
    }
}
