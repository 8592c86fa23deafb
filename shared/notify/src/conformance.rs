//! What every way to reach people must do, written once and run by each in its own tests.
//!
//! A case that fails panics at the line that says what was expected.
#![expect(clippy::unwrap_used, reason = "a suite fails by panicking, as tests do")]

use std::collections::BTreeMap;
use std::sync::Arc;

use alerting::Notification;
use flow::{Severity, Signal, SyncName, Timestamp};

use crate::Notify;

/// Tells what has arrived on the other side, oldest first.
pub type Probe = Box<dyn Fn() -> Vec<Arrived> + Send + Sync>;

/// What the other side must be able to tell of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Its id.
    pub id: String,
    /// Who is told.
    pub receiver: String,
    /// What the signals have in common.
    pub group: BTreeMap<String, String>,
    /// Whether all of it was told before.
    pub repeated: bool,
    /// The id and the summary of each signal.
    pub signals: Vec<(String, String)>,
}

impl Arrived {
    /// As it was sent.
    #[must_use]
    pub fn of(notification: &Notification) -> Self {
        let signals = notification.signals.iter().map(|signal| (signal.id.clone(), signal.summary.clone()));
        Self {
            id: notification.id.clone(),
            receiver: notification.receiver.clone(),
            group: notification.group.clone(),
            repeated: notification.repeated,
            signals: signals.collect(),
        }
    }
}

/// Runs every case, each with a receiver of its own.
pub async fn run<M: AsyncFn() -> (Arc<dyn Notify>, Probe)>(make: M) {
    what_is_sent_arrives_whole_and_in_order(make().await).await;
    a_second_send_has_the_same_id(make().await).await;
    any_text_arrives_as_it_is(make().await).await;
    many_signals_arrive_together(make().await).await;
    sends_at_once_all_arrive(make().await).await;
}

/// A notification with so many signals.
#[must_use]
pub fn notification(id: &str, signals: usize) -> Notification {
    let group = [("sync", "shop"), ("name", "run_failed")];
    Notification {
        receiver: "on-call".to_owned(),
        group: group.map(|(label, value)| (label.to_owned(), value.to_owned())).into(),
        signals: (0..signals).map(|number| signal(&format!("{id}-{number}"), "run failed: table is gone")).collect(),
        repeated: false,
        id: id.to_owned(),
    }
}

fn signal(id: &str, summary: &str) -> Signal {
    Signal {
        id: id.to_owned(),
        name: "run_failed".to_owned(),
        severity: Severity::Error,
        sync: SyncName::new("shop").unwrap(),
        stream: None,
        run: None,
        summary: summary.to_owned(),
        at: Timestamp::from_timestamp_micros(1_700_000_000_000_000).unwrap(),
    }
}

async fn what_is_sent_arrives_whole_and_in_order((receiver, arrived): (Arc<dyn Notify>, Probe)) {
    assert_eq!(arrived(), []);
    let sent = [notification("1", 1), notification("2", 3), Notification { repeated: true, ..notification("3", 1) }];
    for notification in &sent {
        receiver.send(notification).await.unwrap();
    }
    assert_eq!(arrived(), sent.iter().map(Arrived::of).collect::<Vec<_>>());
}

async fn a_second_send_has_the_same_id((receiver, arrived): (Arc<dyn Notify>, Probe)) {
    for _ in 0..2 {
        receiver.send(&notification("1", 1)).await.unwrap();
    }
    let ids: Vec<_> = arrived().into_iter().map(|arrived| arrived.id).collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| id == "1"), "{ids:?}");
}

async fn any_text_arrives_as_it_is((receiver, arrived): (Arc<dyn Notify>, Probe)) {
    let mut sent = notification("1", 1);
    sent.receiver = "当番 ☎".to_owned();
    sent.group = [("name".to_owned(), "\"quoted\"\n\\ & <b>".to_owned()), (String::new(), String::new())].into();
    sent.signals = vec![signal("s", "🦀 \u{0}\u{1f} ` $(x) 'quoted' </script>")];
    receiver.send(&sent).await.unwrap();
    assert_eq!(arrived(), [Arrived::of(&sent)]);
}

async fn many_signals_arrive_together((receiver, arrived): (Arc<dyn Notify>, Probe)) {
    let sent = notification("1", 2000);
    receiver.send(&sent).await.unwrap();
    assert_eq!(arrived(), [Arrived::of(&sent)]);
}

async fn sends_at_once_all_arrive((receiver, arrived): (Arc<dyn Notify>, Probe)) {
    let sends = (0..16).map(|number| {
        let receiver = receiver.clone();
        tokio::spawn(async move { receiver.send(&notification(&format!("{number:02}"), 2)).await })
    });
    for send in sends.collect::<Vec<_>>() {
        send.await.unwrap().unwrap();
    }
    let mut ids: Vec<_> = arrived().into_iter().map(|arrived| arrived.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..16).map(|number| format!("{number:02}")).collect::<Vec<_>>());
}
