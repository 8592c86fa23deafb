//! What goes into one invocation.

use std::time::Duration;

/// Bytes of a payload; a batch leaves room for what is around its records.
pub(super) const LONGEST_EVENT: usize = crate::http::LONGEST_PAYLOAD - 1024;

/// A batch while it is gathered.
#[derive(Debug)]
pub(super) struct Gathering<T> {
    messages: Vec<T>,
    bytes: usize,
    most: usize,
    window: Duration,
}

/// What to do next for a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Ask for so many, and wait so long for them.
    Receive { most: usize, wait: Duration },
    /// Hand it over.
    HandOver,
}

impl<T> Gathering<T> {
    pub(super) fn new(most: usize, window: Duration) -> Self {
        Self { messages: Vec::new(), bytes: 0, most, window }
    }

    /// Adds a message; gives it back when the batch has no room for it.
    pub(super) fn add(&mut self, message: T, bytes: usize) -> Option<T> {
        let has_room = self.messages.len() < self.most
            // A message that is too long alone goes alone.
            && (self.messages.is_empty() || self.bytes + bytes <= LONGEST_EVENT);
        if !has_room {
            return Some(message);
        }
        self.bytes += bytes;
        self.messages.push(message);
        None
    }

    /// What to do, `waited` after the first message came, with a longest poll of `poll`.
    pub(super) fn next(&self, waited: Duration, poll: Duration) -> Next {
        let left = self.window.saturating_sub(waited);
        match self.most - self.messages.len() {
            most if self.messages.is_empty() => Next::Receive { most, wait: poll },
            0 => Next::HandOver,
            _ if left.is_zero() || self.bytes >= LONGEST_EVENT => Next::HandOver,
            most => Next::Receive { most, wait: left.min(poll) },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(super) fn into_messages(self) -> Vec<T> {
        self.messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const POLL: Duration = Duration::from_secs(2);

    fn gathering(most: usize, window: Duration, sizes: &[usize]) -> Gathering<usize> {
        let mut gathering = Gathering::new(most, window);
        for size in sizes {
            assert_eq!(gathering.add(*size, *size), None);
        }
        gathering
    }

    #[test]
    fn a_batch_is_handed_over_when_it_is_full_or_its_window_is_over() {
        let receive = |most, wait| Next::Receive { most, wait };
        let cases = [
            ("empty: waits for a first", gathering(10, Duration::ZERO, &[]), SECOND, receive(10, POLL)),
            ("no window", gathering(10, Duration::ZERO, &[1]), Duration::ZERO, Next::HandOver),
            ("inside the window", gathering(100, SECOND * 5, &[1]), SECOND, receive(99, POLL)),
            ("near its end", gathering(100, SECOND * 5, &[1]), SECOND * 4, receive(99, SECOND)),
            ("window over", gathering(100, SECOND * 5, &[1]), SECOND * 5, Next::HandOver),
            ("full by number", gathering(2, SECOND * 5, &[1, 1]), SECOND, Next::HandOver),
            ("full by bytes", gathering(10, SECOND * 5, &[LONGEST_EVENT]), SECOND, Next::HandOver),
        ];
        for (case, gathering, waited, expected) in cases {
            assert_eq!(gathering.next(waited, POLL), expected, "{case}");
        }
    }

    #[test]
    fn what_does_not_fit_is_given_back() {
        let mut gathering = gathering(10, Duration::ZERO, &[LONGEST_EVENT - 10]);
        assert_eq!(gathering.add(11, 11), Some(11));
        assert_eq!(gathering.add(10, 10), None);
        assert_eq!(gathering.into_messages(), [LONGEST_EVENT - 10, 10]);
        let mut alone = Gathering::new(10, Duration::ZERO);
        assert_eq!(alone.add("long", LONGEST_EVENT * 2), None, "nothing smaller will ever come of it");
    }
}
