use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a sync runs.
///
/// Where clocks are put forward, one named time of day (`30 2 * * *`) that does not exist moves to
/// the first moment behind the gap; of several (`*/15 2 * * *`) those inside it are left out.
/// Where clocks are put back, a time in named hours (`30 2 * * *`, `0 1-4 * * *`) comes once, the
/// first time; one in every hour (`*/15 * * * *`) goes on through both.
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
