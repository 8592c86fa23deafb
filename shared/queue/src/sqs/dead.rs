//! Dead letters: messages in a queue of their own, each with a note of why it is there.
//!
//! What SQS moves there by itself, for having been received too often, has no note: it is given one
//! when it is first looked at. Every letter is a group of its own, so that none hides another. A
//! letter is changed by sending its successor and removing it; when a process ends between the two,
//! both have one id and count as one.

use std::collections::{BTreeMap, HashSet};

use flow::{Fault, QueueName, Timestamp};
use serde::{Deserialize, Serialize};

use super::held::Taken;
use super::message::{attribute, text};
use super::{Inner, Place, client, sweep};
use crate::{DeadLetter, Error, lease};

/// The attribute that has the note.
const NOTE: &str = "dead_letter";

/// Characters of a cause's message that are kept: with the body they must fit into a message.
const LONGEST_CAUSE: usize = 4_000;

/// Looks for a letter that another process may be looking at.
const LOOKS: u32 = 3;

/// Why a message is dead, as its attribute says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    /// SQS's id of the message that died.
    id: String,
    group: String,
    cause: Fault,
    receives: u32,
    at: Timestamp,
    reported: bool,
}

struct Letter {
    taken: Taken,
    note: Note,
}

/// What to do to a letter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    MarkReported,
    Discard,
}

impl Inner {
    /// Sends a received message to the dead letters.
    pub(super) async fn bury(&self, queue: QueueName, message: &Taken, cause: &Fault) -> Result<(), Error> {
        let note = Note {
            id: message.id.clone(),
            group: message.group.clone(),
            cause: cause.clone(),
            receives: message.receives,
            at: self.clock.now(),
            reported: false,
        };
        self.send_letter(self.addresses.dead_letters(queue)?, note, &message.body).await
    }

    /// The dead letters, oldest first.
    pub(super) async fn list_dead(&self, queue: QueueName) -> Result<Vec<DeadLetter>, Error> {
        let from = self.addresses.dead_letters(queue)?;
        let _alone = self.sweeping.lock().await;
        let mut letters = Vec::new();
        let gathered = self.gather(from, &mut letters, None).await;
        let Sorted { letters, copies } = sort(letters);
        self.put_back(from, &letters).await?;
        self.remove_all(from, &copies).await?;
        gathered?;
        Ok(letters.into_iter().map(|letter| letter.told(queue)).collect())
    }

    pub(super) async fn mark_dead(&self, dead_letter: &str) -> Result<(), Error> {
        self.change(dead_letter, Change::MarkReported).await
    }

    pub(super) async fn discard_dead(&self, dead_letter: &str) -> Result<(), Error> {
        self.change(dead_letter, Change::Discard).await
    }

    async fn change(&self, dead_letter: &str, change: Change) -> Result<(), Error> {
        let Some((queue, id)) = read_id(dead_letter) else { return Ok(()) };
        let from = self.addresses.dead_letters(queue)?;
        let _alone = self.sweeping.lock().await;
        for _ in 0..LOOKS {
            let mut letters = Vec::new();
            let gathered = self.gather(from, &mut letters, Some(id)).await;
            let (meant, others): (Vec<_>, Vec<_>) = letters.into_iter().partition(|letter| letter.note.id == id);
            self.put_back(from, &others).await?;
            gathered?;
            if !meant.is_empty() {
                return self.change_all(from, meant, change).await;
            }
            // Another process may be looking at it: it is there, and hidden.
            let [_, hidden, _] = self.counts(from).await?;
            if hidden == 0 {
                return Ok(());
            }
            tokio::time::sleep(sweep::THOROUGH).await;
        }
        Ok(())
    }

    async fn change_all(&self, from: Place<'_>, letters: Vec<Letter>, change: Change) -> Result<(), Error> {
        for Letter { taken, note } in letters {
            if change == Change::MarkReported {
                self.send_letter(from, Note { reported: true, ..note }, &taken.body).await?;
            }
            self.remove_all(from, &[taken]).await?;
        }
        Ok(())
    }

    /// Receives letters, all or until one of this id is there, and gives those that have none their
    /// notes. What was received stays hidden, after an error too, until it is put back.
    async fn gather(&self, from: Place<'_>, letters: &mut Vec<Letter>, until: Option<&str>) -> Result<(), Error> {
        let mut seen = HashSet::new();
        loop {
            let found = self.ask(from, client::BATCH as usize, sweep::HIDDEN, sweep::THOROUGH).await?;
            let is_again = found.iter().any(|message| !seen.insert(message.id.clone()));
            if found.is_empty() || is_again {
                return Ok(());
            }
            for taken in found {
                match read_note(&taken) {
                    Some(note) => letters.push(Letter { taken, note }),
                    None => self.note(from, taken).await?,
                }
            }
            // Letters come in the order they were sent, and those that were marked last: who marks one
            // after the other finds each in the first batch.
            if letters.iter().any(|letter| Some(letter.note.id.as_str()) == until) {
                return Ok(());
            }
        }
    }

    /// Gives a message its note that SQS has moved here.
    async fn note(&self, from: Place<'_>, taken: Taken) -> Result<(), Error> {
        let note = Note {
            id: taken.id.clone(),
            group: taken.group.clone(),
            cause: lease::too_many_receives(self.limits.max_receives),
            // The message counts its receives here too.
            receives: self.limits.max_receives,
            at: self.clock.now(),
            reported: false,
        };
        self.send_letter(from, note, &taken.body).await?;
        self.remove_all(from, &[taken]).await.map(drop)
    }

