#[path = "../../../../tests/support/hiccups.rs"]
mod hiccups;
mod live;
mod troubled;

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_types::region::Region;

use super::*;

/// What clients are made from, with keys that an emulator takes.
fn config() -> SdkConfig {
    let keys = Credentials::new("test", "test", None, None, "the test");
    SdkConfig::builder()
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(Builder::new().build_http())
        .build()
}

fn bucket_at(endpoint: &str) -> Bucket {
    Bucket { endpoint: Some(endpoint.to_owned()), address: Address::Path, ..Bucket::named("stage") }
}

fn in_haste() -> Patience {
    Patience {
        connect: Duration::from_secs(2),
        attempt: Duration::from_secs(2),
        total: Duration::from_secs(10),
        attempts: 3,
        backoff: Duration::from_millis(5),
    }
}
