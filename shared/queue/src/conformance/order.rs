//! Order within groups, freedom between them, and what is counted and carried.

use std::collections::BTreeSet;

use super::*;
use crate::{Depth, Error};

pub(super) async fn run<M: AsyncFn(Limits) -> Subject>(make: &M) {
    let defaults = Limits::default();
    a_group_keeps_its_order(&make(defaults).await).await;
    groups_do_not_wait_for_each_other(&make(defaults).await).await;
    a_busy_group_does_not_starve_others(&make(defaults).await).await;
    a_delayed_message_blocks_its_group_until_its_time(&make(defaults).await).await;
    queues_are_apart(&make(defaults).await).await;
    messages_arrive_as_they_were_sent(&make(defaults).await).await;
    a_message_over_the_limit_is_refused(&make(Limits { max_message_bytes: 10, ..defaults }).await).await;
    concurrent_receivers_never_get_the_same_message(&make(defaults).await).await;
    waiting_ends_when_something_is_sent(&make(defaults).await).await;
    waiting_ends_when_a_group_can_go_on(&make(defaults).await).await;
    depth_counts_each_message_once(&make(defaults).await).await;
    purging_takes_the_groups_of_a_prefix(&make(defaults).await).await;
}

async fn a_group_keeps_its_order(subject: &Subject) {
    for number in 0..20 {
        subject.send("a", &format!("{number:02}")).await;
    }
    let expected: Vec<_> = (0..20).map(|number| format!("{number:02}")).collect();
    assert_eq!(subject.drain().await, expected);
}

async fn groups_do_not_wait_for_each_other(subject: &Subject) {
    for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("c", "c1")] {
        subject.send(group, body).await;
    }
    let first = subject.receive(2).await;
    assert_eq!(bodies(&first), ["a1", "b1"], "each from another group, no more than asked for");
    assert_eq!(bodies(&subject.receive(10).await), ["c1"]);
    subject.queue.acknowledge(&first[0].receipt).await.unwrap();
    assert_eq!(bodies(&subject.receive(10).await), ["a2"]);
    assert_eq!(subject.receive(0).await, []);
}

async fn a_busy_group_does_not_starve_others(subject: &Subject) {
    if subject.is_exempt(Exemption::Fairness) {
        return a_leased_group_does_not_starve_others(subject).await;
    }
    for number in 0..50 {
        subject.send("busy", &format!("busy-{number}")).await;
    }
    subject.send("quiet", "quiet").await;
    let all = subject.drain().await;
    let place = all.iter().position(|body| body == "quiet").unwrap();
    assert!(place < 5, "the other group waited for {place} messages");
}

/// What is left of fairness: while somebody works on a group, its messages stand in nobody's way.
async fn a_leased_group_does_not_starve_others(subject: &Subject) {
    for number in 0..50 {
        subject.send("busy", &format!("busy-{number}")).await;
    }
    subject.send("quiet", "quiet").await;
    let received = [subject.receive(1).await, subject.receive(1).await].concat();
    let groups: BTreeSet<_> = received.iter().map(|message| message.group.as_str()).collect();
    assert_eq!(groups, BTreeSet::from(["busy", "quiet"]));
}

async fn a_delayed_message_blocks_its_group_until_its_time(subject: &Subject) {
    let delay = subject.hands.brief();
    if subject.is_exempt(Exemption::Delay) {
        let refused = subject.queue.send(QUEUE, Outgoing { delay, ..outgoing("a", "late") }).await;
        assert!(matches!(refused, Err(Error::Unsupported { .. })), "{refused:?}");
        return subject.assert_nothing_to_receive().await;
    }
    subject.send_delayed("a", "late", delay).await;
    subject.send("a", "after").await;
    subject.assert_nothing_to_receive().await;
    subject.hands.pass_nearly(delay).await;
    subject.assert_nothing_to_receive().await;
    subject.hands.pass_the_rest(delay).await;
    assert_eq!(subject.drain().await, ["late", "after"]);
}

async fn queues_are_apart(subject: &Subject) {
    subject.send("a", "1").await;
    for queue in QueueName::ALL.into_iter().filter(|queue| *queue != QUEUE) {
        assert_eq!(subject.queue.receive(queue, 10, LEASE).await.unwrap(), []);
        let sent = subject.queue.send(queue, outgoing("a", "1")).await.unwrap();
        subject.assert_sent(sent, Sent::New, queue.as_str());
        assert_eq!(subject.queue.receive(queue, 10, LEASE).await.unwrap().len(), 1);
    }
    assert_eq!(subject.drain().await, ["1"]);
}

async fn messages_arrive_as_they_were_sent(subject: &Subject) {
    for body in ["{\"a\":\"\\u0000 ' \\\" %\"}", "雪だるま ☃ 🦀", "", " \n\t"] {
        let message =
            Outgoing { deduplication_id: format!("id of {body}"), ..outgoing("group / of : 雪 % _ '", body) };
        let sent = subject.queue.send(QUEUE, message).await;
        if body.is_empty() && subject.is_exempt(Exemption::EmptyBodies) {
            assert!(matches!(sent, Err(Error::Unsupported { .. })), "{sent:?}");
            continue;
        }
        sent.unwrap();
        let received = subject.receive_one().await;
        assert_eq!((received.body.as_str(), received.group.as_str()), (body, "group / of : 雪 % _ '"));
        assert_eq!((received.receives, received.receipt.queue), (1, QUEUE));
        subject.queue.acknowledge(&received.receipt).await.unwrap();
    }
}

