//! Which route takes a signal.

use std::collections::BTreeMap;
use std::time::Duration;

use flow::{Signal, Span};
use serde::{Deserialize, Serialize};

use crate::alerts::{Alerts, Route};

/// The labels signals can be grouped by.
pub(crate) const LABELS: [&str; 5] = ["sync", "stream", "name", "run", "severity"];

const DEFAULT_LABELS: [&str; 2] = ["sync", "name"];

/// How long a group waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// Before the first signals are told.
    pub(crate) group_wait: Span,
    /// Between telling and telling of new signals.
    pub(crate) group_interval: Span,
    /// Between telling and telling the same again.
    pub(crate) repeat_interval: Span,
}

impl Default for Timing {
    fn default() -> Self {
        let seconds = |seconds| Span(Duration::from_secs(seconds));
        Self { group_wait: seconds(30), group_interval: seconds(5 * 60), repeat_interval: seconds(4 * 3600) }
    }
}

impl Timing {
    /// What a route says, and for the rest what was said around it.
    pub(crate) fn within(self, route: &Route) -> Self {
        Self {
            group_wait: route.group_wait.unwrap_or(self.group_wait),
            group_interval: route.group_interval.unwrap_or(self.group_interval),
            repeat_interval: route.repeat_interval.unwrap_or(self.repeat_interval),
        }
    }
}

/// Where a signal goes.
#[derive(Debug, Clone)]
pub(crate) struct Destined {
    pub(crate) receiver: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) timing: Timing,
}

impl Alerts {
    /// Where a signal goes: down the first nested route that takes it, as deep as there are such.
    /// `None` when no route on the way names a receiver.
    pub(crate) fn destined(&self, signal: &Signal) -> Option<Destined> {
        let mut route = &self.route;
        let mut receiver = route.receiver.as_ref();
        let mut group_by = route.group_by.as_ref();
        let mut timing = Timing::default().within(route);
        while let Some(nested) = route.routes.iter().find(|nested| nested.takes(signal)) {
            receiver = nested.receiver.as_ref().or(receiver);
            group_by = nested.group_by.as_ref().or(group_by);
            timing = timing.within(nested);
            route = nested;
        }
        let labels = match group_by {
            Some(labels) => labels.iter().filter_map(|label| labelled(signal, label)).collect(),
            None => DEFAULT_LABELS.iter().filter_map(|label| labelled(signal, label)).collect(),
        };
        Some(Destined { receiver: receiver?.clone(), labels, timing })
    }

    /// Whether there is a receiver of this name.
    pub(crate) fn has_receiver(&self, name: &str) -> bool {
        self.receivers.iter().any(|receiver| receiver.name == name)
    }
}

impl Route {
    fn takes(&self, signal: &Signal) -> bool {
        let fits_name = self.names.is_empty() || self.names.contains(&signal.name);
        fits_name && self.severity.is_none_or(|least| signal.severity >= least)
    }

    /// Whether it takes every signal there is.
    pub(crate) fn takes_all(&self) -> bool {
        self.names.is_empty() && self.severity.is_none_or(|least| least == flow::Severity::Info)
    }
}

/// A label with the signal's value; `None` where the signal has none.
fn labelled(signal: &Signal, label: &str) -> Option<(String, String)> {
    let value = match label {
        "sync" => signal.sync.to_string(),
        "stream" => signal.stream.as_ref()?.to_string(),
        "name" => signal.name.clone(),
        "run" => signal.run.as_ref()?.to_string(),
        "severity" => signal.severity.as_str().to_owned(),
        _ => return None,
    };
    Some((label.to_owned(), value))
}
