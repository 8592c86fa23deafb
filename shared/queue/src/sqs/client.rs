//! Where the queues are, how long SQS may take, and the client that follows from both.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Builder};
use aws_types::SdkConfig;
use flow::QueueName;

use super::Place;
use crate::Error;

/// Messages in one request of SQS.
pub(super) const BATCH: i32 = 10;

/// SQS leases for 12 hours at most.
const LONGEST_LEASE: i32 = 43_200;

/// Where the queues are. Whoever only sends to a queue needs no more than its messages' address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// The URL of each queue, as SQS gives it.
    pub messages: HashMap<QueueName, String>,
    /// The URL of the queue each queue's redrive policy names.
    pub dead_letters: HashMap<QueueName, String>,
    /// The address to ask instead of the region's own: an emulator's.
    pub endpoint: Option<String>,
}

/// How long SQS may take. What a function waits for must end before the function does: set `total`
/// to what its time limit leaves. A poll may take its own time besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Longest wait for a connection. Default 3 s.
    pub connect: Duration,
    /// Longest time of one try. Default 5 s.
    pub attempt: Duration,
    /// Longest time of a request, with its repeats and the waits between them. Default 20 s.
    pub total: Duration,
    /// Tries in all; 1 never repeats. Default 5. Throttling, failures of SQS, resets and slow answers
    /// are repeated, refusals are not.
    pub attempts: u32,
    /// The first wait between two tries, doubled from try to try and spread at random. Default 200 ms.
    pub backoff: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(5),
            total: Duration::from_secs(20),
            attempts: 5,
            backoff: Duration::from_millis(200),
        }
    }
}

impl Addresses {
    pub(super) fn messages(&self, queue: QueueName) -> Result<Place<'_>, Error> {
        let address = self.messages.get(&queue).ok_or(Error::NoAddress { queue, what: "the messages" })?;
        Ok(Place { queue, address })
    }

    pub(super) fn dead_letters(&self, queue: QueueName) -> Result<Place<'_>, Error> {
        let address = self.dead_letters.get(&queue).ok_or(Error::NoAddress { queue, what: "the dead letters" })?;
        Ok(Place { queue, address })
    }
}

impl Patience {
    fn timeouts(&self, poll: Duration) -> TimeoutConfig {
        let builder = TimeoutConfig::builder().connect_timeout(self.connect);
        builder.operation_attempt_timeout(self.attempt + poll).operation_timeout(self.total + poll).build()
    }

    /// What a request that waits this long for messages is given in addition.
    pub(super) fn with_poll(&self, poll: Duration) -> Builder {
        Builder::new().timeout_config(self.timeouts(poll))
    }
}

/// Whole seconds as SQS counts leases, rounded up: what was leased is never others' too early.
pub(super) fn seconds(time: Duration) -> i32 {
    let whole = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    i32::try_from(whole).unwrap_or(LONGEST_LEASE).min(LONGEST_LEASE)
}

/// Makes the client. Connections and credentials are the shared config's.
pub(super) fn make(
    config: &SdkConfig,
    queue: QueueName,
    addresses: &Addresses,
    patience: &Patience,
) -> Result<Client, Error> {
    if config.region().is_none() {
        return Err(Error::NoRegion);
    }
    if config.credentials_provider().is_none() {
        return Err(Error::Credentials { queue, source: None });
    }
    let retry = RetryConfig::standard().with_max_attempts(patience.attempts).with_initial_backoff(patience.backoff);
    let mut builder = Builder::from(config).retry_config(retry).timeout_config(patience.timeouts(Duration::ZERO));
    if config.behavior_version().is_none() {
        builder = builder.behavior_version(BehaviorVersion::v2026_01_12());
    }
    if let Some(endpoint) = &addresses.endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    Ok(Client::from_conf(builder.build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_are_rounded_up_and_end_within_twelve_hours() {
        let cases = [(0, 0), (1, 1), (1_000, 1), (1_001, 2), (60_000, 60), (u64::MAX, LONGEST_LEASE)];
        for (millis, expected) in cases {
            assert_eq!(seconds(Duration::from_millis(millis)), expected, "{millis}");
        }
    }

    #[test]
    fn a_queue_without_address_is_named() {
        let error = Addresses::default().dead_letters(QueueName::Staged).map(drop).unwrap_err();
        assert_eq!(error.to_string(), "no address is set for the dead letters of queue `staged`");
    }
}
