#[path = "../../../../tests/support/hiccups.rs"]
mod hiccups;
mod live;
mod troubled;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_types::region::Region;

use super::*;

const QUEUE: QueueName = QueueName::Staged;
const LEASE: Duration = Duration::from_secs(60);

/// What clients are made from, with keys that an emulator takes.
fn config() -> SdkConfig {
    let keys = Credentials::new("test", "test", None, None, "the test");
    SdkConfig::builder()
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(Builder::new().build_http())
        .build()
}

fn message(group: &str, body: &str) -> Outgoing {
    Outgoing { group: group.into(), deduplication_id: body.into(), body: body.into(), delay: Duration::ZERO }
}
