//! The function's own process, as Lambda starts it.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what failed by panicking")]

mod aws;
#[path = "../../../../tests/support/runtime_api.rs"]
mod runtime_api;
mod world;

use std::time::Duration;

use serde_json::json;

use runtime_api::{Answer, Function};
use world::World;

const BOOTSTRAP: &str = env!("CARGO_BIN_EXE_deliver");
const TIME: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_missing_setting_is_the_answer_to_every_event() {
    let event = lambda_kit::conformance::event(env!("CARGO_MANIFEST_DIR"), "sqs.json");
    let mut function = Function::start(BOOTSTRAP, &[]).await;
    for _ in 0..2 {
        let Answer::Error { kind, message } = function.invoke(&event, TIME).await else { panic!("an error") };
        assert_eq!(kind, "setting_missing");
        assert!(message.starts_with("MILLSTREAM_STORE is not set; expected `postgres://"), "{message}");
    }
}

#[test]
fn started_by_hand_it_says_what_it_is() {
    let output = std::process::Command::new(BOOTSTRAP).env_clear().output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("AWS_LAMBDA_RUNTIME_API is not set: this is a function for AWS Lambda"), "{said}");
}

#[tokio::test]
#[ignore = "needs AWS and PostgreSQL: MILLSTREAM_TEST_AWS, MILLSTREAM_TEST_POSTGRES"]
async fn a_batch_is_delivered_what_came_early_returned_and_poison_buried() {
    let world = World::new().await;
    let mut function = Function::start(BOOTSTRAP, world.variables()).await;
    // One lane's batch is the next to be delivered, the other's is not: an earlier one is missing.
    world.send_batch(0, 0).await;
    world.send_batch(1, 1).await;
    world.send_end(1).await;
    world.send_text("somebody's", "not json").await;
    let batch = world.receive(4).await;
    let early = batch.of_lane(&world.lane(1));
    assert_eq!(early.len(), 2);

    let answer = function.invoke(&batch.event(), TIME).await;

    let reported: Vec<_> = early.iter().map(|id| json!({ "itemIdentifier": id })).collect();
    assert_eq!(answer, Answer::Response(json!({ "batchItemFailures": reported })));
    assert_eq!((world.delivered(0).await, world.delivered(1).await), (1, 0));
    let letters = world.letters().await;
    let told: Vec<_> = letters.iter().map(|letter| (letter.cause.code.as_str(), letter.body.as_str())).collect();
    assert_eq!(told, [("message_unreadable", "not json")]);
    // The mapping deletes what is done; what came early can be received again after its wait.
    world.delete_all_but(&batch, &early).await;
    let again = world.receive(2).await;
    assert_eq!(again.of_lane(&world.lane(1)), early);
}

#[tokio::test]
#[ignore = "needs AWS and PostgreSQL: MILLSTREAM_TEST_AWS, MILLSTREAM_TEST_POSTGRES"]
async fn a_store_that_is_behind_fails_the_invocation_and_says_what_to_do() {
    let world = World::new().await;
    let variables = world.variables_with_schema("millstream_nobody_made");
    let mut function = Function::start(BOOTSTRAP, &variables).await;
    world.send_batch(0, 0).await;
    let batch = world.receive(1).await;
    let Answer::Error { kind, message } = function.invoke(&batch.event(), TIME).await else { panic!("an error") };
    assert_eq!(kind, "store_not_prepared");
    assert!(message.contains("invoke `schedule`"), "{message}");
    assert_eq!(world.letters().await, [], "it is no message's fault");
}
