use std::sync::Arc;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_types::SdkConfig;
use flow::{Clock, Fault, FaultKind};
use queue::Sqs;
use spec::Resolver;
use staging::{S3, Staging};
use store::{Postgres, postgres};
use worker::{Parts, SystemClock};

use crate::Mapped;
use crate::settings::{PREFIX, Settings, invalid};

/// Connections of one process to the store. Calls of the groups of a batch meet, and an environment
/// that waits for its next invocation holds them for nothing: a server has some hundred in all.
const CONNECTIONS: u32 = 2;

/// What a function begins with. Nothing was asked of anybody yet: clients and connections are made by
/// whoever first needs them.
pub struct Start {
    /// The parts on AWS.
    pub parts: Parts,
    /// The queues once more, for what Lambda's mapping hands in.
    pub mapped: Arc<dyn Mapped>,
    /// The store once more, for whoever brings it up to date.
    pub store: Postgres,
    /// Looks up references to secrets.
    pub resolver: Arc<dyn Resolver>,
}

impl Start {
    /// Puts the parts together.
    ///
    /// # Errors
    /// `setting_invalid`, when the store's URL or the prefix cannot be used.
    pub fn new(settings: Settings) -> Result<Self, Fault> {
        let config = config(&settings);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let store = store(&settings)?;
        let (patience, limits) = (queue::sqs::Patience::default(), queue::Limits::default());
        let queue = Arc::new(Sqs::new(config.clone(), settings.addresses, patience, limits, clock.clone()));
        let stage: Arc<dyn Staging> = match settings.bucket {
            Some(bucket) => {
                let prefix = format!("`{}`", bucket.prefix);
                let stage = S3::new(config, bucket, staging::s3::Patience::default());
                Arc::new(stage.map_err(|_| invalid("MILLSTREAM_PREFIX", &prefix, PREFIX))?)
            }
            // For a function that reads and writes none.
            None => Arc::new(staging::Memory::new()),
        };
        let parts = Parts::new(queue.clone(), Arc::new(store.clone()), stage, clock);
        Ok(Self { parts, mapped: queue, store, resolver: settings.resolver })
    }
}

fn store(settings: &Settings) -> Result<Postgres, Fault> {
    let usage = postgres::Settings { connections: CONNECTIONS, ..postgres::Settings::default() };
    Postgres::lazy(&settings.store, usage).map_err(|error| match error {
        store::Error::Address { problem } => {
            Fault::new(FaultKind::Config, "setting_invalid", format!("MILLSTREAM_STORE is not usable: {problem}"))
        }
        error => error.into(),
    })
}

/// What all clients of the process are made from. No client is made yet, and no certificate is read.
fn config(settings: &Settings) -> SdkConfig {
    let is_plain = settings.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let client = match is_plain {
        true => Builder::new().build_http(),
        false => Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
    };
    SdkConfig::builder()
        .region(settings.region.clone())
        .credentials_provider(SharedCredentialsProvider::new(settings.credentials.clone()))
        .http_client(client)
        .build()
}
