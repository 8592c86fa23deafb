use std::sync::Arc;

use aws_lambda_events::sqs::SqsBatchResponse;
use flow::{Fault, FaultKind, Handoff, QueueName, Step};
use serde_json::Value;

use crate::batch::{self, Batches};
use crate::ticks::Ticks;
use crate::{Event, Start, Time};

/// A function: what takes its messages, what takes its ticks.
#[derive(Default)]
pub struct Function {
    batches: Option<Box<dyn Batches>>,
    ticks: Option<Box<dyn Ticks>>,
}

impl Function {
    /// A function that puts the messages of a queue through a step.
    pub fn of_messages<S>(step: S, from: QueueName, start: &Start) -> Self
    where
        S: Step + 'static,
        S::Takes: Handoff,
    {
        let batches = batch::Stepping::new(Arc::new(step), from, &start.parts, start.mapped.clone());
        Self::default().with_batches(batches)
    }

    /// Takes batches of messages with this.
    #[must_use]
    pub fn with_batches(self, batches: impl Batches + 'static) -> Self {
        Self { batches: Some(Box::new(batches)), ..self }
    }

    /// Takes ticks with this.
    #[must_use]
    pub fn with_ticks(self, ticks: impl Ticks + 'static) -> Self {
        Self { ticks: Some(Box::new(ticks)), ..self }
    }

    /// Answers an event: a batch with the messages that are not done, a tick with nothing.
    ///
    /// # Errors
    /// When the whole invocation failed. Lambda is told, and the event comes again.
    pub async fn answer(&self, event: Value, time: &Time) -> Result<Value, Fault> {
        match (Event::read(event)?, &self.batches, &self.ticks) {
            (Event::Batch(batch), Some(batches), _) => response(batches.work(batch, time).await?),
            (Event::Tick(tick), _, Some(ticks)) => {
                let in_time = tokio::time::timeout(time.left(), ticks.tick(tick, time.work())).await;
                in_time.unwrap_or_else(|_| Err(tick_out_of_time())).map(|()| Value::Null)
            }
            (Event::Batch(_), None, _) => Err(not_taken("batches of messages")),
            (Event::Tick(_), _, None) => Err(not_taken("ticks")),
        }
    }
}

fn response(not_done: Vec<String>) -> Result<Value, Fault> {
    let mut response = SqsBatchResponse::default();
    response.set_failures(not_done);
    serde_json::to_value(response).map_err(|error| Fault::from_error(FaultKind::Bug, "response_encode", &error))
}

fn not_taken(what: &str) -> Fault {
    let message = format!("this function takes no {what}; look at what triggers it");
    Fault::new(FaultKind::Config, "event_not_taken", message)
}

fn tick_out_of_time() -> Fault {
    let message = "the tick was not done in the time the function has; give it more";
    Fault::new(FaultKind::Retry, "tick_out_of_time", message)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use async_trait::async_trait;
    use flow::{Budget, ManualClock, Tick};
    use queue::sqs::Delivered;
    use serde_json::json;

    use super::*;

    /// Reports every message of group `bad`, and notes its ticks.
    #[derive(Default)]
    struct Noting(Mutex<Vec<Tick>>);

    #[async_trait]
    impl Batches for Noting {
        async fn work(&self, batch: Vec<Delivered>, _: &Time) -> Result<Vec<String>, Fault> {
            Ok(batch.into_iter().filter(|message| message.group == "bad").map(|message| message.id).collect())
        }
    }

    #[async_trait]
    impl Ticks for Arc<Noting> {
        async fn tick(&self, tick: Tick, _: &Budget) -> Result<(), Fault> {
            self.0.lock().unwrap().push(tick);
            Ok(())
        }
    }

    async fn answer(function: &Function, event: Value) -> Result<Value, Fault> {
        function.answer(event, &Time::of(Duration::from_secs(30), Arc::new(ManualClock::at_epoch()))).await
    }

    fn record(id: &str, group: &str) -> Value {
        json!({ "messageId": id, "receiptHandle": id, "body": "{}", "attributes": { "MessageGroupId": group } })
    }

    fn scheduled() -> Value {
        json!({ "detail-type": "Scheduled Event", "source": "aws.events", "time": "2024-03-01T06:00:00Z", "detail": {} })
    }

    #[tokio::test]
    async fn a_batch_is_answered_in_lambdas_words() {
        let function = Function::default().with_batches(Noting::default());
        let all_done = answer(&function, json!({ "Records": [record("1", "a")] })).await;
        assert_eq!(all_done, Ok(json!({ "batchItemFailures": [] })));
        let some = answer(&function, json!({ "Records": [record("1", "a"), record("2", "bad")] })).await;
        assert_eq!(some, Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] })));
    }

    #[tokio::test]
    async fn a_tick_is_passed_on_and_answered_with_nothing() {
        let noting = Arc::new(Noting::default());
        let function = Function::default().with_ticks(noting.clone());
        assert_eq!(answer(&function, scheduled()).await, Ok(Value::Null));
        assert_eq!(*noting.0.lock().unwrap(), [Tick { at: "2024-03-01T06:00:00Z".parse().unwrap() }]);
    }

    #[tokio::test]
    async fn what_triggers_it_wrongly_is_told_so() {
        let of_messages = Function::default().with_batches(Noting::default());
        let of_ticks = Function::default().with_ticks(Arc::new(Noting::default()));
        for (function, event) in [(&of_messages, scheduled()), (&of_ticks, json!({ "Records": [record("1", "a")] }))] {
            let fault = answer(function, event).await.unwrap_err();
            assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "event_not_taken"));
        }
    }
}
