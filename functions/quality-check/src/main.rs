//! `quality-check` as a Lambda.

use flow::QueueName;
use lambda_kit::{Function, Needs};
use quality_check::QualityCheck;

const NEEDS: Needs = Needs {
    receives: Some(QueueName::Transformed),
    sends: &[QueueName::Checked, QueueName::Signals],
    tends: &[],
    stage: true,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    lambda_kit::run(NEEDS, |start| {
        Ok(Function::of_messages(QualityCheck::new(start.parts.clone()), QueueName::Transformed, start))
    })
    .await?;
    Ok(())
}
