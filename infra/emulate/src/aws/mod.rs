//! The endpoint: an emulator of S3 and SQS, asked with keys that any emulator takes.

mod make;
mod queue;

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{BehaviorVersion, retry::RetryConfig};
use aws_sdk_sqs::error::{DisplayErrorContext, SdkError};
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::Error;

pub(crate) use queue::Depth;

/// Both keys. Emulators take any; some read an account's number from one of twelve digits.
pub(crate) const KEY: &str = "test";

/// How long an answer may take, beside a poll's own time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Clients of the endpoint.
#[derive(Clone)]
pub(crate) struct Aws {
    endpoint: String,
    region: String,
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
}

impl Aws {
    pub(crate) fn new(endpoint: &str, region: &str) -> Self {
        let keys = Credentials::new(KEY, KEY, None, None, "emulate");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .endpoint_url(endpoint)
            .retry_config(RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(100)))
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Self {
            endpoint: endpoint.to_owned(),
            region: region.to_owned(),
            sqs: aws_sdk_sqs::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(
                // Emulators have one host name.
                aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
            ),
        }
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The error for what the endpoint did not do.
    pub(crate) fn trouble(&self, doing: String, why: String) -> Error {
        Error::Endpoint { doing, endpoint: self.endpoint.clone(), source: why.into() }
    }

    fn failed<E, R>(&self, doing: String, error: SdkError<E, R>) -> Error
    where
        E: std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        self.trouble(doing, said(error))
    }
}

/// What went wrong with a request, in one line.
fn said<E, R>(error: SdkError<E, R>) -> String
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let text = flow::fault::chain(&error);
    if text.is_empty() { DisplayErrorContext(error).to_string() } else { text }
}