async fn a_message_over_the_limit_is_refused(subject: &Subject) {
    subject.send("a", "1234567890").await;
    let refused = subject.queue.send(QUEUE, outgoing("a", "12345678901")).await;
    assert!(matches!(refused, Err(Error::TooLarge { bytes: 11, limit: 10 })), "{refused:?}");
    assert_eq!(subject.drain().await, ["1234567890"]);
}

async fn concurrent_receivers_never_get_the_same_message(subject: &Subject) {
    for number in 0..60 {
        subject.send(&format!("group {}", number % 20), &number.to_string()).await;
    }
    let receivers = (0..8).map(|_| {
        let queue = subject.queue.clone();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            loop {
                let received = queue.receive(QUEUE, 3, LEASE).await.unwrap();
                if received.is_empty() {
                    return taken;
                }
                for message in received {
                    queue.acknowledge(&message.receipt).await.unwrap();
                    taken.push(message.body);
                }
            }
        })
    });
    let mut all = Vec::new();
    for receiver in receivers.collect::<Vec<_>>() {
        all.extend(receiver.await.unwrap());
    }
    all.extend(subject.drain().await);
    let distinct: BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (60, 60));
}

async fn waiting_ends_when_something_is_sent(subject: &Subject) {
    let waiting = tokio::spawn({
        let queue = subject.queue.clone();
        async move {
            let began = tokio::time::Instant::now();
            queue.wait(QUEUE, Duration::from_secs(30)).await;
            began.elapsed()
        }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    subject.send("a", "1").await;
    let waited = waiting.await.unwrap();
    assert!(waited < Duration::from_secs(5), "{waited:?}");

    subject.receive_one().await;
    let began = tokio::time::Instant::now();
    subject.queue.wait(QUEUE, Duration::from_millis(30)).await;
    assert!(began.elapsed() >= Duration::from_millis(30), "a leased head is nothing to receive");
}

async fn waiting_ends_when_a_group_can_go_on(subject: &Subject) {
    subject.send("a", "1").await;
    subject.send("a", "2").await;
    let first = subject.receive_one().await;
    let waiting = tokio::spawn({
        let queue = subject.queue.clone();
        async move { tokio::time::timeout(Duration::from_secs(5), queue.wait(QUEUE, Duration::from_secs(30))).await }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    subject.queue.acknowledge(&first.receipt).await.unwrap();
    assert!(waiting.await.unwrap().is_ok(), "the wait went on");
}

async fn depth_counts_each_message_once(subject: &Subject) {
    assert_eq!(subject.queue.depth(QUEUE).await.unwrap(), Depth::default());
    for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("c", "c1")] {
        subject.send(group, body).await;
    }
    let brief = subject.hands.brief();
    let delayed = u64::from(!subject.is_exempt(Exemption::Delay));
    if delayed == 1 {
        subject.send_delayed("d", "d1", brief * 2).await;
    }
    let received = subject.queue.receive(QUEUE, 2, brief).await.unwrap();
    let cause = flow::Fault::new(flow::FaultKind::Reject, "bad", "bad");
    subject.queue.dead_letter(&received[1].receipt, &cause).await.unwrap();
    assert_depth(subject, Depth { waiting: 2, leased: 1, delayed, dead: 1 }).await;
    subject.hands.pass(brief).await;
    // A lease that has ended is none.
    assert_depth(subject, Depth { waiting: 3, leased: 0, delayed, dead: 1 }).await;
}

/// Checks the depth, now or within the minute a broker may take to count.
async fn assert_depth(subject: &Subject, expected: Depth) {
    let mut tries_left = if subject.is_exempt(Exemption::ExactDepth) { 60 } else { 1 };
    loop {
        tries_left -= 1;
        let depth = subject.queue.depth(QUEUE).await.unwrap();
        if depth == expected {
            return;
        }
        assert!(tries_left > 0, "{depth:?} is not {expected:?}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn purging_takes_the_groups_of_a_prefix(subject: &Subject) {
    let sent = [("run/1/a", "1"), ("run/1/a", "2"), ("run/1/b", "3"), ("run/10", "4"), ("run_1/c", "5"), ("%", "6")];
    for (group, body) in sent {
        subject.send(group, body).await;
    }
    if subject.is_exempt(Exemption::PurgingLeased) {
        assert_eq!(subject.queue.purge(QUEUE, "run/1/").await.unwrap(), 3);
    } else {
        let leased = subject.receive(1).await;
        assert_eq!(subject.queue.purge(QUEUE, "run/1/").await.unwrap(), 3);
        let lost = subject.queue.acknowledge(&leased[0].receipt).await;
        assert!(matches!(lost, Err(Error::LeaseLost)), "{lost:?}");
    }
    subject.send("run/1/a", "7").await;
    assert_eq!(subject.drain().await, ["4", "5", "6", "7"]);
    assert_eq!(subject.queue.purge(QUEUE, "run/").await.unwrap(), 0);
}
