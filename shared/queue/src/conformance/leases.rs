//! Leases: what they hold back, how they end, which answers they take.

use super::*;
use crate::{Error, Receipt};

pub(super) async fn run<M: AsyncFn(Limits) -> Subject>(make: &M) {
    let defaults = Limits::default();
    a_lease_blocks_its_group_until_it_ends(&make(defaults).await).await;
    a_lease_that_was_extended_ends_later(&make(defaults).await).await;
    a_lease_nobody_took_over_still_answers(&make(defaults).await).await;
    an_old_receipt_is_refused(&make(defaults).await).await;
    a_receipt_answers_once(&make(defaults).await).await;
    a_receipt_of_another_queue_or_none_is_refused(&make(defaults).await).await;
    what_is_given_back_comes_again_before_the_rest(&make(defaults).await).await;
}

async fn a_lease_blocks_its_group_until_it_ends(subject: &Subject) {
    subject.send("a", "1").await;
    subject.send("a", "2").await;
    let brief = subject.hands.brief();
    let first = subject.receive_one_for(brief).await;
    subject.assert_nothing_to_receive().await;
    subject.hands.pass_nearly(brief).await;
    subject.assert_nothing_to_receive().await;
    subject.hands.pass_the_rest(brief).await;
    let again = subject.receive_one().await;
    assert_eq!((again.body.as_str(), again.receives), ("1", 2));
    assert_ne!(again.receipt, first.receipt);
}

async fn a_lease_that_was_extended_ends_later(subject: &Subject) {
    subject.send("a", "1").await;
    let brief = subject.hands.brief();
    let message = subject.receive_one_for(brief).await;
    subject.hands.pass_nearly(brief).await;
    subject.queue.extend(&message.receipt, brief * 2).await.unwrap();
    subject.hands.pass_nearly(brief * 2).await;
    subject.assert_nothing_to_receive().await;
    subject.hands.pass_the_rest(brief * 2).await;
    assert_eq!(subject.receive_one().await.receives, 2);
}

async fn a_lease_nobody_took_over_still_answers(subject: &Subject) {
    subject.send("a", "1").await;
    let brief = subject.hands.brief();
    let message = subject.receive_one_for(brief).await;
    subject.hands.pass(brief * 2).await;
    match subject.queue.acknowledge(&message.receipt).await {
        Err(Error::LeaseLost) if subject.is_exempt(Exemption::AnsweringLate) => {
            assert_eq!(subject.drain().await, ["1"], "what was refused is still there");
        }
        answer => answer.unwrap(),
    }
    subject.assert_nothing_to_receive().await;
}

async fn an_old_receipt_is_refused(subject: &Subject) {
    subject.send("a", "1").await;
    let brief = subject.hands.brief();
    let old = subject.receive_one_for(brief).await.receipt;
    subject.hands.pass(brief).await;
    let current = subject.receive_one().await.receipt;
    assert_all_answers_are_refused(subject, &old).await;
    subject.queue.acknowledge(&current).await.unwrap();
    subject.assert_nothing_to_receive().await;
}

async fn a_receipt_answers_once(subject: &Subject) {
    subject.send("a", "1").await;
    subject.send("a", "2").await;
    let first = subject.receive_one().await.receipt;
    subject.queue.acknowledge(&first).await.unwrap();
    assert_all_answers_are_refused(subject, &first).await;
    let second = subject.receive_one().await.receipt;
    subject.queue.give_back(&second, Duration::ZERO).await.unwrap();
    assert_all_answers_are_refused(subject, &second).await;
    assert_eq!(subject.drain().await, ["2"]);
}

async fn a_receipt_of_another_queue_or_none_is_refused(subject: &Subject) {
    subject.send("a", "1").await;
    let receipt = subject.receive_one().await.receipt;
    assert_all_answers_are_refused(subject, &Receipt { queue: QueueName::Checked, ..receipt.clone() }).await;
    for token in ["", "-", "1", "99-1", "a-b", "'; DROP TABLE messages"] {
        assert_all_answers_are_refused(subject, &Receipt { queue: QUEUE, token: token.to_owned() }).await;
    }
    subject.queue.acknowledge(&receipt).await.unwrap();
}

async fn what_is_given_back_comes_again_before_the_rest(subject: &Subject) {
    subject.send("a", "1").await;
    subject.send("a", "2").await;
    let message = subject.receive_one().await;
    let delay = subject.hands.brief();
    subject.queue.give_back(&message.receipt, delay).await.unwrap();
    subject.assert_nothing_to_receive().await;
    if !subject.is_exempt(Exemption::ExactDepth) {
        assert_eq!(subject.queue.depth(QUEUE).await.unwrap().delayed, 1);
    }
    subject.hands.pass(delay).await;
    let again = subject.receive_one().await;
    assert_eq!((again.body.as_str(), again.receives), ("1", 2));
    subject.queue.give_back(&again.receipt, Duration::ZERO).await.unwrap();
    assert_eq!(subject.drain().await, ["1", "2"]);
}

async fn assert_all_answers_are_refused(subject: &Subject, receipt: &Receipt) {
    let cause = flow::Fault::new(flow::FaultKind::Reject, "bad", "bad");
    let queue = &subject.queue;
    let answers = [
        ("acknowledge", queue.acknowledge(receipt).await),
        ("give back", queue.give_back(receipt, Duration::ZERO).await),
        ("extend", queue.extend(receipt, LEASE).await),
        ("dead letter", queue.dead_letter(receipt, &cause).await),
    ];
    for (name, answer) in answers {
        assert!(matches!(answer, Err(Error::LeaseLost)), "{name} by {receipt:?}: {answer:?}");
    }
}
