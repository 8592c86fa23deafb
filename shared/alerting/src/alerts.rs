use flow::{Severity, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who is told about what, in Alertmanager's words.
///
/// Every signal is told at least once. It is told again while it lasts: until a later run of the
/// same sync (and stream, where the success names one) succeeds, and no longer than 24 hours after
/// the last new signal of its group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// Where signals go that no nested route takes. It names a receiver and takes everything.
    pub route: Route,
    /// Who can be told.
    pub receivers: Vec<Receiver>,
}

/// Which signals go to which receiver, and how they are put together. What a nested route does not
/// say it has from the one around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Name of the receiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<String>,
    /// Only signals of these names (`run_failed`, `dead_letter`, …); empty takes all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Only signals at least this bad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What makes signals one notification: `sync`, `stream`, `name`, `run`, `severity`. Default `[sync, name]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<Vec<String>>,
    /// How long the first signal of a group waits for others. Default 30s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_wait: Option<Span>,
    /// How long a group that has been told waits before it tells of new signals. Default 5m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_interval: Option<Span>,
    /// How long before the same signals are told again, at most 24h. Default 4h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_interval: Option<Span>,
    /// More special routes; the first that fits takes the signal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
}

/// Somebody who can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// Name, as routes use it.
    pub name: String,
    /// Told by HTTP POST.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
}

/// An HTTP address that takes notifications as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The address; may hold `${env:NAME}` or `${file:PATH}`.
    pub url: String,
    /// How long one POST may take. Default 10s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
}
