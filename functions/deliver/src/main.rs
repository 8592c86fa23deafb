//! `deliver` as a process of its own on embedded parts.

use std::sync::Arc;

use deliver::Deliver;
use deliver::wiring::WiredDestinations;
use flow::QueueName;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = worker::Settings::from_environment()?;
    let destinations = Arc::new(WiredDestinations::new(settings.resolver.clone()));
    worker::serve(&settings, QueueName::Checked, |parts| Ok(Deliver::new(parts.clone(), destinations))).await?;
    Ok(())
}
