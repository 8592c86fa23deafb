//! `transform` as a Lambda.

use std::sync::Arc;

use flow::QueueName;
use lambda_kit::{Function, Needs};
use transform::Transform;
use transform::wiring::SandboxedModules;

const NEEDS: Needs = Needs {
    receives: Some(QueueName::Staged),
    sends: &[QueueName::Transformed, QueueName::Signals],
    tends: &[],
    stage: true,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    lambda_kit::run(NEEDS, |start| {
        let modules = SandboxedModules::new(&start.parts, sandbox::Limits::default())?;
        Ok(Function::of_messages(Transform::new(start.parts.clone(), Arc::new(modules)), QueueName::Staged, start))
    })
    .await?;
    Ok(())
}
