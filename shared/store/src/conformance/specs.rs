use flow::Digest;

use super::fixtures::{Shared, at, sync};
use crate::Error;

pub(super) async fn a_spec_gets_a_version_for_each_new_text(store: Shared) {
    let first = store.save_spec(&sync("shop"), &Digest::of(b"one"), "one ${env:SECRET}", at(0)).await.unwrap();
    assert_eq!((first.version, first.text.as_str(), first.saved_at), (1, "one ${env:SECRET}", at(0)));
    let again = store.save_spec(&sync("shop"), &Digest::of(b"one"), "one ${env:SECRET}", at(9)).await.unwrap();
    assert_eq!(again, first);
    let second = store.save_spec(&sync("shop"), &Digest::of(b"two"), "two", at(10)).await.unwrap();
    assert_eq!(second.version, 2);
    let back = store.save_spec(&sync("shop"), &Digest::of(b"one"), "one ${env:SECRET}", at(11)).await.unwrap();
    assert_eq!(back.version, 3, "only the latest version is kept by the same text");
    assert_eq!(store.spec(&sync("shop"), 1).await.unwrap(), first);
    assert_eq!(store.spec(&sync("shop"), 2).await.unwrap(), second);
}

pub(super) async fn the_latest_specs_are_one_for_each_sync_by_name(store: Shared) {
    assert_eq!(store.latest_specs().await.unwrap(), []);
    for (name, text) in [("shop", "one"), ("bank", "two"), ("shop", "three")] {
        store.save_spec(&sync(name), &Digest::of(text.as_bytes()), text, at(0)).await.unwrap();
    }
    let latest = store.latest_specs().await.unwrap();
    let texts: Vec<_> = latest.iter().map(|spec| (spec.sync.as_str(), spec.version, spec.text.as_str())).collect();
    assert_eq!(texts, [("bank", 1, "two"), ("shop", 2, "three")]);
}

pub(super) async fn a_spec_version_that_is_not_there_is_not_found(store: Shared) {
    let error = store.spec(&sync("shop"), 1).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { what: "spec version", .. }), "{error:?}");
}
