//! The event a function gets for messages of SQS.

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// A message as it was received, and as the function gets it.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) id: String,
    pub(super) handle: String,
    /// Its group, on a FIFO queue.
    pub(super) group: Option<String>,
    record: String,
}

impl Received {
    /// Nothing for a message without id or handle, which SQS never gives.
    pub(super) fn new(message: Message, queue_arn: &str, region: &str) -> Option<Self> {
        let (id, handle) = (message.message_id?, message.receipt_handle?);
        let said = message.attributes.unwrap_or_default();
        let group = said.get(&MessageSystemAttributeName::MessageGroupId).cloned();
        let attributes = said.into_iter().map(|(name, value)| (name.as_str().to_owned(), Value::String(value)));
        let own = message.message_attributes.unwrap_or_default();
        let own: Map<String, Value> = own.into_iter().map(|(name, value)| (name, message_attribute(value))).collect();
        let mut record = json!({
            "messageId": id,
            "receiptHandle": handle,
            "body": message.body.unwrap_or_default(),
            "attributes": attributes.collect::<Map<_, _>>(),
            "messageAttributes": own,
            "md5OfBody": message.md5_of_body.unwrap_or_default(),
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": region,
        });
        if let Some(digest) = message.md5_of_message_attributes {
            record["md5OfMessageAttributes"] = Value::String(digest);
        }
        Some(Self { id, handle, group, record: record.to_string() })
    }

    /// Bytes it takes in the event.
    pub(super) fn bytes(&self) -> usize {
        self.record.len() + 1
    }
}

/// The event of a batch.
pub(super) fn event(batch: &[Received]) -> Bytes {
    let records: Vec<&str> = batch.iter().map(|message| message.record.as_str()).collect();
    format!(r#"{{"Records":[{}]}}"#, records.join(",")).into()
}

fn message_attribute(value: MessageAttributeValue) -> Value {
    let mut attribute = json!({
        "dataType": value.data_type,
        "stringListValues": [],
        "binaryListValues": [],
    });
    if let Some(text) = value.string_value {
        attribute["stringValue"] = Value::String(text);
    }
    if let Some(bytes) = value.binary_value {
        attribute["binaryValue"] = Value::String(STANDARD.encode(bytes));
    }
    attribute
}

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::primitives::Blob;

    use super::*;

    const ARN: &str = "arn:aws:sqs:eu-west-1:123456789012:staged.fifo";

    fn attribute(kind: &str) -> aws_sdk_sqs::types::builders::MessageAttributeValueBuilder {
        MessageAttributeValue::builder().data_type(kind)
    }

    /// The shape AWS documents for a FIFO queue, with attributes of both kinds.
    #[test]
    fn the_event_is_lambdas() {
        use MessageSystemAttributeName as Said;
        let said = [
            (Said::ApproximateReceiveCount, "1"),
            (Said::SentTimestamp, "1573251510774"),
            (Said::SequenceNumber, "18849496460467696128"),
            (Said::MessageGroupId, "1"),
            (Said::SenderId, "AIDAIO23YVJENQZJOL4VO"),
            (Said::MessageDeduplicationId, "1"),
            (Said::ApproximateFirstReceiveTimestamp, "1573251510774"),
        ];
        let message =
            said.into_iter().fold(Message::builder(), |message, (name, value)| message.attributes(name, value));
        let message = message
            .message_id("11d6ee51-4cc7-4302-9e22-7cd8afdaadf5")
            .receipt_handle("AQEBBX8nesZEXmkhsmZeyIE8iQAMig7qw...")
            .body("Test \"message\".\n")
            .md5_of_body("e4e68fb7bd0e697a0ae8f1bb342846b3")
            .message_attributes("name", attribute("String").string_value("a").build().unwrap())
            .message_attributes("raw", attribute("Binary").binary_value(Blob::new([0, 255])).build().unwrap())
            .build();
        let received = Received::new(message, ARN, "eu-west-1").unwrap();
        assert_eq!(received.group.as_deref(), Some("1"));
        let event: Value = serde_json::from_slice(&event(&[received])).unwrap();
        let expected = json!({ "Records": [{
            "messageId": "11d6ee51-4cc7-4302-9e22-7cd8afdaadf5",
            "receiptHandle": "AQEBBX8nesZEXmkhsmZeyIE8iQAMig7qw...",
            "body": "Test \"message\".\n",
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1573251510774",
                "SequenceNumber": "18849496460467696128",
                "MessageGroupId": "1",
                "SenderId": "AIDAIO23YVJENQZJOL4VO",
                "MessageDeduplicationId": "1",
                "ApproximateFirstReceiveTimestamp": "1573251510774"
            },
            "messageAttributes": {
                "name": { "stringValue": "a", "stringListValues": [], "binaryListValues": [], "dataType": "String" },
                "raw": { "binaryValue": "AP8=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary" }
            },
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": ARN,
            "awsRegion": "eu-west-1"
        }]});
        assert_eq!(event, expected);
    }
}
