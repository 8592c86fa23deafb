//! What a delivery and a run leave behind. Failing to clean up fails nothing: the next run's end
//! finds what is left.

use flow::path::CheckedBatch;
use flow::{Context, Fault, Object};

use crate::step::Deliver;

/// Objects that can be made again from raw batches have keys that begin with this.
const WORK: &str = "work/";

/// Raw batches one run's end looks at; with the default batch size they are far more than the
/// default `raw.max_bytes` holds.
const MOST_KEPT: u32 = 100_000;

impl Deliver {
    /// Drops what was made on the way of a batch that is delivered. Its raw object stays.
    pub(crate) async fn drop_work(&self, checked: &CheckedBatch) {
        let made = [Some(&checked.data), checked.selection.as_ref()];
        for object in made.into_iter().flatten().filter(|object: &&Object| object.key.starts_with(WORK)) {
            if let Err(error) = self.parts.staging.delete(&object.key).await {
                tracing::warn!(key = object.key, error = %error, "object could not be dropped");
            }
        }
    }

    /// Drops what a closed run left in the stage, and raw batches beyond their retention.
    pub(crate) async fn clean_up(&self, context: &Context) -> Result<(), Fault> {
        for left in self.parts.staging.list(&format!("{WORK}{}/", context.run)).await? {
            self.parts.staging.delete(&left.key).await?;
        }
        self.parts.store.forget_keys(&context.run).await?;
        match self.replay_of(context).await? {
            // It read nothing, and what it sent may be wanted by the next of its series.
            Some(_) => Ok(()),
            None => self.retain(context).await,
        }
    }

    /// Raw batches of ended runs go when they are older than `raw.retain`, and the oldest of them
    /// while all of them together are larger than `raw.max_bytes`.
    async fn retain(&self, context: &Context) -> Result<(), Fault> {
        let raw = &self.parts.specs.of(context).await?.raw;
        let now = self.parts.clock.now();
        let kept = self.parts.store.kept_raw(&context.sync, MOST_KEPT).await?;
        let mut bytes: u64 = kept.iter().map(|batch| batch.raw.bytes).sum();
        for batch in &kept {
            let is_old = batch.staged_at + raw.retain.0 < now;
            if !is_old && bytes <= raw.max_bytes.0 {
                break;
            }
            self.parts.staging.delete(&batch.raw.key).await?;
            self.parts.store.forget_raw(&batch.id).await?;
            bytes = bytes.saturating_sub(batch.raw.bytes);
        }
        Ok(())
    }
}
