use flow::Digest;

use super::fixtures::{Shared, at};
use crate::Error;
use crate::record::{DeclaredSchema, ModuleRecord};

pub(super) fn module(name: &str, version: &str, bytes: &[u8], second: i64) -> ModuleRecord {
    ModuleRecord {
        digest: Digest::of(bytes),
        name: name.to_owned(),
        version: version.to_owned(),
        world: "millstream:transform@0.1.0".to_owned(),
        bytes: bytes.len() as u64,
        key: format!("modules/{}", Digest::of(bytes)),
        artifact_key: "artifacts/1".to_owned(),
        artifact_digest: Digest::of(b"artifact 1"),
        engine: "engine 1".to_owned(),
        limits: "{}".to_owned(),
        schema: None,
        added_at: at(second),
        added_by: "ann".to_owned(),
    }
}

pub(super) async fn a_module_keeps_every_field(store: Shared) {
    let schema = DeclaredSchema { input: "[]".to_owned(), output: r#"[{"name":"ä"}]"#.to_owned() };
    let full = ModuleRecord {
        limits: r#"{"memory":"64MiB"}"#.to_owned(),
        schema: Some(schema),
        ..module("flights", "1", b"one", 10)
    };
    store.add_module(&full).await.unwrap();
    assert_eq!(store.module(&full.digest).await.unwrap(), Some(full));
}

pub(super) async fn modules_are_listed_by_name_then_newest_first(store: Shared) {
    let [new, old] = [module("flights", "0.9", b"new", 20), module("flights", "0.10", b"old", 10)];
    let currency = module("currency", "1", b"currency", 15);
    for module in [&old, &currency, &new] {
        store.add_module(module).await.unwrap();
    }
    assert_eq!(store.modules().await.unwrap(), [currency.clone(), new, old]);
    assert_eq!(store.module(&currency.digest).await.unwrap(), Some(currency));
    assert_eq!(store.module(&Digest::of(b"nobody")).await.unwrap(), None);
}

pub(super) async fn a_taken_version_is_refused_to_other_bytes(store: Shared) {
    let first = module("flights", "1", b"one", 10);
    store.add_module(&first).await.unwrap();
    let error = store.add_module(&module("flights", "1", b"two", 20)).await.unwrap_err();
    let is_taken = matches!(&error, Error::VersionTaken { name, version } if name == "flights" && version == "1");
    assert!(is_taken, "{error:?}");
    assert_eq!(store.modules().await.unwrap(), [first]);
    store.add_module(&module("flights", "2", b"two", 20)).await.unwrap();
}

pub(super) async fn adding_a_module_again_replaces_its_artifact(store: Shared) {
    let first = module("flights", "1", b"one", 10);
    store.add_module(&first).await.unwrap();
    let compiled_anew = ModuleRecord {
        artifact_key: "artifacts/2".to_owned(),
        artifact_digest: Digest::of(b"artifact 2"),
        engine: "engine 2".to_owned(),
        limits: r#"{"time":"1s"}"#.to_owned(),
        added_at: at(99),
        added_by: "bob".to_owned(),
        ..first.clone()
    };
    store.add_module(&compiled_anew).await.unwrap();
    let expected = ModuleRecord {
        artifact_key: compiled_anew.artifact_key,
        artifact_digest: compiled_anew.artifact_digest,
        engine: compiled_anew.engine,
        ..first
    };
    assert_eq!(store.modules().await.unwrap(), [expected]);
}

pub(super) async fn the_same_bytes_may_have_two_names(store: Shared) {
    store.add_module(&module("flights", "1", b"one", 10)).await.unwrap();
    let renamed = ModuleRecord { artifact_key: "artifacts/2".to_owned(), ..module("departures", "1", b"one", 20) };
    store.add_module(&renamed).await.unwrap();
    assert_eq!(store.module(&renamed.digest).await.unwrap(), Some(renamed));
    let artifacts: Vec<_> = store.modules().await.unwrap().into_iter().map(|module| module.artifact_key).collect();
    assert_eq!(artifacts, ["artifacts/2", "artifacts/2"], "they share the artifact");
}
