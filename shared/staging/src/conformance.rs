//! What every stage must do, written once and run by each implementation in its own tests.
//!
//! A case that fails panics at the line that says what was expected.
#![expect(clippy::unwrap_used, reason = "a suite fails by panicking, as tests do")]

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use bytes::Bytes;
use flow::{Digest, Object};

use crate::{Entry, Error, Staging, StagingExt};

/// Runs every case, each on an empty stage of its own.
pub async fn run<M: AsyncFn() -> Arc<dyn Staging>>(make: M) {
    what_is_put_is_got(&*make().await).await;
    a_second_put_replaces(&*make().await).await;
    deleting_twice_is_fine(&*make().await).await;
    what_is_not_there_is_not_found(&*make().await).await;
    a_listing_is_in_order_and_by_prefix(&*make().await).await;
    keys_that_could_lead_elsewhere_are_refused(&*make().await).await;
    long_keys_are_fine_up_to_the_limit(&*make().await).await;
    a_large_object_survives(&*make().await).await;
    no_reader_sees_a_part_of_a_write(make().await).await;
    many_objects_at_once_do_not_mix(make().await).await;
    a_batch_survives_under_a_key_made_of_its_content(&*make().await).await;
    damage_is_found(&*make().await).await;
}

async fn what_is_put_is_got(stage: &dyn Staging) {
    for (key, bytes) in [("a", "1"), ("runs/shop-20240101T000000000/orders/0/A_b-c=d@e.arrow", "2"), ("empty", "")] {
        stage.put(key, Bytes::from_static(bytes.as_bytes())).await.unwrap();
        assert_eq!(stage.get(key).await.unwrap(), bytes, "{key}");
    }
}

async fn a_second_put_replaces(stage: &dyn Staging) {
    stage.put("a/b", Bytes::from_static(b"a longer text")).await.unwrap();
    stage.put("a/b", Bytes::from_static(b"short")).await.unwrap();
    assert_eq!(stage.get("a/b").await.unwrap(), "short");
    assert_eq!(stage.list("").await.unwrap(), [entry("a/b", 5)]);
}

async fn deleting_twice_is_fine(stage: &dyn Staging) {
    stage.put("a/b", Bytes::from_static(b"1")).await.unwrap();
    stage.put("a/c", Bytes::from_static(b"2")).await.unwrap();
    for _ in 0..2 {
        stage.delete("a/b").await.unwrap();
    }
    assert!(matches!(stage.get("a/b").await, Err(Error::NotFound { .. })));
    assert_eq!(stage.get("a/c").await.unwrap(), "2");
    stage.delete("a/c").await.unwrap();
    assert_eq!(stage.list("").await.unwrap(), []);
    stage.put("a/b", Bytes::from_static(b"3")).await.unwrap();
    assert_eq!(stage.get("a/b").await.unwrap(), "3");
}

async fn what_is_not_there_is_not_found(stage: &dyn Staging) {
    for key in ["a", "a/b/c"] {
        let absent = stage.get(key).await;
        assert!(matches!(&absent, Err(Error::NotFound { key: named }) if named == key), "{absent:?}");
    }
    assert_eq!(stage.list("").await.unwrap(), []);
    assert_eq!(stage.list("a/b/c/").await.unwrap(), []);
}

async fn a_listing_is_in_order_and_by_prefix(stage: &dyn Staging) {
    let keys = ["b/2", "a/x", "b-/1", "b/10", "b/1/z", "b", "b.c", "c"];
    // An object store can have both `b` and `b/…`; a file system cannot.
    for key in keys.into_iter().filter(|key| *key != "b") {
        stage.put(key, Bytes::from(vec![0; key.len()])).await.unwrap();
    }
    let all = ["a/x", "b-/1", "b.c", "b/1/z", "b/10", "b/2", "c"];
    check_listing(stage, "", &all).await;
    check_listing(stage, "b", &["b-/1", "b.c", "b/1/z", "b/10", "b/2"]).await;
    check_listing(stage, "b/", &["b/1/z", "b/10", "b/2"]).await;
    check_listing(stage, "b/1", &["b/1/z", "b/10"]).await;
    check_listing(stage, "b/1/", &["b/1/z"]).await;
    check_listing(stage, "b/2", &["b/2"]).await;
    check_listing(stage, "b/2/", &[]).await;
    check_listing(stage, "z", &[]).await;
}

async fn check_listing(stage: &dyn Staging, prefix: &str, keys: &[&str]) {
    let expected: Vec<_> = keys.iter().map(|key| entry(key, key.len() as u64)).collect();
    assert_eq!(stage.list(prefix).await.unwrap(), expected, "prefix `{prefix}`");
}

