use flow::{Severity, Signal};

use super::fixtures::{Shared, at, run_of, stream, sync};
use crate::record::Note;

fn signal(id: &str, name: &str, second: i64) -> Signal {
    Signal {
        id: id.to_owned(),
        name: "run_failed".to_owned(),
        severity: Severity::Error,
        sync: sync(name),
        stream: Some(stream("orders")),
        run: Some(run_of(name, 0).id),
        summary: "run failed: the table is gone".to_owned(),
        at: at(second),
    }
}

pub(super) async fn a_signal_is_kept_once(store: Shared) {
    let full = signal("a", "shop", 5);
    let bare = Signal { stream: None, run: None, severity: Severity::Info, ..signal("b", "shop", 4) };
    assert!(store.keep_signal(&full).await.unwrap());
    assert!(store.keep_signal(&bare).await.unwrap());
    assert!(!store.keep_signal(&Signal { summary: "else".to_owned(), ..full.clone() }).await.unwrap());
    assert_eq!(store.signals(None, 9).await.unwrap(), [full, bare]);
}

pub(super) async fn signals_are_listed_newest_first(store: Shared) {
    for (id, name, second) in [("a", "shop", 5), ("b", "bank", 9), ("c", "shop", 7), ("d", "shop", 7)] {
        store.keep_signal(&signal(id, name, second)).await.unwrap();
    }
    let ids = |signals: Vec<Signal>| signals.into_iter().map(|signal| signal.id).collect::<Vec<_>>();
    assert_eq!(ids(store.signals(None, 3).await.unwrap()), ["b", "d", "c"]);
    assert_eq!(ids(store.signals(Some(&sync("shop")), 9).await.unwrap()), ["d", "c", "a"]);
}

pub(super) async fn a_note_changes_by_turns(store: Shared) {
    let note = |revision, text: &str| Note { revision, text: text.to_owned() };
    assert_eq!(store.note("groups").await.unwrap(), note(0, ""));
    assert!(!store.write_note("groups", 1, "too early").await.unwrap());
    assert!(store.write_note("groups", 0, "first").await.unwrap());
    assert!(!store.write_note("groups", 0, "late").await.unwrap());
    assert_eq!(store.note("groups").await.unwrap(), note(1, "first"));
    assert!(store.write_note("groups", 1, "second").await.unwrap());
    assert!(!store.write_note("groups", 1, "late").await.unwrap());
    assert_eq!(store.note("groups").await.unwrap(), note(2, "second"));
    assert_eq!(store.note("other").await.unwrap(), note(0, ""));
}

pub(super) async fn of_two_that_write_a_note_at_once_one_does(store: Shared) {
    for revision in 0..10 {
        let (one, two) =
            tokio::join!(store.write_note("groups", revision, "one"), store.write_note("groups", revision, "two"));
        let winner = if one.unwrap() { "one" } else { "two" };
        assert_eq!(two.unwrap(), winner == "two");
        assert_eq!(store.note("groups").await.unwrap(), Note { revision: revision + 1, text: winner.to_owned() });
    }
}