    async fn put_back(&self, from: Place<'_>, letters: &[Letter]) -> Result<(), Error> {
        let taken: Vec<_> = letters.iter().map(|letter| letter.taken.clone()).collect();
        self.give_all_back(from, &taken).await
    }

    async fn send_letter(&self, to: Place<'_>, mut note: Note, body: &str) -> Result<(), Error> {
        note.cause.message = sendable(&note.cause.message);
        let deduplication_id = if note.reported { format!("{}:reported", note.id) } else { note.id.clone() };
        let attribute = text(NOTE, &serde_json::to_string(&note).map_err(Error::Encode)?);
        let request = self
            .client(to.queue)?
            .send_message()
            .queue_url(to.address)
            .message_group_id(&note.id)
            .message_deduplication_id(deduplication_id)
            .set_message_attributes(Some(attribute.into_iter().collect()))
            .message_body(body);
        request.send().await.map(drop).map_err(|error| to.asked("dead letter").failed(error))
    }
}

fn read_note(taken: &Taken) -> Option<Note> {
    serde_json::from_str(attribute(&taken.attributes, NOTE)?).ok()
}

fn read_id(dead_letter: &str) -> Option<(QueueName, &str)> {
    let (queue, id) = dead_letter.split_once(':')?;
    let queue = QueueName::ALL.into_iter().find(|name| name.as_str() == queue)?;
    Some((queue, id))
}

impl Letter {
    fn told(self, queue: QueueName) -> DeadLetter {
        let Letter { taken, note } = self;
        DeadLetter {
            id: format!("{queue}:{}", note.id),
            queue,
            group: note.group,
            body: taken.body,
            cause: note.cause,
            receives: note.receives,
            at: note.at,
            reported: note.reported,
        }
    }
}

/// Letters by their age, and copies that a process left that ended while it changed them.
struct Sorted {
    letters: Vec<Letter>,
    copies: Vec<Taken>,
}

/// Keeps one letter of each id: one that was reported, if there is one.
fn sort(letters: Vec<Letter>) -> Sorted {
    let mut by_id: BTreeMap<String, Letter> = BTreeMap::new();
    let mut copies = Vec::new();
    for letter in letters {
        let is_better = by_id.get(&letter.note.id).is_none_or(|other| letter.note.reported && !other.note.reported);
        let copy = if is_better { by_id.insert(letter.note.id.clone(), letter) } else { Some(letter) };
        copies.extend(copy.map(|letter| letter.taken));
    }
    let mut letters: Vec<_> = by_id.into_values().collect();
    letters.sort_by_key(|letter| letter.note.at);
    Sorted { letters, copies }
}

/// A text as a note can have it: of a length that fits, without the two characters that JSON lets
/// through and SQS does not.
fn sendable(text: &str) -> String {
    let is_fine = |letter: &char| !matches!(letter, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_fine).take(LONGEST_CAUSE).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use flow::FaultKind;

    use super::*;
    use crate::sqs::message::Attributes;

    fn letter(id: &str, at: i64, reported: bool) -> Letter {
        let taken = Taken {
            id: format!("copy of {id}"),
            handle: String::new(),
            group: id.to_owned(),
            body: "{}".to_owned(),
            receives: 1,
            attributes: Attributes::new(),
            at: Duration::ZERO,
            lease: Duration::ZERO,
        };
        let cause = Fault::new(FaultKind::Reject, "bad", "bad");
        let at = Timestamp::from_timestamp_micros(at).unwrap();
        Letter { taken, note: Note { id: id.to_owned(), group: "a".to_owned(), cause, receives: 2, at, reported } }
    }

    #[test]
    fn letters_are_listed_once_by_age_and_a_reported_one_outlives_its_copies() {
        let letters = vec![
            letter("b", 2, false),
            letter("c", 1, false),
            letter("b", 2, true),
            letter("a", 1, false),
            letter("b", 2, false),
        ];
        let Sorted { letters, copies } = sort(letters);
        let listed: Vec<_> = letters.iter().map(|letter| (letter.note.id.as_str(), letter.note.reported)).collect();
        assert_eq!(listed, [("a", false), ("c", false), ("b", true)]);
        assert_eq!(copies.iter().map(|copy| copy.id.as_str()).collect::<Vec<_>>(), ["copy of b", "copy of b"]);
    }

    #[test]
    fn ids_name_their_queue_and_others_are_none() {
        assert_eq!(read_id("staged:1-2:3"), Some((QueueName::Staged, "1-2:3")));
        for other in ["", "none", "nobody:1"] {
            assert_eq!(read_id(other), None, "{other}");
        }
    }

    #[test]
    fn a_cause_is_cut_to_what_a_message_carries() {
        assert_eq!(sendable("雪\u{ffff}!"), "雪!");
        assert_eq!(sendable(&"雪".repeat(LONGEST_CAUSE + 1)).chars().count(), LONGEST_CAUSE);
    }

    #[test]
    fn a_note_of_today_can_be_read_tomorrow() {
        let stored = r#"{"id":"1","group":"run/1","cause":{"kind":"retry","code":"x","message":"y","retry_after":null},
            "receives":3,"at":"2026-01-01T00:00:00.000001Z","reported":true}"#;
        let note: Note = serde_json::from_str(stored).unwrap();
        assert_eq!((note.receives, note.reported, note.cause.code.as_str()), (3, true, "x"));
        assert_eq!(serde_json::from_str::<Note>(&serde_json::to_string(&note).unwrap()).unwrap(), note);
    }
}
