//! `deliver` as a Lambda.

use std::sync::Arc;

use deliver::Deliver;
use deliver::wiring::WiredDestinations;
use flow::QueueName;
use lambda_kit::{Function, Needs};

const NEEDS: Needs =
    Needs { receives: Some(QueueName::Checked), sends: &[QueueName::Signals], tends: &[], stage: true };

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    lambda_kit::run(NEEDS, |start| {
        let destinations = Arc::new(WiredDestinations::new(start.resolver.clone()));
        Ok(Function::of_messages(Deliver::new(start.parts.clone(), destinations), QueueName::Checked, start))
    })
    .await?;
    Ok(())
}
