use flow::{BatchId, Digest};

use super::activations::{activate, add_versions, digest_of};
use super::fixtures::{Shared, at, run_at, stream, sync};
use super::modules::module;
use crate::record::{ModuleRecord, Need, Pin, Pins, Removal, Run};

async fn remove(store: &Shared, version: &str) -> Removal {
    store.remove_module("flights", version).await.unwrap()
}

/// The version that was removed, and whether nothing needs its bytes any more.
fn removed(removal: Removal) -> Option<(String, bool)> {
    match removal {
        Removal::Removed { module, last } => Some((module.version, last)),
        Removal::Needed(_) | Removal::Unknown => None,
    }
}

async fn save(store: &Shared, text: &str, second: i64) -> u32 {
    store.save_spec(&sync("shop"), &Digest::of(text.as_bytes()), text, at(second)).await.unwrap().version
}

pub(super) async fn a_module_nobody_needs_is_removed(store: Shared) {
    add_versions(&store, 2).await;
    assert_eq!(removed(remove(&store, "1").await), Some(("1".to_owned(), true)));
    assert_eq!(store.module(&digest_of("1")).await.unwrap(), None);
    assert_eq!(remove(&store, "1").await, Removal::Unknown);
    assert_eq!(store.modules().await.unwrap().len(), 1);
}

pub(super) async fn an_active_version_is_not_removed(store: Shared) {
    add_versions(&store, 2).await;
    activate(&store, "1", 10).await;
    let needed = Removal::Needed(vec![Need::Active { name: "flights".to_owned() }]);
    assert_eq!(remove(&store, "1").await, needed);
    activate(&store, "2", 20).await;
    assert_eq!(removed(remove(&store, "1").await), Some(("1".to_owned(), true)));
}

pub(super) async fn bytes_a_spec_or_run_needs_are_not_removed(store: Shared) {
    add_versions(&store, 2).await;
    let version = save(&store, &format!("flights@sha256:{}", digest_of("1")), 1).await;
    assert_eq!(remove(&store, "1").await, Removal::Needed(vec![Need::Spec { sync: sync("shop") }]));

    let run = Run { version, ..run_at(0) };
    store.open_run(&run, &[stream("orders")]).await.unwrap();
    save(&store, &format!("flights@sha256:{}", digest_of("2")), 2).await;
    let by_run = Removal::Needed(vec![Need::Run { run: run.id.clone() }]);
    assert_eq!(remove(&store, "1").await, by_run);

    let pin = Pin { module: "flights".to_owned(), digest: digest_of("2"), activation: None };
    let batch = BatchId::from_text("b0");
    let pins = Pins { batch, run: run.id.clone(), stream: stream("orders"), version, modules: vec![pin], at: at(3) };
    store.pin_batch(&pins).await.unwrap();
    let needs = vec![Need::Spec { sync: sync("shop") }, Need::Run { run: run.id.clone() }];
    assert_eq!(remove(&store, "2").await, Removal::Needed(needs));

    store.abandon_run(&run.id, at(9)).await.unwrap();
    assert_eq!(removed(remove(&store, "1").await), Some(("1".to_owned(), true)));
    assert_eq!(remove(&store, "2").await, Removal::Needed(vec![Need::Spec { sync: sync("shop") }]));
}

pub(super) async fn bytes_with_another_name_stay(store: Shared) {
    add_versions(&store, 1).await;
    let again = ModuleRecord { name: "departures".to_owned(), ..module("departures", "1", b"flights 1", 5) };
    store.add_module(&again).await.unwrap();
    save(&store, &format!("flights@sha256:{}", digest_of("1")), 1).await;
    assert_eq!(removed(remove(&store, "1").await), Some(("1".to_owned(), false)));
    assert_eq!(store.module(&again.digest).await.unwrap(), Some(again));
    let last = store.remove_module("departures", "1").await.unwrap();
    assert_eq!(last, Removal::Needed(vec![Need::Spec { sync: sync("shop") }]));
}
