//! Dead letters: by command, by too many receives, and what becomes of them.

use flow::{Fault, FaultKind};

use super::*;

pub(super) async fn run<M: AsyncFn(Limits) -> Subject>(make: &M) {
    let limits = Limits { max_receives: 3, ..Limits::default() };
    a_dead_letter_keeps_its_cause_and_frees_its_group(&make(limits).await).await;
    a_message_received_too_often_dies(&make(limits).await).await;
    messages_that_die_together_hold_nothing_back(&make(limits).await).await;
    dead_letters_are_reported_once_and_discarded(&make(limits).await).await;
}

async fn a_dead_letter_keeps_its_cause_and_frees_its_group(subject: &Subject) {
    subject.send("a", "1").await;
    subject.send("a", "2").await;
    let message = subject.receive_one().await;
    let cause = Fault::new(FaultKind::Config, "no_such_table", "table `x` is not there").after(LEASE);
    let before = subject.hands.clock().now();
    subject.queue.dead_letter(&message.receipt, &cause).await.unwrap();
    assert_eq!(subject.drain().await, ["2"]);

    let letters = subject.queue.dead_letters(QUEUE).await.unwrap();
    let [letter] = letters.as_slice() else { panic!("one dead letter, not {letters:?}") };
    assert_eq!((letter.queue, letter.group.as_str(), letter.body.as_str()), (QUEUE, "a", "1"));
    assert_eq!((&letter.cause, letter.receives, letter.reported), (&cause, 1, false));
    assert!(before <= letter.at && letter.at <= subject.hands.clock().now(), "{}", letter.at);
    assert_eq!(subject.queue.dead_letters(QueueName::Checked).await.unwrap(), []);
}

async fn a_message_received_too_often_dies(subject: &Subject) {
    subject.send("a", "1").await;
    subject.send("a", "2").await;
    let brief = subject.hands.brief();
    for receives in 1..=3 {
        let message = subject.receive_one_for(brief).await;
        assert_eq!((message.body.as_str(), message.receives), ("1", receives));
        subject.hands.pass(brief).await;
    }
    assert_eq!(subject.receive_one().await.body, "2", "the group goes on in the same call");
    let letters = subject.queue.dead_letters(QUEUE).await.unwrap();
    let [letter] = letters.as_slice() else { panic!("one dead letter, not {letters:?}") };
    assert_eq!((letter.body.as_str(), letter.receives), ("1", 3));
    assert_eq!((letter.cause.kind, letter.cause.code.as_str()), (FaultKind::Retry, "too_many_receives"));
}

async fn messages_that_die_together_hold_nothing_back(subject: &Subject) {
    for (group, body) in [("a", "a1"), ("b", "b1"), ("c", "c1"), ("a", "a2")] {
        subject.send(group, body).await;
    }
    let brief = subject.hands.brief();
    for _ in 0..3 {
        assert_eq!(subject.queue.receive(QUEUE, 10, brief).await.unwrap().len(), 3);
        subject.hands.pass(brief).await;
    }
    subject.send("d", "d1").await;
    let received = subject.receive(2).await;
    let mut found = bodies(&received);
    found.sort_unstable();
    assert_eq!(found, ["a2", "d1"]);
    assert_eq!(subject.queue.dead_letters(QUEUE).await.unwrap().len(), 3);
}

async fn dead_letters_are_reported_once_and_discarded(subject: &Subject) {
    let cause = Fault::new(FaultKind::Reject, "bad", "bad");
    for body in ["1", "2"] {
        subject.send("a", body).await;
        let message = subject.receive_one().await;
        subject.queue.dead_letter(&message.receipt, &cause).await.unwrap();
    }
    let letters = subject.queue.dead_letters(QUEUE).await.unwrap();
    subject.queue.mark_reported(&letters[0].id).await.unwrap();
    let reported: Vec<_> =
        subject.queue.dead_letters(QUEUE).await.unwrap().iter().map(|letter| letter.reported).collect();
    assert_eq!(reported, [true, false], "oldest first");
    for _ in 0..2 {
        subject.queue.discard(&letters[0].id).await.unwrap();
    }
    subject.queue.discard("none").await.unwrap();
    subject.queue.mark_reported("none").await.unwrap();
    let left = subject.queue.dead_letters(QUEUE).await.unwrap();
    assert_eq!(left.iter().map(|letter| letter.body.as_str()).collect::<Vec<_>>(), ["2"]);
}
