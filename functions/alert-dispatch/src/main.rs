//! `alert-dispatch` as a Lambda: batches of signals are taken into their groups, and every tick sends
//! what is due at its moment.

use alert_dispatch::{AlertDispatch, wiring};
use async_trait::async_trait;
use flow::{Budget, Fault, QueueName, Tick};
use lambda_kit::ticks::Ticks;
use lambda_kit::{Function, Needs, Start};

const NEEDS: Needs = Needs { receives: Some(QueueName::Signals), sends: &[], tends: &[], stage: false };

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    lambda_kit::run(NEEDS, |start| {
        let due = SendDue(dispatch(start));
        Ok(Function::of_messages(dispatch(start), QueueName::Signals, start).with_ticks(due))
    })
    .await?;
    Ok(())
}

fn dispatch(start: &Start) -> AlertDispatch {
    wiring::dispatch(&start.parts, start.resolver.clone())
}

struct SendDue(AlertDispatch);

#[async_trait]
impl Ticks for SendDue {
    async fn tick(&self, tick: Tick, _: &Budget) -> Result<(), Fault> {
        self.0.send_due(tick.at).await.map(drop)
    }
}
