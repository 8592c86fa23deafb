use flow::ManualClock;

use super::*;
use crate::{Limits, Memory, conformance};

const QUEUE: QueueName = QueueName::Staged;
const LEASE: Duration = Duration::from_secs(60);

fn faulty() -> Faulty {
    let clock = Arc::new(ManualClock::at_epoch());
    Faulty::new(Arc::new(Memory::new(Limits::default(), clock)), Arc::default())
}

fn message(group: &str, body: &str) -> Outgoing {
    Outgoing { group: group.into(), deduplication_id: body.into(), body: body.into(), delay: Duration::ZERO }
}

async fn send_all(queue: &Faulty, group: &str, bodies: &[&str]) {
    for body in bodies {
        queue.send(QUEUE, message(group, body)).await.unwrap();
    }
}

async fn drain(queue: &Faulty) -> Vec<String> {
    let mut bodies = Vec::new();
    loop {
        let received = queue.receive(QUEUE, 1, LEASE).await.unwrap();
        let Some(message) = received.into_iter().next() else { return bodies };
        queue.acknowledge(&message.receipt).await.unwrap();
        bodies.push(message.body);
    }
}

#[tokio::test]
async fn without_mischief_it_keeps_the_contract() {
    conformance::run(async |limits, clock| {
        Arc::new(Faulty::new(Arc::new(Memory::new(limits, clock)), Arc::default())) as Arc<dyn Queue>
    })
    .await;
}

#[tokio::test]
async fn a_call_fails_before_or_after_it_takes_effect() {
    let queue = faulty();
    queue.script().plan(Mischief::FailBefore, Some(Call::Send), 1);
    queue.script().plan(Mischief::FailAfter, Some(Call::Send), 2);
    assert!(matches!(queue.send(QUEUE, message("a", "1")).await, Err(Error::OnCommand)));
    assert!(matches!(queue.send(QUEUE, message("a", "2")).await, Err(Error::OnCommand)));
    assert_eq!(drain(&queue).await, ["2"]);
}

#[tokio::test]
async fn after_a_stop_nothing_works_until_it_is_calm() {
    let queue = faulty();
    queue.script().plan(Mischief::StopAfter, None, 2);
    send_all(&queue, "a", &["1"]).await;
    assert!(queue.send(QUEUE, message("a", "2")).await.is_err());
    assert!(queue.depth(QUEUE).await.is_err());
    assert!(queue.script().has_stopped());
    queue.script().calm();
    assert_eq!(drain(&queue).await, ["1", "2"]);
}

#[tokio::test]
async fn messages_come_twice_and_again_and_late() {
    let cases: [(Mischief, &[&str]); 3] = [
        (Mischief::Duplicate, &["1", "1", "2"]),
        (Mischief::Redeliver, &["1", "1", "2"]),
        (Mischief::RedeliverLate, &["1", "2", "1"]),
    ];
    for (mischief, expected) in cases {
        let queue = faulty();
        queue.script().plan(mischief, None, 1);
        send_all(&queue, "a", &["1", "2"]).await;
        assert_eq!(drain(&queue).await, expected, "{mischief:?}");
        assert_eq!(queue.script().done(), [(mischief, 1)].into());
    }
}

#[tokio::test]
async fn order_breaks_within_a_group_and_across_groups() {
    let queue = faulty();
    queue.script().plan(Mischief::ReorderWithinGroups, None, 1);
    send_all(&queue, "a", &["1", "2", "3"]).await;
    assert_eq!(drain(&queue).await, ["2", "3", "1"]);

    send_all(&queue, "b", &["4"]).await;
    send_all(&queue, "c", &["5"]).await;
    queue.script().plan(Mischief::ReorderGroups, None, 1);
    let received = queue.receive(QUEUE, 2, LEASE).await.unwrap();
    assert_eq!(received.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["5", "4"]);
}

#[tokio::test]
async fn an_expired_lease_lets_others_take_the_message() {
    let queue = faulty();
    queue.script().plan(Mischief::ExpireLease, None, 1);
    send_all(&queue, "a", &["1"]).await;
    let first = queue.receive(QUEUE, 1, LEASE).await.unwrap();
    let second = queue.receive(QUEUE, 1, LEASE).await.unwrap();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert!(matches!(queue.acknowledge(&first[0].receipt).await, Err(Error::LeaseLost)));
    queue.acknowledge(&second[0].receipt).await.unwrap();
}

#[tokio::test]
async fn the_same_seed_does_the_same_and_loses_nothing() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let queue = faulty();
        let chaos =
            Mischief::ALL.into_iter().filter(|kind| !matches!(kind, Mischief::StopBefore | Mischief::StopAfter));
        queue.script().unleash(chaos.fold(Chaos::from_seed(seed), |chaos, kind| chaos.with(kind, 5)));
        for number in 0..100 {
            while queue.send(QUEUE, message("a", &number.to_string())).await.is_err() {}
        }
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2000 {
            for message in queue.receive(QUEUE, 1, Duration::ZERO).await.unwrap_or_default() {
                seen.insert(message.body.clone());
                let _ = queue.acknowledge(&message.receipt).await;
            }
        }
        assert_eq!(seen.len(), 100);
        runs.push(queue.script().done());
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert_eq!(runs[0].len(), 8, "every kind happened: {:?}", runs[0]);
}
