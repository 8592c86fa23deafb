//! `batch-pull` as a Lambda.

use std::sync::Arc;

use batch_pull::wiring::WiredSources;
use batch_pull::{BatchPull, Limits};
use flow::QueueName;
use lambda_kit::batch::Stepping;
use lambda_kit::{Function, Needs};

const NEEDS: Needs = Needs {
    receives: Some(QueueName::Slices),
    sends: &[QueueName::Slices, QueueName::Staged, QueueName::Signals],
    tends: &[],
    stage: true,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    lambda_kit::run(NEEDS, |start| {
        let limits = Limits::default();
        let sources = Arc::new(WiredSources::new(start.resolver.clone()));
        let step = Arc::new(BatchPull::new(start.parts.clone(), sources, limits));
        let batches = Stepping::new(step, QueueName::Slices, &start.parts, start.mapped.clone());
        // A pull that has no more than its own reserve hands itself on without having read anything.
        Ok(Function::default().with_batches(batches.worth_beginning_with(limits.reserve * 2)))
    })
    .await?;
    Ok(())
}
