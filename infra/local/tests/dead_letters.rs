//! Dead letters through the binary: seen with their cause, tried again once it is mended.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod binary;

use std::sync::Arc;
use std::time::Duration;

use binary::{Ended, FILES, Place};
use flow::QueueName;
use queue::{Limits, Outgoing, Queue};
use serde_json::{Value, json};

const ORDERS: &str = "id,amount\n1,10\n2,20\n";
const SPEC: &str = "streams: [{ name: orders, path: orders.csv }]\n";

/// A run whose destination has a table of that name with other columns: it fails.
fn failed() -> Place {
    let place = Place::new();
    place.sql("out.db", "CREATE TABLE orders (something TEXT)");
    place.write("orders.csv", ORDERS);
    place.write("spec.yaml", format!("{FILES}{SPEC}"));
    let ended = place.millstream(&["run", "spec.yaml"]);
    assert_ne!(ended.status, Some(0), "{}", ended.said());
    place
}

fn letters(place: &Place) -> Vec<Value> {
    let ended = place.millstream(&["dead-letter", "list", "--json"]);
    ended.json().as_array().cloned().unwrap()
}

fn asked(place: &Place, arguments: &[&str]) -> Ended {
    place.millstream(&[&["dead-letter"], arguments].concat())
}

/// Puts a message into a queue of the home, and has it fail for good unless it can be processed.
fn send(place: &Place, queue: QueueName, body: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let file = place.path(".millstream/queue.db");
        let clock = Arc::new(worker::SystemClock::new());
        let waiting = queue::Sqlite::open(&file, Limits::default(), clock).await.unwrap();
        let message = Outgoing {
            group: "somebody".to_owned(),
            deduplication_id: body.to_owned(),
            body: body.to_owned(),
            delay: Duration::ZERO,
        };
        waiting.send(queue, message).await.unwrap();
        let received = waiting.receive(queue, 1, Duration::from_secs(30)).await.unwrap();
        let cause = flow::Fault::new(flow::FaultKind::Reject, "message_unreadable", "none of ours");
        waiting.dead_letter(&received.first().unwrap().receipt, &cause).await.unwrap();
    });
}

#[test]
fn a_dead_letter_is_shown_with_its_cause_and_tried_again_once_that_is_mended() {
    let place = failed();
    let all = letters(&place);
    let [letter] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((&letter["queue"], &letter["reported"]), (&json!("checked"), &json!(true)), "{letter}");
    let id = letter["id"].as_str().unwrap();
    let shown = asked(&place, &["show", id]);
    assert!(shown.stdout.contains(letter["code"].as_str().unwrap()), "{}", shown.said());
    assert!(shown.stdout.contains("\"context\""), "{}", shown.said());

    place.sql("out.db", "DROP TABLE orders");
    let redriven = asked(&place, &["redrive", id]);
    assert_eq!(redriven.status, Some(0), "{}", redriven.said());
    assert!(redriven.stdout.contains("goes on, attempt 2"), "{}", redriven.said());
    assert_eq!(letters(&place).len(), 0);
    let ended = place.millstream(&["run", "spec.yaml"]);
    assert_eq!(ended.status, Some(0), "{}", ended.said());
    assert_eq!(place.rows("out.db", "SELECT id || '=' || amount FROM orders ORDER BY id"), ["1=10", "2=20"]);
}

#[test]
fn letters_of_a_run_that_went_on_without_them_are_removed_and_nothing_is_sent_twice() {
    let place = failed();
    place.sql("out.db", "DROP TABLE orders");
    assert_eq!(place.millstream(&["run", "spec.yaml"]).status, Some(0));
    let redriven = asked(&place, &["redrive", "--all", "--json"]).json();
    assert_eq!(redriven["resumed"], json!({}), "{redriven}");
    assert_eq!(redriven["obsolete"].as_array().unwrap().len(), 1, "{redriven}");
    assert_eq!(letters(&place).len(), 0);
    assert_eq!(place.rows("out.db", "SELECT count(*) || '' FROM orders"), ["2"]);
}

#[test]
fn what_is_no_message_of_ours_is_kept_until_somebody_discards_it() {
    let place = failed();
    send(&place, QueueName::Staged, "not even JSON");
    let redriven = asked(&place, &["redrive", "--queue", "staged"]);
    assert_eq!(redriven.status, Some(2), "{}", redriven.said());
    assert!(redriven.stderr.contains("[message_unreadable]"), "{}", redriven.said());
    assert_eq!(letters(&place).len(), 2);
    let discarded = asked(&place, &["discard", "--queue", "staged"]);
    assert_eq!(discarded.status, Some(0), "{}", discarded.said());
    assert_eq!(letters(&place).len(), 1);
}

#[test]
fn a_signal_is_sent_again() {
    let place = failed();
    let signal = json!({
        "id": "1", "name": "run_failed", "severity": "error", "sync": "shop", "stream": null, "run": null,
        "summary": "it failed", "at": "2024-03-01T00:00:00Z",
    });
    send(&place, QueueName::Signals, &signal.to_string());
    let waiting = |place: &Place| {
        let status = place.millstream(&["status", "--json"]).json();
        let queues = status["queues"].as_array().cloned().unwrap();
        queues.into_iter().find(|queue| queue["queue"] == "signals").unwrap()
    };
    let before = waiting(&place);
    let redriven = asked(&place, &["redrive", "--queue", "signals"]);
    assert!(redriven.stdout.contains("is sent again"), "{}", redriven.said());
    let after = waiting(&place);
    assert_eq!(after["dead"], 0, "{after}");
    assert_eq!(after["waiting"].as_u64().unwrap(), before["waiting"].as_u64().unwrap() + 1, "{before} {after}");
}

#[test]
fn what_is_not_there_is_named() {
    let place = failed();
    for arguments in [&["show", "nobody"][..], &["redrive", "nobody"], &["discard", "nobody"]] {
        let ended = asked(&place, arguments);
        assert_eq!(ended.status, Some(2), "{}", ended.said());
        assert!(ended.stderr.contains("[dead_letter_unknown]"), "{}", ended.said());
    }
    // Neither everything nor nothing by accident.
    assert_eq!(asked(&place, &["redrive"]).status, Some(2));
    assert_eq!(asked(&place, &["list", "--queue", "stagged"]).status, Some(2));
}
