//! Looking through a queue. SQS has no looking: messages are received, and given back or removed.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry};
use flow::QueueName;

use super::held::Taken;
use super::trouble::Answer;
use super::{Inner, Place, client};
use crate::Error;

/// How long messages are hidden when whoever looks through them is killed.
pub(super) const HIDDEN: Duration = Duration::from_secs(120);

/// A poll of this length asks all of SQS's servers; one of none asks some, and may miss messages.
pub(super) const THOROUGH: Duration = Duration::from_secs(1);

impl Inner {
    pub(super) async fn purge(&self, queue: QueueName, prefix: &str) -> Result<u64, Error> {
        let from = self.addresses.messages(queue)?;
        let _alone = self.sweeping.lock().await;
        // What a wait has taken is in nobody's hands.
        let mut others = Vec::new();
        let waiting = std::iter::from_fn(|| self.held.next_waiting(queue)).collect();
        let purged = self.purge_into(&mut others, from, prefix, waiting).await;
        self.give_all_back(from, &others).await?;
        purged
    }

    /// Removes what is of the prefix from `found` and from all that can be received; adds the rest to
    /// `others`.
    async fn purge_into(
        &self,
        others: &mut Vec<Taken>,
        from: Place<'_>,
        prefix: &str,
        mut found: Vec<Taken>,
    ) -> Result<u64, Error> {
        let (mut purged, mut seen) = (0, HashSet::new());
        loop {
            let (gone, kept): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|message| message.group.starts_with(prefix));
            let is_again = kept.iter().any(|message| !seen.insert(message.id.clone()));
            others.extend(kept);
            purged += self.remove_all(from, &gone).await?;
            // What comes again was hidden for too long already: there is more than one look can see.
            if is_again {
                return Ok(purged);
            }
            found = self.ask(from, client::BATCH as usize, HIDDEN, THOROUGH).await?;
            if found.is_empty() {
                return Ok(purged);
            }
        }
    }

    /// Removes received messages. Returns how many there were still.
    pub(super) async fn remove_all(&self, from: Place<'_>, messages: &[Taken]) -> Result<u64, Error> {
        let mut removed = 0;
        for batch in messages.chunks(client::BATCH as usize) {
            let entry = |(number, message): (usize, &Taken)| {
                DeleteMessageBatchRequestEntry::builder().id(number.to_string()).receipt_handle(&message.handle).build()
            };
            let entries = batch.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|error| from.asked("remove").unsent(error.into()))?;
            let request = self.client(from.queue)?.delete_message_batch().queue_url(from.address);
            let answer = request.set_entries(Some(entries)).send().await;
            let answer = answer.map_err(|error| from.asked("remove").failed(error))?;
            removed += batch.len().saturating_sub(answer.failed.len()) as u64;
            for failed in answer.failed {
                match from.asked("remove").answered(Answer::of_entry(failed)) {
                    Error::LeaseLost => {}
                    error => return Err(error),
                }
            }
        }
        Ok(removed)
    }

    /// Lets received messages be received again at once. Those whose lease has ended can be already.
    pub(super) async fn give_all_back(&self, from: Place<'_>, messages: &[Taken]) -> Result<(), Error> {
        for batch in messages.chunks(client::BATCH as usize) {
            let entry = |(number, message): (usize, &Taken)| {
                let builder = ChangeMessageVisibilityBatchRequestEntry::builder().id(number.to_string());
                builder.receipt_handle(&message.handle).visibility_timeout(0).build()
            };
            let entries = batch.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|error| from.asked("give back").unsent(error.into()))?;
            let request = self.client(from.queue)?.change_message_visibility_batch().queue_url(from.address);
            let answer = request.set_entries(Some(entries)).send().await;
            answer.map_err(|error| from.asked("give back").failed(error))?;
        }
        Ok(())
    }
}
