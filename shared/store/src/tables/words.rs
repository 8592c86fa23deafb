//! The words that stand in the tables for our enums.

use flow::Severity;

use crate::record::{Cause, Hop, LaneState, RunState, StreamState};

/// An enum that has a word for each of its values.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// Each value with its word. Words are stored: never change one.
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(value, _)| *value)
    }
}

impl Word for RunState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (RunState::Running, "running"),
        (RunState::Succeeded, "succeeded"),
        (RunState::Degraded, "degraded"),
        (RunState::Failed, "failed"),
        (RunState::Abandoned, "abandoned"),
    ];
}

impl Word for StreamState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (StreamState::Unplanned, "unplanned"),
        (StreamState::Running, "running"),
        (StreamState::Finished, "finished"),
        (StreamState::Failed, "failed"),
    ];
}

impl Word for LaneState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (LaneState::Pulling, "pulling"),
        (LaneState::Pulled, "pulled"),
        (LaneState::Finished, "finished"),
        (LaneState::Failed, "failed"),
    ];
}

impl Word for Hop {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Hop::BatchPull, "batch-pull"),
        (Hop::Transform, "transform"),
        (Hop::QualityCheck, "quality-check"),
        (Hop::Deliver, "deliver"),
    ];
}

impl Word for Cause {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Cause::Activated, "activated"), (Cause::Deactivated, "deactivated")];
}

impl Word for Severity {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Severity::Info, "info"), (Severity::Warning, "warning"), (Severity::Error, "error")];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_are_those_of_serde<W: Word + serde::Serialize + std::fmt::Debug>() {
        for (value, word) in W::WORDS {
            assert_eq!(serde_json::to_value(value).unwrap(), *word);
            assert_eq!(W::from_word(word), Some(*value));
        }
    }

    #[test]
    fn tables_and_json_use_the_same_words() {
        words_are_those_of_serde::<RunState>();
        words_are_those_of_serde::<StreamState>();
        words_are_those_of_serde::<LaneState>();
        words_are_those_of_serde::<Hop>();
        words_are_those_of_serde::<Cause>();
        words_are_those_of_serde::<Severity>();
        assert_eq!(RunState::from_word("gone"), None);
    }
}
