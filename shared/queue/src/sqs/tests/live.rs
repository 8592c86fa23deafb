//! Against a server that speaks SQS.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_sqs::types::QueueAttributeName;
use flow::{FaultKind, ManualClock};

use super::*;
use crate::conformance::{self, Exemption, Time};

/// What the documentation of the module says of SQS.
const EXEMPTIONS: &[Exemption] = &[
    Exemption::TellingDuplicates,
    Exemption::WindowLength,
    Exemption::Delay,
    Exemption::EmptyBodies,
    Exemption::ExactDepth,
    Exemption::Fairness,
    Exemption::AnsweringLate,
    Exemption::PurgingLeased,
];

/// Makes queues of their own for a test, as the template makes them.
async fn queues(limits: Limits) -> Addresses {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    #[expect(clippy::disallowed_methods, reason = "the test is told where the server is")]
    let endpoint =
        std::env::var("MILLSTREAM_TEST_AWS").expect("MILLSTREAM_TEST_AWS: the address of AWS or an emulator");
    let mut addresses = Addresses { endpoint: Some(endpoint), ..Addresses::default() };
    let client = client::make(&config(), QUEUE, &addresses, &Patience::default()).unwrap();
    let prefix = format!("{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    for queue in QueueName::ALL {
        let dead = make(&client, &format!("{prefix}-{queue}-dead.fifo"), None).await;
        let arn = client.get_queue_attributes().queue_url(&dead).attribute_names(QueueAttributeName::QueueArn);
        let arn = arn.send().await.unwrap().attributes.unwrap().remove(&QueueAttributeName::QueueArn).unwrap();
        let redrive = serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": limits.max_receives });
        let messages = make(&client, &format!("{prefix}-{queue}.fifo"), Some(redrive.to_string())).await;
        addresses.messages.insert(queue, messages);
        addresses.dead_letters.insert(queue, dead);
    }
    addresses
}

async fn make(client: &Client, name: &str, redrive: Option<String>) -> String {
    let attributes =
        [(QueueAttributeName::FifoQueue, Some("true".to_owned())), (QueueAttributeName::RedrivePolicy, redrive)];
    let attributes: HashMap<_, _> = attributes.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let request = client.create_queue().queue_name(name).set_attributes(Some(attributes));
    request.send().await.unwrap().queue_url.unwrap()
}

fn open(addresses: &Addresses, limits: Limits) -> Sqs {
    Sqs::new(config(), addresses.clone(), Patience::default(), limits, Arc::new(ManualClock::at_epoch()))
}

async fn fresh() -> (Addresses, Sqs) {
    let addresses = queues(Limits::default()).await;
    let queue = open(&addresses, Limits::default());
    (addresses, queue)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn keeps_the_contract() {
    conformance::run_with(Time::Passing(Duration::from_secs(3)), EXEMPTIONS, async |limits, clock| {
        let addresses = queues(limits).await;
        Arc::new(Sqs::new(config(), addresses, Patience::default(), limits, clock)) as Arc<dyn Queue>
    })
    .await;
}

#[tokio::test]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn two_instances_share_the_queues() {
    let (addresses, one) = fresh().await;
    let two = open(&addresses, Limits::default());
    one.send(QUEUE, message("a", "1")).await.unwrap();
    two.send(QUEUE, message("a", "1")).await.unwrap();
    let received = two.receive(QUEUE, 10, LEASE).await.unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(one.receive(QUEUE, 10, LEASE).await.unwrap(), []);
    assert!(matches!(one.acknowledge(&received[0].receipt).await, Err(Error::LeaseLost)), "the other one has it");
    two.acknowledge(&received[0].receipt).await.unwrap();
    assert_eq!(two.receive(QUEUE, 10, LEASE).await.unwrap(), []);
}

#[tokio::test]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn what_was_received_elsewhere_is_answered_for_once_it_is_adopted() {
    let (addresses, queue) = fresh().await;
    queue.send(QUEUE, message("a", "1")).await.unwrap();
    let client = queue.0.client(QUEUE).unwrap();
    let delivered = client.receive_message().queue_url(&addresses.messages[&QUEUE]).send().await.unwrap();
    let [record] = delivered.messages() else { panic!("one message") };
    let text = |text: Option<&str>| text.unwrap().to_owned();
    let (id, handle, body) = (text(record.message_id()), text(record.receipt_handle()), text(record.body()));
    let adopted = queue.adopt(QUEUE, Delivered { id, handle, group: "a".to_owned(), body, receives: 1 });
    let cause = Fault::new(FaultKind::Reject, "bad", "bad");
    queue.dead_letter(&adopted.receipt, &cause).await.unwrap();
    let letters = queue.dead_letters(QUEUE).await.unwrap();
    assert_eq!((letters.len(), letters[0].group.as_str(), &letters[0].cause), (1, "a", &cause));
    assert_eq!(queue.depth(QUEUE).await.unwrap(), Depth { dead: 1, ..Depth::default() });
}

