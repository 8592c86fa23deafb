//! Where the stage lies in S3, how long S3 may take, and the client that follows from both.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Builder, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::types::Object;
use aws_types::SdkConfig;

use crate::{Entry, Error, key};

/// S3 takes keys of up to 1,024 bytes and the stage's own are of up to 900.
const LONGEST_PREFIX: usize = 120;

/// Where the stage lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The bucket's name.
    pub name: String,
    /// What every key is put below, as a folder; empty for none. Up to 120 bytes, of the same parts
    /// as keys.
    pub prefix: String,
    /// The address to ask instead of the region's own: an emulator's or another store's.
    pub endpoint: Option<String>,
    /// Whether the bucket stands in the path or in the host name. In the path for emulators, whose
    /// host has one name.
    pub address: Address,
}

/// Where a request names its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Address {
    /// `https://BUCKET.host/KEY`, as AWS wants it.
    #[default]
    Host,
    /// `https://host/BUCKET/KEY`.
    Path,
}

/// How long S3 may take. What a function waits for must end before the function does: set `total`
/// to what its time limit leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Longest wait for a connection. Default 3 s.
    pub connect: Duration,
    /// Longest time of one try, with all its bytes. Default 20 s: 64 MiB at 4 MiB a second and some.
    pub attempt: Duration,
    /// Longest time of a call, with its repeats and the waits between them. Default 60 s.
    pub total: Duration,
    /// Tries in all; 1 never repeats. Default 5. Throttling, failures of the store, resets and slow
    /// answers are repeated, refusals are not.
    pub attempts: u32,
    /// The first wait between two tries, doubled from try to try and spread at random; waits after
    /// throttling begin with it too. Default 200 ms.
    pub backoff: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(20),
            total: Duration::from_secs(60),
            attempts: 5,
            backoff: Duration::from_millis(200),
        }
    }
}

impl Bucket {
    /// A bucket of AWS, its root the stage's.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), prefix: String::new(), endpoint: None, address: Address::Host }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.prefix.is_empty() {
            return Ok(());
        }
        key::check(&self.prefix)?;
        if self.prefix.len() > LONGEST_PREFIX { Err(Error::BadKey { key: self.prefix.clone() }) } else { Ok(()) }
    }

    /// The object's name in the bucket.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) }
    }

    /// What a listed object is to the stage; nothing when it is none of its own, as the empty
    /// objects that consoles make for folders.
    pub(super) fn entry(&self, object: Object) -> Option<Entry> {
        let name = object.key?;
        let key = match self.prefix.as_str() {
            "" => name.as_str(),
            prefix => name.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        key::check(key).ok()?;
        let bytes = u64::try_from(object.size.unwrap_or_default()).unwrap_or_default();
        Some(Entry { key: key.to_owned(), bytes })
    }
}

/// Makes the client. Connections and credentials are the shared config's.
pub(super) fn make(config: &SdkConfig, bucket: &Bucket, patience: &Patience) -> Result<Client, Error> {
    if config.region().is_none() {
        return Err(Error::NoRegion { bucket: bucket.name.clone() });
    }
    if config.credentials_provider().is_none() {
        return Err(Error::Credentials { bucket: bucket.name.clone(), source: None });
    }
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(patience.connect)
        .operation_attempt_timeout(patience.attempt)
        .operation_timeout(patience.total);
    let mut builder = Builder::from(config)
        .force_path_style(bucket.address == Address::Path)
        .retry_config(
            RetryConfig::standard().with_max_attempts(patience.attempts).with_initial_backoff(patience.backoff),
        )
        .timeout_config(timeouts.build())
        .request_checksum_calculation(RequestChecksumCalculation::WhenSupported)
        .response_checksum_validation(ResponseChecksumValidation::WhenSupported);
    if config.behavior_version().is_none() {
        builder = builder.behavior_version(BehaviorVersion::v2026_01_12());
    }
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    Ok(Client::from_conf(builder.build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(prefix: &str) -> Bucket {
        Bucket { prefix: prefix.to_owned(), ..Bucket::named("stage") }
    }

    #[test]
    fn keys_lie_below_the_prefix() {
        assert_eq!(below("").path_of("runs/1/a"), "runs/1/a");
        assert_eq!(below("team/stage").path_of("runs/1/a"), "team/stage/runs/1/a");
    }

    #[test]
    fn prefixes_that_could_lead_elsewhere_are_refused() {
        let long = "x".repeat(LONGEST_PREFIX + 1);
        for prefix in ["/", "a/", "/a", "a//b", "..", "a b", long.as_str()] {
            assert!(matches!(below(prefix).check(), Err(Error::BadKey { .. })), "{prefix:?}");
        }
        for prefix in ["", "a", "a/b"] {
            below(prefix).check().unwrap();
        }
    }

    #[test]
    fn what_is_not_of_the_stage_is_not_listed() {
        let entry = |prefix: &str, name: &str| below(prefix).entry(Object::builder().key(name).size(3).build());
        let listed = Some(Entry { key: "runs/1".to_owned(), bytes: 3 });
        assert_eq!(entry("", "runs/1"), listed);
        assert_eq!(entry("team", "team/runs/1"), listed);
        for name in ["team/", "teams/runs/1", "runs/1", "team/a folder/", "team/.hidden"] {
            assert_eq!(entry("team", name), None, "{name}");
        }
    }
}
