//! `schedule` as a Lambda: every tick starts what is due at its moment and tends the dead letters of
//! all queues. The first one of a process brings the store up to date.

use flow::QueueName;
use lambda_kit::ticks::{InTurn, Preparing, Stepping, Tending};
use lambda_kit::{Function, Needs};
use schedule::Schedule;

const NEEDS: Needs = Needs {
    receives: None,
    // What a resumed run has staged goes straight to `transform`.
    sends: &[QueueName::Slices, QueueName::Staged, QueueName::Signals],
    tends: &QueueName::ALL,
    stage: false,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    lambda_kit::run(NEEDS, |start| {
        let parts = &start.parts;
        Ok(Function::default().with_ticks(InTurn(vec![
            Box::new(Preparing::new(start.store.clone())),
            Box::new(Stepping::new(Schedule::new(parts.clone()), parts)),
            Box::new(Tending::new(parts, start.mapped.clone())),
        ])))
    })
    .await?;
    Ok(())
}
