//! Runs every case file under `tests/cases`: signals on a timeline, and what is told when.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]

use std::path::Path;
use std::time::Duration;

use alerting::{Alerts, Groups, Notification};
use flow::{RunId, Severity, Signal, Span, StreamName, SyncName, Timestamp};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows.
    name: String,
    alerts: Alerts,
    /// What `problems()` says.
    #[serde(default)]
    problems: Vec<String>,
    #[serde(default)]
    timeline: Vec<Moment>,
}

/// What happens at one moment, in this order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    /// Since the beginning.
    at: Span,
    /// Each `id name sync[/stream] [run] [severity]`.
    #[serde(default)]
    take: Vec<String>,
    /// The routes are written anew.
    alerts: Option<Alerts>,
    /// What is told; each `receiver label=value…: id id` with `again` in front of a repeat.
    #[serde(default)]
    told: Vec<String>,
    /// Sending fails for everybody.
    #[serde(default)]
    fails: bool,
    /// When something is due next, since the beginning; `-` for never.
    next: Option<String>,
}

#[test]
fn every_case_comes_out_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 3, "the case files are not where they should be");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let cases: Vec<Case> =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(!cases.is_empty(), "{}", file.display());
        cases.into_iter().for_each(check);
    }
}

fn check(case: Case) {
    assert_eq!(case.alerts.problems(), case.problems, "{}", case.name);
    let mut alerts = case.alerts;
    let mut groups = Groups::default();
    for moment in case.timeline {
        let now = after(moment.at);
        if let Some(rewritten) = moment.alerts {
            alerts = rewritten;
        }
        for line in &moment.take {
            groups.take(&alerts, signal(line, now), now);
        }
        let told = groups.due(&alerts, now);
        let lines: Vec<String> = told.iter().map(told_line).collect();
        assert_eq!(lines, moment.told, "{} at {}", case.name, moment.at);
        if !moment.fails {
            told.iter().for_each(|notification| groups.sent(&notification.id, now));
        }
        groups = serde_json::from_str(&serde_json::to_string(&groups).unwrap()).unwrap();
        if let Some(next) = moment.next {
            let expected = (next != "-").then(|| after(next.parse().unwrap()));
            assert_eq!(groups.next_due(), expected, "{} at {}: next", case.name, moment.at);
        }
    }
}

fn after(span: Span) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + span.0
}

fn signal(line: &str, at: Timestamp) -> Signal {
    let mut words = line.split_whitespace();
    let (id, name, of) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
    let (sync, stream) = of.split_once('/').map_or((of, None), |(sync, stream)| (sync, Some(stream)));
    let rest: Vec<&str> = words.collect();
    let severity = |word: &&str| match *word {
        "info" => Some(Severity::Info),
        "warning" => Some(Severity::Warning),
        _ => None,
    };
    Signal {
        id: id.to_owned(),
        name: name.to_owned(),
        severity: rest.iter().find_map(severity).unwrap_or(Severity::Error),
        sync: SyncName::new(sync).unwrap(),
        stream: stream.map(|stream| StreamName::new(stream).unwrap()),
        run: rest.iter().find(|word| word.starts_with("run-")).map(|run| RunId::from_text(run)),
        summary: format!("{id} happened"),
        at,
    }
}

fn told_line(notification: &Notification) -> String {
    let again = if notification.repeated { "again " } else { "" };
    let labels: String = notification.group.iter().map(|(label, value)| format!(" {label}={value}")).collect();
    let ids: Vec<&str> = notification.signals.iter().map(|signal| signal.id.as_str()).collect();
    format!("{again}{}{labels}: {}", notification.receiver, ids.join(" "))
}

fn plain() -> Alerts {
    serde_saphyr::from_str("{ route: { receiver: team }, receivers: [{ name: team, webhook: { url: x } }] }").unwrap()
}

#[test]
fn a_notification_keeps_its_id_until_it_is_sent_and_a_repeat_has_another() {
    let (alerts, start) = (plain(), after(Span(Duration::ZERO)));
    let mut groups = Groups::default();
    groups.take(&alerts, signal("a run_failed shop", start), start);
    let first = groups.due(&alerts, start + Duration::from_secs(30));
    groups.take(&alerts, signal("b run_failed shop", start), start);
    let second = groups.due(&alerts, start + Duration::from_secs(60));
    assert_eq!(first, second);
    groups.sent("another", start + Duration::from_secs(61));
    assert_eq!(groups.due(&alerts, start + Duration::from_secs(62)), first);
    groups.sent(&first[0].id, start + Duration::from_secs(63));
    let third = groups.due(&alerts, start + Duration::from_secs(63 + 300));
    assert_eq!(third.iter().map(told_line).collect::<Vec<_>>(), ["team name=run_failed sync=shop: b"]);
    groups.sent(&third[0].id, start + Duration::from_secs(400));
    let repeat = groups.due(&alerts, start + Duration::from_secs(400 + 4 * 3600));
    groups.sent(&repeat[0].id, start + Duration::from_secs(400 + 4 * 3600));
    let next_repeat = groups.due(&alerts, start + Duration::from_secs(400 + 8 * 3600));
    let ids = [&first, &third, &repeat, &next_repeat].map(|told| told[0].id.clone());
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), 4, "{ids:?}");
}

#[test]
fn of_a_flood_the_first_thousand_are_told_and_the_rest_counted() {
    let (alerts, start) = (plain(), after(Span(Duration::ZERO)));
    let mut groups = Groups::default();
    for number in 0..1500 {
        groups.take(&alerts, signal(&format!("s{number} dead_letter shop"), start), start);
    }
    let told = groups.due(&alerts, start + Duration::from_secs(30));
    assert_eq!(told[0].signals.len(), 1001);
    assert_eq!(told[0].signals[1000].summary, "and 500 more, the last: s1499 happened");
}

#[test]
fn groups_as_they_were_first_stored_are_still_read() {
    let stored = include_str!("fixtures/groups-1.json");
    let mut groups: Groups = serde_json::from_str(stored).unwrap();
    let told = groups.due(&plain(), after("6h".parse().unwrap()));
    let lines: Vec<String> = told.iter().map(told_line).collect();
    assert_eq!(lines, ["team name=run_failed sync=shop: b", "again team name=dead_letter sync=shop: c"]);
}
