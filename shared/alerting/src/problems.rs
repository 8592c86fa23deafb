//! What is wrong with routes and receivers.

use flow::Span;

use crate::alerts::{Alerts, Receiver, Route};
use crate::group::FORGOTTEN_AFTER;
use crate::route::{LABELS, Timing};

/// The signals functions raise today; a route may name others.
const SIGNALS: [&str; 4] = ["run_failed", "dead_letter", "error_limit_exceeded", "check_failed"];

impl Alerts {
    /// What is wrong with the routes and receivers, in words for whoever wrote them.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.receiver_problems();
        if self.route.receiver.is_none() {
            problems.push("route names no receiver; signals that no nested route takes go there".to_owned());
        }
        if !self.route.takes_all() {
            problems
                .push("route takes every signal; write `names` and `severity` in a route of its `routes`".to_owned());
        }
        self.route_problems("route", &self.route, Timing::default(), &mut problems);
        problems
    }

    fn receiver_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.receivers.is_empty() {
            problems.push("receivers is empty; name at least one".to_owned());
        }
        for (number, receiver) in self.receivers.iter().enumerate() {
            let earlier = &self.receivers[..number];
            if earlier.iter().any(|other| other.name == receiver.name) {
                problems.push(format!("receivers[{number}]: the name `{}` is there already", receiver.name));
            }
            problems.extend(receiver.problems().map(|problem| format!("receivers[{number}]: {problem}")));
        }
        problems
    }

    fn route_problems(&self, place: &str, route: &Route, around: Timing, problems: &mut Vec<String>) {
        let timing = around.within(route);
        let own =
            [self.unknown_receiver(route), label_problem(route), name_problem(route), timing_problem(route, timing)];
        problems.extend(own.into_iter().flatten().map(|problem| format!("{place}: {problem}")));
        if let Some(all) = route.routes.iter().position(Route::takes_all).filter(|all| all + 1 < route.routes.len()) {
            problems.push(format!("{place}.routes[{all}] takes every signal, so the routes behind it never take one"));
        }
        for (number, nested) in route.routes.iter().enumerate() {
            self.route_problems(&format!("{place}.routes[{number}]"), nested, timing, problems);
        }
    }

    fn unknown_receiver(&self, route: &Route) -> Option<String> {
        let name = route.receiver.as_ref().filter(|name| !self.has_receiver(name))?;
        let names = self.receivers.iter().map(|receiver| receiver.name.as_str());
        let way_out = did_you_mean(name, names).unwrap_or_else(|| "it is none of `receivers`".to_owned());
        Some(format!("receiver `{name}` is not known; {way_out}"))
    }
}

impl Receiver {
    fn problems(&self) -> impl Iterator<Item = String> {
        let name = self.name.trim().is_empty().then(|| "the name is empty".to_owned());
        let way = match &self.webhook {
            None => Some(format!("`{}` has no way to be told; give it a `webhook`", self.name)),
            Some(webhook) if webhook.url.trim().is_empty() => Some("webhook.url is empty".to_owned()),
            Some(webhook) if webhook.timeout.is_some_and(|timeout| timeout.0.is_zero()) => {
                Some("webhook.timeout is zero, in which nothing can be sent".to_owned())
            }
            Some(_) => None,
        };
        [name, way].into_iter().flatten()
    }
}

fn label_problem(route: &Route) -> Option<String> {
    let labels = route.group_by.as_ref()?;
    labels.iter().enumerate().find_map(|(number, label)| {
        if !LABELS.contains(&label.as_str()) {
            let way_out =
                did_you_mean(label, LABELS.into_iter()).unwrap_or_else(|| format!("expected {}", LABELS.join(", ")));
            return Some(format!("group_by `{label}` is not known; {way_out}"));
        }
        labels[..number].contains(label).then(|| format!("group_by names `{label}` more than once"))
    })
}

/// Only a name that is nearly one of ours is taken for a slip: signals may be added.
fn name_problem(route: &Route) -> Option<String> {
    let slip = |name: &String| {
        let known = SIGNALS.contains(&name.as_str());
        let way_out = if known { None } else { did_you_mean(name, SIGNALS.into_iter()) };
        way_out.map(|way_out| format!("names holds `{name}`, which is not known; {way_out}"))
    };
    if route.names.iter().any(|name| name.trim().is_empty()) {
        return Some("names holds an empty name".to_owned());
    }
    if route.names.iter().any(|name| name == "run_succeeded") {
        return Some(
            "names holds `run_succeeded`, which is never told: it ends the repeats of earlier signals".to_owned(),
        );
    }
    route.names.iter().find_map(slip)
}

/// Tells only what a route says itself, for what it inherits is told where it stands.
fn timing_problem(route: &Route, timing: Timing) -> Option<String> {
    let is_zero = |span: Option<Span>| span.is_some_and(|span| span.0.is_zero());
    let Timing { group_interval, repeat_interval, .. } = timing;
    if is_zero(route.group_interval) {
        return Some("group_interval is zero; write a length of time like `5m`".to_owned());
    }
    if is_zero(route.repeat_interval) {
        return Some("repeat_interval is zero; write a length of time like `4h`".to_owned());
    }
    if route.repeat_interval.is_some_and(|repeat| repeat > FORGOTTEN_AFTER) {
        return Some(format!(
            "repeat_interval {repeat_interval} is longer than {FORGOTTEN_AFTER}, after which nothing is told again"
        ));
    }
    let says_either = route.repeat_interval.is_some() || route.group_interval.is_some();
    (says_either && repeat_interval < group_interval)
        .then(|| format!("repeat_interval {repeat_interval} is shorter than group_interval {group_interval}"))
}

fn did_you_mean<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let most = (name.chars().count() / 3).max(1);
    let near = names.map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate));
    let (_, nearest) = near.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance)?;
    Some(format!("did you mean `{nearest}`?"))
}
