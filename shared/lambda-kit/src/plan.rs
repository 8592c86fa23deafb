//! What is worked on of a batch, and in which order. Nothing is done here.

use std::collections::HashMap;

use queue::sqs::Delivered;

/// The messages of one group, in the order in which the queue delivered them.
pub type Group = Vec<Delivered>;

/// Sorts a batch into its groups, in the order of their first messages. Inside a group nothing
/// overtakes; groups have nothing to do with each other.
///
/// A message that is in the batch twice is worked on once, in its first place. Of its deliveries the
/// last is answered for: its lease is the one that holds.
#[must_use]
pub fn groups(batch: Vec<Delivered>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut group_of: HashMap<String, usize> = HashMap::new();
    let mut place_of: HashMap<String, (usize, usize)> = HashMap::new();
    for message in batch {
        if let Some((group, place)) = place_of.get(&message.id) {
            groups[*group][*place] = message;
            continue;
        }
        let group = *group_of.entry(message.group.clone()).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        place_of.insert(message.id.clone(), (group, groups[group].len()));
        groups[group].push(message);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages are written as `group` and `id`, and the handle with `@` where it is not the first.
    fn delivered(text: &str) -> Delivered {
        let (name, handle) = text.split_once('@').unwrap_or((text, "1"));
        let (group, id) = name.split_at(1);
        Delivered {
            id: id.to_owned(),
            handle: handle.to_owned(),
            group: group.to_owned(),
            body: String::new(),
            receives: 1,
        }
    }

    fn written(message: &Delivered) -> String {
        let handle = if message.handle == "1" { String::new() } else { format!("@{}", message.handle) };
        format!("{}{}{handle}", message.group, message.id)
    }

    fn check(batch: &str, expected: &str) {
        let groups = groups(batch.split_whitespace().map(delivered).collect());
        let lines: Vec<String> =
            groups.iter().map(|group| group.iter().map(written).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines.join(" | "), expected, "{batch}");
    }

    #[test]
    fn groups_come_in_the_order_of_their_first_messages_and_keep_theirs() {
        check("", "");
        check("a1", "a1");
        check("a1 a2 a3", "a1 a2 a3");
        check("b1 a2 b3 c4 a5", "b1 b3 | a2 a5 | c4");
    }

    #[test]
    fn a_message_that_is_there_twice_keeps_its_place_and_has_its_last_lease() {
        check("a1 a2 a1@2", "a1@2 a2");
        check("a1 b2 a3 b2@2 b4 a1@3", "a1@3 a3 | b2@2 b4");
    }
}
