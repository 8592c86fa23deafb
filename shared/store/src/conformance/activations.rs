use flow::Digest;

use super::fixtures::{Shared, at, stream, sync};
use super::modules::module;
use crate::Error;
use crate::record::{Activate, Activation, ActiveVersion, Cause, Refusal};

/// Adds versions 1, 2, … of `flights`.
pub(super) async fn add_versions(store: &Shared, versions: i64) {
    for version in 1..=versions {
        let bytes = format!("flights {version}");
        store.add_module(&module("flights", &version.to_string(), bytes.as_bytes(), version)).await.unwrap();
    }
}

pub(super) fn digest_of(version: &str) -> Digest {
    Digest::of(format!("flights {version}").as_bytes())
}

pub(super) async fn activate(store: &Shared, version: &str, second: i64) -> Activation {
    store.activate(&Activate { name: "flights", version, by: "ann", at: at(second) }).await.unwrap()
}

fn active(version: &str) -> Option<ActiveVersion> {
    Some(ActiveVersion { version: version.to_owned(), digest: digest_of(version) })
}

async fn deactivate(store: &Shared, second: i64) -> Option<Activation> {
    store.deactivate("flights", "bob", at(second)).await.unwrap()
}

pub(super) async fn the_last_activation_holds_and_all_are_kept(store: Shared) {
    add_versions(&store, 2).await;
    assert_eq!(store.activations(Some("flights")).await.unwrap(), []);
    let first = activate(&store, "1", 10).await;
    let expected = Activation {
        name: "flights".to_owned(),
        ordinal: 1,
        cause: Cause::Activated,
        active: active("1"),
        replaced: None,
        by: "ann".to_owned(),
        at: at(10),
    };
    assert_eq!(first, expected);
    let second = activate(&store, "2", 20).await;
    assert_eq!((second.ordinal, &second.active, &second.replaced), (2, &active("2"), &Some(digest_of("1"))));
    store.add_module(&module("bank", "1", b"bank", 1)).await.unwrap();
    let bank = store.activate(&Activate { name: "bank", version: "1", by: "", at: at(5) }).await.unwrap();
    assert_eq!(store.activations(Some("flights")).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.activations(None).await.unwrap(), [bank, first, second]);
}

pub(super) async fn activating_the_active_version_changes_nothing(store: Shared) {
    add_versions(&store, 1).await;
    let first = activate(&store, "1", 10).await;
    assert_eq!(activate(&store, "1", 99).await, first);
    assert_eq!(store.activations(Some("flights")).await.unwrap(), [first]);
}

pub(super) async fn only_an_added_version_is_activated(store: Shared) {
    add_versions(&store, 1).await;
    let unknown = Activate { name: "flights", version: "7", by: "ann", at: at(1) };
    let error = store.activate(&unknown).await.unwrap_err();
    assert!(matches!(&error, Error::NotFound { name, .. } if name == "flights@7"), "{error:?}");
    assert_eq!(store.activations(None).await.unwrap(), []);
}

pub(super) async fn taking_back_goes_to_the_version_before_and_then_to_none(store: Shared) {
    add_versions(&store, 3).await;
    assert_eq!(deactivate(&store, 5).await, None);
    for (version, second) in [("1", 10), ("2", 20), ("3", 30)] {
        activate(&store, version, second).await;
    }
    let back = deactivate(&store, 40).await.unwrap();
    assert_eq!((back.cause, back.ordinal, &back.active), (Cause::Deactivated, 4, &active("2")));
    assert_eq!((&back.replaced, back.by.as_str(), back.at), (&Some(digest_of("3")), "bob", at(40)));
    // What was taken back is not gone back to.
    activate(&store, "3", 50).await;
    assert_eq!(deactivate(&store, 60).await.unwrap().active, active("2"));
    assert_eq!(deactivate(&store, 70).await.unwrap().active, active("1"));
    let last = deactivate(&store, 80).await.unwrap();
    assert_eq!((last.active, last.replaced), (None, Some(digest_of("1"))));
    assert_eq!(deactivate(&store, 90).await, None);
    let anew = activate(&store, "2", 100).await;
    assert_eq!((anew.ordinal, anew.active, anew.replaced), (9, active("2"), None));
    assert_eq!(deactivate(&store, 110).await.unwrap().active, None);
}

pub(super) async fn taking_back_passes_over_versions_that_are_gone(store: Shared) {
    add_versions(&store, 3).await;
    for (version, second) in [("1", 10), ("2", 20), ("3", 30)] {
        activate(&store, version, second).await;
    }
    store.remove_module("flights", "2").await.unwrap();
    assert_eq!(deactivate(&store, 40).await.unwrap().active, active("1"));
    assert_eq!(deactivate(&store, 50).await.unwrap().active, None);
}

pub(super) async fn of_two_that_activate_at_once_both_are_in_the_history(store: Shared) {
    add_versions(&store, 2).await;
    for round in 0..5 {
        tokio::join!(activate(&store, "1", round), activate(&store, "2", round));
        let history = store.activations(Some("flights")).await.unwrap();
        let ordinals: Vec<u64> = history.iter().map(|change| change.ordinal).collect();
        assert_eq!(ordinals, (1..=history.len() as u64).collect::<Vec<_>>());
        let repeats = history.windows(2).filter(|pair| pair[0].active == pair[1].active).count();
        assert_eq!(repeats, 0, "{history:?}");
    }
}

pub(super) async fn a_refusal_is_kept_once(store: Shared) {
    let refusal = Refusal {
        name: "flights".to_owned(),
        ordinal: 3,
        sync: sync("shop"),
        stream: stream("orders"),
        code: "module_trap".to_owned(),
        reason: "it trapped".to_owned(),
        at: at(10),
    };
    let other_stream = Refusal { stream: stream("refunds"), at: at(20), ..refusal.clone() };
    let other_name = Refusal { name: "bank".to_owned(), ..refusal.clone() };
    for new in [&refusal, &other_stream, &other_name] {
        assert!(store.refuse_activation(new).await.unwrap());
    }
    assert!(!store.refuse_activation(&Refusal { reason: "else".to_owned(), ..refusal.clone() }).await.unwrap());
    assert_eq!(store.refusals("flights").await.unwrap(), [other_stream, refusal]);
}
