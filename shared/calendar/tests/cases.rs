//! Runs every case file under `tests/cases`: a schedule, and when it is due.

use std::path::Path;
use std::time::Duration;

use calendar::Schedule;
use flow::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows.
    name: String,
    schedule: Schedule,
    /// What `problems()` says.
    #[serde(default)]
    problems: Vec<String>,
    /// Every due moment from `from` to `to`, forwards by `next_after` and backwards by `due_between`.
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    #[serde(default)]
    due: Vec<Timestamp>,
    /// Single questions.
    #[serde(default)]
    ask: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    after: Timestamp,
    now: Timestamp,
    due: Option<Timestamp>,
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
        cases.iter().for_each(check);
    }
}

fn check(case: &Case) {
    assert_eq!(case.schedule.problems(), case.problems, "{}", case.name);
    if let (Some(from), Some(to)) = (case.from, case.to) {
        assert_eq!(forwards(&case.schedule, from, to), case.due, "{}: forwards", case.name);
        assert_eq!(backwards(&case.schedule, from, to), case.due, "{}: backwards", case.name);
    }
    for question in &case.ask {
        let found = case.schedule.due_between(question.after, question.now);
        assert_eq!(found, question.due, "{}: ({}, {}]", case.name, question.after, question.now);
    }
}

fn forwards(schedule: &Schedule, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let next = |now: &Timestamp| schedule.next_after(*now).filter(|due| *due <= to);
    std::iter::successors(next(&from), next).collect()
}

fn backwards(schedule: &Schedule, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let just_before = |due: &Timestamp| *due - std::time::Duration::from_micros(1);
    let previous = |due: &Timestamp| schedule.due_between(from, just_before(due));
    let mut due: Vec<_> = std::iter::successors(schedule.due_between(from, to), previous).collect();
    due.reverse();
    due
}

#[test]
fn forwards_and_backwards_are_the_same_moments_wherever_clocks_change() {
    let zones =
        ["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana"];
    let crons = ["30 2 * * *", "0 0 * * *", "40 * * * *", "10,50 0-3 * * *", "0 */2 * * FRI-SUN"];
    let changes = ["2026-03-08", "2026-03-29", "2026-04-05", "2026-04-24", "2026-10-04", "2026-10-25", "2026-11-01"];
    for zone in zones {
        for cron in crons {
            let schedule: Schedule =
                serde_saphyr::from_str(&format!("{{ cron: '{cron}', timezone: {zone} }}")).unwrap();
            for day in changes {
                let noon: Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
                let (from, to) = (noon - Duration::from_hours(36), noon + Duration::from_hours(36));
                let due = forwards(&schedule, from, to);
                assert!(due.len() >= 2 && due.is_sorted_by(|earlier, later| earlier < later), "{zone} {cron} {day}");
                assert_eq!(due, backwards(&schedule, from, to), "{zone} {cron} {day}");
            }
        }
    }
}
