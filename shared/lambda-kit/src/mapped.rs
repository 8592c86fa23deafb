use async_trait::async_trait;
use flow::QueueName;
use queue::sqs::Delivered;
use queue::{Receipt, Received, Sqs};

/// What queues can do besides whose messages somebody else receives and hands in by the batch, as
/// Lambda's mapping does.
#[async_trait]
pub trait Mapped: Send + Sync {
    /// Takes over a message that was received for this function: it can then be answered for.
    fn adopt(&self, queue: QueueName, delivered: Delivered) -> Received;

    /// Forgets a message that was adopted; nothing is asked of the queue.
    fn release(&self, receipt: &Receipt);

    /// About how many dead letters a queue has. Asks for nothing but the count: looking through them is
    /// dear, and mostly there are none.
    async fn dead_count(&self, queue: QueueName) -> Result<u64, queue::Error>;
}

#[async_trait]
impl Mapped for Sqs {
    fn adopt(&self, queue: QueueName, delivered: Delivered) -> Received {
        Sqs::adopt(self, queue, delivered)
    }

    fn release(&self, receipt: &Receipt) {
        Sqs::release(self, receipt);
    }

    async fn dead_count(&self, queue: QueueName) -> Result<u64, queue::Error> {
        Sqs::dead_count(self, queue).await
    }
}
