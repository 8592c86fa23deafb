//! Messages in the words of SQS.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use flow::Digest;

use super::held::Taken;

/// SQS takes groups and deduplication ids of up to 128 characters.
const LONGEST_NAME: usize = 128;

/// The attribute that has the group in full where SQS does not take it as it is.
pub const GROUP: &str = "group";

pub(super) type Attributes = HashMap<String, MessageAttributeValue>;

/// A group or deduplication id as SQS takes it: itself, or its digest where it is long or has other
/// characters than SQS allows.
pub(super) fn name(text: &str) -> String {
    let is_fine = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_fine { text.to_owned() } else { Digest::of(text.as_bytes()).to_string() }
}

/// The group in full, where its name is another.
pub(super) fn group_attributes(group: &str, name: &str) -> Option<Attributes> {
    (group != name).then(|| HashMap::from_iter([text(GROUP, group)].into_iter().flatten()))
}

/// An attribute that is a text; none for an empty one, which SQS does not take.
pub(super) fn text(name: &str, value: &str) -> Option<(String, MessageAttributeValue)> {
    let attribute = MessageAttributeValue::builder().data_type("String").string_value(value).build().ok()?;
    (!value.is_empty()).then(|| (name.to_owned(), attribute))
}

pub(super) fn attribute<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    attributes.get(name).and_then(MessageAttributeValue::string_value)
}

/// A message as it was received. SQS always says its id, handle and group.
pub(super) fn taken(message: Message, at: Duration, lease: Duration) -> Option<Taken> {
    let said = message.attributes.unwrap_or_default();
    let attributes = message.message_attributes.unwrap_or_default();
    let group = match attribute(&attributes, GROUP) {
        Some(group) => group.to_owned(),
        None => said.get(&MessageSystemAttributeName::MessageGroupId)?.clone(),
    };
    let receives = said.get(&MessageSystemAttributeName::ApproximateReceiveCount);
    Some(Taken {
        id: message.message_id?,
        handle: message.receipt_handle?,
        group,
        body: message.body.unwrap_or_default(),
        receives: receives.and_then(|count| count.parse().ok()).unwrap_or(1),
        attributes,
        at,
        lease,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(group: &str) -> Taken {
        let name = name(group);
        let message = Message::builder()
            .message_id("1")
            .receipt_handle("2")
            .set_message_attributes(group_attributes(group, &name))
            .attributes(MessageSystemAttributeName::MessageGroupId, &name)
            .attributes(MessageSystemAttributeName::ApproximateReceiveCount, "3");
        taken(message.build(), Duration::ZERO, Duration::ZERO).unwrap()
    }

    #[test]
    fn groups_survive_whatever_their_letters_and_length() {
        for group in ["run/1/orders/0", "", "a b", "雪", &"x".repeat(128), &"x".repeat(129)] {
            let name = name(group);
            assert!((1..=LONGEST_NAME).contains(&name.len()) && name.is_ascii(), "{name}");
            if !group.is_empty() {
                assert_eq!(received(group).group, group);
            }
        }
        assert_eq!(name("run/1/orders/0"), "run/1/orders/0", "what SQS takes is not changed");
        assert_eq!(received("a").receives, 3);
    }

    #[test]
    fn names_of_different_groups_differ() {
        let long = "x".repeat(129);
        assert_ne!(name(&long), name(&"x".repeat(130)));
        assert_ne!(name("a b"), name("a  b"));
    }
}
