use flow::Severity;

use super::fixtures::{Shared, World, at, object, run_at, run_of, stream, sync};
use crate::record::{BatchRecord, Hop, QuarantineFilter, Quarantined};

fn entry(batch: &BatchRecord, hop: Hop, rule: &str) -> Quarantined {
    Quarantined {
        id: format!("{}:{}:{rule}", batch.id, hop.as_str()),
        sync: sync("shop"),
        stream: batch.stream.clone(),
        run: batch.run.clone(),
        batch: batch.id.clone(),
        hop,
        rule: rule.to_owned(),
        column: Some("tail_number".to_owned()),
        code: "not_null".to_owned(),
        reason: "is null".to_owned(),
        severity: Severity::Warning,
        rows: 4,
        object: object(&format!("quarantine/{}", batch.id), 77, 6),
        at: at(30),
        resolved_by: None,
    }
}

async fn rules(store: &Shared, filter: &QuarantineFilter) -> Vec<String> {
    store.quarantined(filter, 100).await.unwrap().into_iter().map(|entry| entry.rule).collect()
}

pub(super) async fn an_entry_is_read_back_as_it_was_written(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let batch = world.batch(&world.lanes[0], 0);
    let with_column = entry(&batch, Hop::QualityCheck, "a");
    let without = Quarantined { column: None, severity: Severity::Error, ..entry(&batch, Hop::QualityCheck, "b") };
    let entries = [with_column, without];
    store.quarantine(&batch.id, Hop::QualityCheck, &entries).await.unwrap();
    assert_eq!(store.quarantined(&QuarantineFilter::default(), 9).await.unwrap(), entries);
}

pub(super) async fn a_hop_replaces_what_it_quarantined_of_a_batch(store: Shared) {
    let world = World::with_lanes(store.clone(), 1).await;
    let [first, second] = [0, 1].map(|sequence| world.batch(&world.lanes[0], sequence));
    let quarantine = async |batch: &BatchRecord, hop, rules: &[&str]| {
        let entries: Vec<_> = rules.iter().map(|rule| entry(batch, hop, rule)).collect();
        store.quarantine(&batch.id, hop, &entries).await.unwrap();
    };
    quarantine(&first, Hop::QualityCheck, &["old", "kept"]).await;
    quarantine(&first, Hop::Transform, &["module"]).await;
    quarantine(&second, Hop::QualityCheck, &["other batch"]).await;
    quarantine(&first, Hop::QualityCheck, &["kept", "new"]).await;
    quarantine(&first, Hop::QualityCheck, &["kept", "new"]).await;
    let mut found = rules(&store, &QuarantineFilter::default()).await;
    found.sort();
    assert_eq!(found, ["kept", "module", "new", "other batch"]);
    quarantine(&first, Hop::QualityCheck, &[]).await;
    assert_eq!(rules(&store, &QuarantineFilter::default()).await.len(), 2);
}

pub(super) async fn the_quarantine_is_listed_by_run_then_in_the_order_of_batches(store: Shared) {
    for (name, second) in [("old", 0), ("new", 100)] {
        let world = World::of_run(store.clone(), run_at(second), 11).await;
        for lane in [&world.lanes[10], &world.lanes[2]] {
            world.stage(lane, 11).await;
            for sequence in [10, 9] {
                let batch = world.batch(lane, sequence);
                for hop in [Hop::QualityCheck, Hop::Transform] {
                    let number = lane.as_str().rsplit('/').next().unwrap();
                    let rule = format!("{name} {number} {sequence} {}", hop.as_str());
                    store.quarantine(&batch.id, hop, &[entry(&batch, hop, &rule)]).await.unwrap();
                }
            }
        }
    }
    let expected: Vec<String> = ["new", "old"]
        .iter()
        .flat_map(|name| [2, 10].map(|lane| format!("{name} {lane}")))
        .flat_map(|place| [9, 10].map(|sequence| format!("{place} {sequence}")))
        .flat_map(|place| ["transform", "quality-check"].map(|hop| format!("{place} {hop}")))
        .collect();
    assert_eq!(rules(&store, &QuarantineFilter::default()).await, expected);
    let some = store.quarantined(&QuarantineFilter::default(), 3).await.unwrap();
    assert_eq!(some.len(), 3);
}

pub(super) async fn the_quarantine_is_filtered(store: Shared) {
    let shop = World::with_lanes(store.clone(), 1).await;
    let bank = World::of_run(store.clone(), run_of("bank", 50), 1).await;
    let of_shop = entry(&shop.batch(&shop.lanes[0], 0), Hop::Transform, "shop");
    let of_bank = Quarantined {
        sync: sync("bank"),
        stream: stream("accounts"),
        ..entry(&bank.batch(&bank.lanes[0], 0), Hop::Transform, "bank")
    };
    for entry in [&of_shop, &of_bank] {
        store.quarantine(&entry.batch, entry.hop, std::slice::from_ref(entry)).await.unwrap();
    }
    let all = QuarantineFilter::default();
    let filters = [
        QuarantineFilter { sync: Some(sync("bank")), ..all.clone() },
        QuarantineFilter { stream: Some(stream("accounts")), ..all.clone() },
        QuarantineFilter { run: Some(bank.run.id.clone()), ..all.clone() },
        QuarantineFilter { id: Some(of_bank.id.clone()), ..all.clone() },
        QuarantineFilter { sync: Some(sync("bank")), id: Some(of_bank.id.clone()), ..all.clone() },
    ];
    for filter in filters {
        assert_eq!(store.quarantined(&filter, 9).await.unwrap(), std::slice::from_ref(&of_bank), "{filter:?}");
    }
    let nobody = QuarantineFilter { sync: Some(sync("bank")), id: Some(of_shop.id), ..all };
    assert_eq!(store.quarantined(&nobody, 9).await.unwrap(), []);
}
