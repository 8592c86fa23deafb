use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use flow::{Fault, FaultKind, Tick};
use queue::sqs::{Delivered, GROUP};
use serde_json::Value;

/// What Lambda delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A batch of messages of the function's queue.
    Batch(Vec<Delivered>),
    /// A scheduled event: the moment is the event's own `time`.
    Tick(Tick),
}

impl Event {
    /// Reads an event as Lambda delivers it. What the messages of a batch say is not looked at.
    ///
    /// # Errors
    /// `event_unreadable`, when it is neither a batch of SQS nor a scheduled event: no queue and no
    /// schedule delivers such a thing, so somebody else called the function.
    pub fn read(event: Value) -> Result<Self, Fault> {
        if event.get("Records").is_some() {
            let batch: SqsEvent = serde_json::from_value(event).map_err(|error| unreadable(&error.to_string()))?;
            return batch.records.into_iter().map(delivered).collect::<Result<_, _>>().map(Event::Batch);
        }
        let scheduled: EventBridgeEvent =
            serde_json::from_value(event).map_err(|error| unreadable(&error.to_string()))?;
        let at = scheduled.time.ok_or_else(|| unreadable("a scheduled event has no `time`"))?;
        Ok(Event::Tick(Tick { at }))
    }
}

/// A record without a body is a message of nobody's, as one whose body cannot be read.
fn delivered(record: SqsMessage) -> Result<Delivered, Fault> {
    let missing = |what: &str| unreadable(&format!("a record has no `{what}`"));
    let id = record.message_id.ok_or_else(|| missing("messageId"))?;
    let full_group = record.message_attributes.get(GROUP).and_then(|attribute| attribute.string_value.clone());
    let group = full_group.or_else(|| record.attributes.get("MessageGroupId").cloned());
    let receives = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
    Ok(Delivered {
        handle: record.receipt_handle.ok_or_else(|| missing("receiptHandle"))?,
        // A queue without groups keeps no order: every message is a group by itself.
        group: group.unwrap_or_else(|| id.clone()),
        body: record.body.unwrap_or_default(),
        receives: receives.unwrap_or(1),
        id,
    })
}

fn unreadable(problem: &str) -> Fault {
    let message = format!("the event is neither a batch of SQS nor a scheduled one: {problem}");
    Fault::new(FaultKind::Reject, "event_unreadable", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_have_their_group_in_full_and_their_count() {
        let event = json!({ "Records": [
            { "messageId": "1", "receiptHandle": "h1", "body": "{}", "eventSource": "aws:sqs",
              "attributes": { "MessageGroupId": "a", "ApproximateReceiveCount": "3" }, "messageAttributes": {} },
            { "messageId": "2", "receiptHandle": "h2", "body": "{}", "attributes": { "MessageGroupId": "digest" },
              "messageAttributes": { "group": { "stringValue": "in full", "dataType": "String" } } },
            { "messageId": "3", "receiptHandle": "h3", "attributes": {} },
        ] });
        let delivered = |id: &str, group: &str, body: &str, receives| Delivered {
            id: id.to_owned(),
            handle: format!("h{id}"),
            group: group.to_owned(),
            body: body.to_owned(),
            receives,
        };
        let expected =
            vec![delivered("1", "a", "{}", 3), delivered("2", "in full", "{}", 1), delivered("3", "3", "", 1)];
        assert_eq!(Event::read(event), Ok(Event::Batch(expected)));
    }

    #[test]
    fn a_tick_is_the_moment_of_its_event() {
        let event = json!({ "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events",
            "time": "2024-03-01T06:00:00Z", "resources": [], "detail": {} });
        let at = "2024-03-01T06:00:00Z".parse().unwrap();
        assert_eq!(Event::read(event), Ok(Event::Tick(Tick { at })));
    }

    #[test]
    fn what_nobody_delivers_is_refused_in_words() {
        let cases = [
            (json!({}), "detail-type"),
            (json!("tick"), "neither a batch of SQS nor a scheduled one"),
            (json!({ "Records": [{ "body": "{}" }] }), "a record has no `messageId`"),
            (json!({ "Records": [{ "messageId": "1" }] }), "a record has no `receiptHandle`"),
            (json!({ "detail-type": "Scheduled Event", "source": "aws.events", "detail": {} }), "no `time`"),
        ];
        for (event, words) in cases {
            let fault = Event::read(event).unwrap_err();
            assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Reject, "event_unreadable"));
            assert!(fault.message.contains(words), "{words}: {fault}");
        }
    }
}