#[tokio::test]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn what_another_instance_took_over_is_refused() {
    let (addresses, one) = fresh().await;
    let two = open(&addresses, Limits::default());
    one.send(QUEUE, message("a", "1")).await.unwrap();
    let old = one.receive(QUEUE, 1, Duration::ZERO).await.unwrap().remove(0).receipt;
    let current = two.receive(QUEUE, 1, LEASE).await.unwrap().remove(0).receipt;
    let cause = Fault::new(FaultKind::Reject, "bad", "bad");
    assert!(matches!(one.dead_letter(&old, &cause).await, Err(Error::LeaseLost)));
    assert_eq!(one.dead_letters(QUEUE).await.unwrap(), [], "who comes too late buries nothing");
    two.acknowledge(&current).await.unwrap();
}

#[tokio::test]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_wait_that_was_given_up_loses_nothing() {
    let (_, queue) = fresh().await;
    let given_up = tokio::time::timeout(Duration::from_millis(200), queue.wait(QUEUE, Duration::from_secs(30))).await;
    assert!(given_up.is_err());
    queue.send(QUEUE, message("a", "1")).await.unwrap();
    // The poll goes on and takes it.
    while !queue.0.held.has_waiting(QUEUE) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    queue.wait(QUEUE, Duration::from_secs(30)).await;
    let received = queue.receive(QUEUE, 10, LEASE).await.unwrap();
    assert_eq!((received.len(), received[0].receives), (1, 1));
    queue.acknowledge(&received[0].receipt).await.unwrap();
}

#[tokio::test]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn what_a_wait_took_goes_back_on_closing() {
    let (addresses, queue) = fresh().await;
    queue.send(QUEUE, message("a", "1")).await.unwrap();
    queue.wait(QUEUE, Duration::from_secs(30)).await;
    let other = open(&addresses, Limits::default());
    assert_eq!(other.receive(QUEUE, 1, LEASE).await.unwrap(), []);
    queue.close().await;
    assert_eq!(other.receive(QUEUE, 1, LEASE).await.unwrap().len(), 1);
}

#[tokio::test]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn many_dead_letters_of_one_group_are_all_listed_and_each_can_be_discarded() {
    let addresses = queues(Limits { max_receives: 1, ..Limits::default() }).await;
    let queue = open(&addresses, Limits { max_receives: 1, ..Limits::default() });
    let cause = Fault::new(FaultKind::Reject, "bad", "雪 \u{ffff}");
    for number in 0..25 {
        queue.send(QUEUE, message("a group / of 雪", &number.to_string())).await.unwrap();
        // Every other one is moved by SQS itself.
        let lease = if number % 2 == 0 { LEASE } else { Duration::ZERO };
        let received = queue.receive(QUEUE, 1, lease).await.unwrap().remove(0);
        if number % 2 == 0 {
            queue.dead_letter(&received.receipt, &cause).await.unwrap();
        }
    }
    assert_eq!(queue.receive(QUEUE, 1, LEASE).await.unwrap(), []);
    let letters = queue.dead_letters(QUEUE).await.unwrap();
    assert_eq!(letters.len(), 25);
    assert!(letters.iter().all(|letter| letter.group == "a group / of 雪" && letter.receives == 1));
    let by_sqs = letters.iter().filter(|letter| letter.cause.code == "too_many_receives").count();
    assert_eq!(by_sqs, 12);
    queue.discard(&letters[3].id).await.unwrap();
    queue.mark_reported(&letters[4].id).await.unwrap();
    let left = queue.dead_letters(QUEUE).await.unwrap();
    assert_eq!((left.len(), left.iter().filter(|letter| letter.reported).count()), (24, 1));
    assert!(left.iter().all(|letter| letter.id != letters[3].id));
    assert_eq!(queue.depth(QUEUE).await.unwrap().dead, 24);
}

#[tokio::test]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_queue_that_is_not_there_says_so() {
    let (mut addresses, _) = fresh().await;
    let address = addresses.messages[&QUEUE].replace("staged", "nobody");
    addresses.messages.insert(QUEUE, address.clone());
    let queue = open(&addresses, Limits::default());
    let refused = queue.send(QUEUE, message("a", "1")).await;
    assert!(matches!(&refused, Err(Error::NoQueue { address: named, .. }) if *named == address), "{refused:?}");
}
