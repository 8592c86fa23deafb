//! Two sends of one deduplication id within the window are one message.

use super::*;

pub(super) async fn run<M: AsyncFn(Limits) -> Subject>(make: &M) {
    let limits = Limits { deduplication_window: WINDOW, ..Limits::default() };
    a_second_send_within_the_window_is_none(&make(limits).await).await;
    the_window_outlasts_the_message(&make(limits).await).await;
    after_the_window_the_id_is_new(&make(limits).await).await;
    ids_of_other_groups_count_too(&make(limits).await).await;
}

const WINDOW: Duration = Duration::from_secs(300);

async fn a_second_send_within_the_window_is_none(subject: &Subject) {
    subject.assert_sent(subject.send("a", "1").await, Sent::New, "the first");
    let other_body = Outgoing { body: "another body".to_owned(), ..outgoing("a", "1") };
    let again = subject.queue.send(QUEUE, other_body).await.unwrap();
    subject.assert_sent(again, Sent::Duplicate, "the second");
    assert_eq!(subject.drain().await, ["1"], "the first one counts");
}

async fn the_window_outlasts_the_message(subject: &Subject) {
    subject.send("a", "1").await;
    assert_eq!(subject.drain().await, ["1"]);
    if !subject.is_exempt(Exemption::WindowLength) {
        subject.hands.pass_nearly(WINDOW).await;
    }
    subject.assert_sent(subject.send("a", "1").await, Sent::Duplicate, "the message is gone, its id is not");
    subject.assert_nothing_to_receive().await;
}

async fn after_the_window_the_id_is_new(subject: &Subject) {
    if subject.is_exempt(Exemption::WindowLength) {
        return;
    }
    subject.send("a", "1").await;
    subject.hands.pass(WINDOW / 2).await;
    subject.assert_sent(subject.send("a", "1").await, Sent::Duplicate, "within the window");
    subject.hands.pass(WINDOW / 2).await;
    let new = subject.send("a", "1").await;
    subject.assert_sent(new, Sent::New, "a duplicate does not lengthen the window");
    assert_eq!(subject.drain().await, ["1", "1"]);
}

async fn ids_of_other_groups_count_too(subject: &Subject) {
    subject.send("a", "1").await;
    subject.assert_sent(subject.send("b", "1").await, Sent::Duplicate, "in another group");
    assert_eq!(subject.drain().await, ["1"]);
}
