use flow::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a sync runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Five cron fields: minute, hour, day of month, month, day of week.
    pub cron: String,
    /// IANA zone the expression is read in. Default `UTC`.
    #[serde(default = "utc")]
    pub timezone: String,
    /// What happens when a run is due while the last one is still going. Default `skip`.
    #[serde(default)]
    pub overlap: Overlap,
    /// Times of day (in `timezone`) a run may start in; empty means always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
}

/// What happens when a run is due while the last one is still going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// The new run is left out.
    #[default]
    Skip,
    /// The new run starts when the last one has ended.
    Queue,
}

/// A part of the day, `from` included, `to` not; may go over midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`.
    pub to: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

impl Schedule {
    /// What is wrong with the schedule, in words for whoever wrote it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        Vec::new()
    }

    /// The latest moment in `(after, now]` a run was due and inside a window; `None` when there was none.
    #[must_use]
    pub fn due_between(&self, _after: Timestamp, _now: Timestamp) -> Option<Timestamp> {
        None
    }

    /// The next moment after `now` a run is due and inside a window.
    #[must_use]
    pub fn next_after(&self, _now: Timestamp) -> Option<Timestamp> {
        None
    }
}