async fn keys_that_could_lead_elsewhere_are_refused(stage: &dyn Staging) {
    let long_part = "x".repeat(201);
    let bad = [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/../b",
        "a/..",
        "./a",
        "a/./b",
        ".hidden",
        "a/.hidden",
        "a\\b",
        "a\0b",
        "a b",
        "ä",
        "a:b",
        "a*",
        "~",
        "C:/a",
        "a\n",
        long_part.as_str(),
    ];
    for key in bad {
        let refused = [stage.put(key, Bytes::new()).await, stage.get(key).await.map(drop), stage.delete(key).await];
        for answer in refused {
            assert!(matches!(answer, Err(Error::BadKey { .. })), "key {key:?}: {answer:?}");
        }
    }
    for prefix in ["/", "../", "..", "a/../", "a//", ".", "a\0", "ä/"] {
        let refused = stage.list(prefix).await;
        assert!(matches!(refused, Err(Error::BadKey { .. })), "prefix {prefix:?}: {refused:?}");
    }
    assert_eq!(stage.list("").await.unwrap(), []);
}

async fn long_keys_are_fine_up_to_the_limit(stage: &dyn Staging) {
    let part = "x".repeat(200);
    let key = [part.as_str(); 4].join("/");
    stage.put(&key, Bytes::from_static(b"1")).await.unwrap();
    assert_eq!(stage.get(&key).await.unwrap(), "1");
    let too_long = stage.put(&[part.as_str(); 5].join("/"), Bytes::new()).await;
    assert!(matches!(too_long, Err(Error::BadKey { .. })), "{too_long:?}");
}

async fn a_large_object_survives(stage: &dyn Staging) {
    let bytes: Bytes = (0..9_000_001_u32).map(|number| (number % 251) as u8).collect();
    stage.put("large", bytes.clone()).await.unwrap();
    assert!(stage.get("large").await.unwrap() == bytes);
    assert_eq!(stage.list("").await.unwrap(), [entry("large", 9_000_001)]);
}

async fn no_reader_sees_a_part_of_a_write(stage: Arc<dyn Staging>) {
    const SIZE: usize = 200_000;
    stage.put("a/b", Bytes::from(vec![0; SIZE])).await.unwrap();
    let writers = (1..=4_u8).map(|value| {
        let stage = stage.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                stage.put("a/b", Bytes::from(vec![value; SIZE])).await.unwrap();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    while writers.iter().any(|writer| !writer.is_finished()) {
        let read = stage.get("a/b").await.unwrap();
        let first = read.first().copied().unwrap();
        assert!(read.len() == SIZE && read.iter().all(|byte| *byte == first), "a torn read");
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn many_objects_at_once_do_not_mix(stage: Arc<dyn Staging>) {
    let writers = (0..32).map(|number: u64| {
        let stage = stage.clone();
        let key = format!("lane-{}/{number:02}", number % 4);
        tokio::spawn(async move { stage.put(&key, Bytes::from(number.to_string())).await.map(|()| key) })
    });
    for (number, writer) in writers.collect::<Vec<_>>().into_iter().enumerate() {
        let key = writer.await.unwrap().unwrap();
        assert_eq!(stage.get(&key).await.unwrap(), number.to_string());
    }
    assert_eq!(stage.list("lane-").await.unwrap().len(), 32);
}

async fn a_batch_survives_under_a_key_made_of_its_content(stage: &dyn Staging) {
    let rows = sample();
    let object = stage.put_batch("runs/1", "00000", &rows).await.unwrap();
    assert!(object.key.starts_with("runs/1/00000-"), "{}", object.key);
    assert_eq!(object.rows, 3);
    assert_eq!(stage.get_batch(&object).await.unwrap(), rows);
    assert_eq!(stage.list("").await.unwrap(), [entry(&object.key, object.bytes)]);
    assert_eq!(stage.put_batch("runs/1", "00000", &rows).await.unwrap(), object, "the same rows are the same object");
    let fewer = stage.put_batch("runs/1", "00000", &rows.slice(0, 2)).await.unwrap();
    assert_ne!(fewer.key, object.key);
}

async fn damage_is_found(stage: &dyn Staging) {
    let object = stage.put_batch("runs/1", "00000", &sample()).await.unwrap();
    let mut bytes = stage.get(&object.key).await.unwrap().to_vec();
    bytes.pop();
    stage.put(&object.key, bytes.into()).await.unwrap();
    let damaged = stage.get_batch(&object).await;
    assert!(
        matches!(&damaged, Err(Error::Damaged { key, expected, .. }) if *key == object.key && *expected == object.digest),
        "{damaged:?}"
    );

    let text = Bytes::from_static(b"no batch");
    let digest = Digest::of(&text);
    stage.put("text", text).await.unwrap();
    let other = stage.get_batch(&Object { key: "text".to_owned(), digest, bytes: 8, rows: 0 }).await;
    assert!(matches!(other, Err(Error::Batch(_))), "{other:?}");
}

fn sample() -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("")]));
    RecordBatch::try_from_iter([("id", ids), ("name", names)]).unwrap()
}

fn entry(key: &str, bytes: u64) -> Entry {
    Entry { key: key.to_owned(), bytes }
}
