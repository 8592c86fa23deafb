//! `batch-pull` as a process of its own on embedded parts.

use std::sync::Arc;

use batch_pull::wiring::WiredSources;
use batch_pull::{BatchPull, Limits};
use flow::QueueName;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = worker::Settings::from_environment()?;
    let sources = Arc::new(WiredSources::new(settings.resolver.clone()));
    let make = |parts: &worker::Parts| Ok(BatchPull::new(parts.clone(), sources, Limits::default()));
    worker::serve(&settings, QueueName::Slices, make).await?;
    Ok(())
}
