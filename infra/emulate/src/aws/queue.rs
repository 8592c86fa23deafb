//! What an event source mapping asks of its queue.

use std::time::Duration;

use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName,
    QueueAttributeName,
};

use super::{Aws, PATIENCE, said};

/// Messages in one request of SQS.
pub(crate) const BATCH: usize = 10;

/// How many messages a queue has, as far as SQS says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Depth {
    /// Those that can be received.
    pub(crate) visible: u64,
    /// Those that are hidden: received, or delayed.
    pub(crate) hidden: u64,
}

impl Aws {
    /// Receives up to `most` messages with all their attributes, waiting whole seconds for the first.
    pub(crate) async fn receive(&self, url: &str, most: usize, wait: Duration) -> Result<Vec<Message>, String> {
        let seconds = i32::try_from(wait.as_secs()).unwrap_or(20).min(20);
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(PATIENCE + wait).build();
        let request = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(i32::try_from(most.min(BATCH)).unwrap_or(1))
            .wait_time_seconds(seconds)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        let received = request.customize().config_override(Builder::new().timeout_config(timeouts)).send().await;
        received.map(|received| received.messages.unwrap_or_default()).map_err(said)
    }

    /// Removes messages. What is gone already is no failure.
    pub(crate) async fn remove(&self, url: &str, handles: &[&str]) -> Result<(), String> {
        for batch in handles.chunks(BATCH) {
            let entry = |(number, handle): (usize, &&str)| {
                DeleteMessageBatchRequestEntry::builder().id(number.to_string()).receipt_handle(*handle).build()
            };
            let entries = batch.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|error| error.to_string())?;
            let removed = self.sqs.delete_message_batch().queue_url(url).set_entries(Some(entries)).send().await;
            // A handle that is not known belongs to a message that is gone, or that others have by now.
            let failed = removed.map_err(said)?.failed.into_iter().find(|failed| !failed.sender_fault);
            if let Some(failed) = failed {
                return Err(failed.message.unwrap_or(failed.code));
            }
        }
        Ok(())
    }

    /// Lets messages that were received, and handed to nobody, be received again at once.
    pub(crate) async fn give_back(&self, url: &str, handles: &[&str]) -> Result<(), String> {
        for batch in handles.chunks(BATCH) {
            let entry = |(number, handle): (usize, &&str)| {
                let builder = ChangeMessageVisibilityBatchRequestEntry::builder().id(number.to_string());
                builder.receipt_handle(*handle).visibility_timeout(0).build()
            };
            let entries = batch.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|error| error.to_string())?;
            let request = self.sqs.change_message_visibility_batch().queue_url(url).set_entries(Some(entries));
            request.send().await.map_err(said)?;
        }
        Ok(())
    }

    pub(crate) async fn depth(&self, url: &str) -> Result<Depth, String> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let request = self.sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(names.to_vec()));
        let attributes = request.send().await.map_err(said)?.attributes.unwrap_or_default();
        let [visible, hidden, delayed] =
            names.map(|name| attributes.get(&name).and_then(|count| count.parse().ok()).unwrap_or(0));
        Ok(Depth { visible, hidden: hidden + delayed })
    }
}
