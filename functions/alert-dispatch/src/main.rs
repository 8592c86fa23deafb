//! `alert-dispatch` as a process of its own on embedded parts: signals are taken from their queue,
//! and every second what is due is sent.

use std::sync::Arc;
use std::time::Duration;

use alert_dispatch::wiring;
use flow::QueueName;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = worker::Settings::from_environment()?;
    let resolver = settings.resolver.clone();
    let make = |parts: &worker::Parts| {
        let due = Arc::new(wiring::dispatch(parts, resolver.clone()));
        let clock = parts.clock.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if let Err(fault) = due.send_due(clock.now()).await {
                    tracing::error!(code = fault.code, cause = fault.message, "alerts could not be looked at");
                }
            }
        });
        Ok(wiring::dispatch(parts, resolver))
    };
    worker::serve(&settings, QueueName::Signals, make).await?;
    Ok(())
}
