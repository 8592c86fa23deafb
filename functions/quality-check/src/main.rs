//! `quality-check` as a process of its own on embedded parts.

use flow::QueueName;
use quality_check::QualityCheck;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = worker::Settings::from_environment()?;
    worker::serve(&settings, QueueName::Transformed, |parts| Ok(QualityCheck::new(parts.clone()))).await?;
    Ok(())
}
