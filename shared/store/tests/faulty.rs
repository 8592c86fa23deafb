//! The fault wrapper fails where it is told to, and only there.
#![expect(clippy::expect_used, reason = "a test says what failed by panicking")]

use std::sync::{Arc, Mutex};

use flow::Fault;
use store::faulty::{Calls, Failure, Faulty, Script};
use store::{Error, Sqlite, Store};
use tempfile::TempDir;

async fn faulty() -> (TempDir, Arc<Script>, Faulty) {
    let folder = TempDir::new().expect("a folder");
    let inner = Sqlite::open(&folder.path().join("state.db")).await.expect("the store opens");
    let script = Script::new();
    let store = Faulty::new(Arc::new(inner), script.clone());
    (folder, script, store)
}

#[tokio::test]
async fn a_refused_call_has_no_effect() {
    let (_folder, script, store) = faulty().await;
    script.fail_next(Calls::Of("write_note"), Failure::Refused);
    let error = store.write_note("a", 0, "text").await.expect_err("it fails");
    assert_eq!(Fault::from(error).code, "on_command");
    assert_eq!(store.note("a").await.expect("the note").revision, 0);
    assert!(store.write_note("a", 0, "text").await.expect("it is written"));
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_took_effect() {
    let (_folder, script, store) = faulty().await;
    script.fail(Calls::Any, 2, Failure::AnswerLost);
    assert!(store.write_note("a", 0, "first").await.expect("it is written"));
    assert!(matches!(store.write_note("a", 1, "second").await, Err(Error::OnCommand)));
    assert_eq!(store.note("a").await.expect("the note").text, "second");
    assert_eq!(script.calls(Calls::Any), 3);
    assert_eq!(script.calls(Calls::Of("write_note")), 2);
}

#[tokio::test]
async fn an_error_of_the_store_is_not_hidden_by_a_lost_answer() {
    let (_folder, script, store) = faulty().await;
    script.fail_next(Calls::Any, Failure::AnswerLost);
    let error = store.abandon_run(&flow::RunId::from_text("a"), flow::Timestamp::UNIX_EPOCH).await;
    assert!(matches!(error, Err(Error::NotFound { .. })), "{error:?}");
}

#[tokio::test]
async fn the_hook_hears_every_call_and_may_change_the_script() {
    let (_folder, script, store) = faulty().await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    script.on_call({
        let (heard, script) = (heard.clone(), Arc::downgrade(&script));
        move |method| {
            heard.lock().expect("the list").push(method);
            if let Some(script) = script.upgrade().filter(|_| method == "latest_specs") {
                script.fail_next(Calls::Any, Failure::Refused);
            }
        }
    });
    store.note("a").await.expect("the note");
    assert!(store.latest_specs().await.is_err());
    assert_eq!(*heard.lock().expect("the list"), ["note", "latest_specs"]);
}
