//! `transform` as a process of its own on embedded parts.

use std::sync::Arc;

use flow::QueueName;
use transform::Transform;
use transform::wiring::SandboxedModules;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = worker::Settings::from_environment()?;
    let make = |parts: &worker::Parts| {
        let modules = SandboxedModules::new(parts, sandbox::Limits::default())?;
        Ok(Transform::new(parts.clone(), Arc::new(modules)))
    };
    worker::serve(&settings, QueueName::Staged, make).await?;
    Ok(())
}
