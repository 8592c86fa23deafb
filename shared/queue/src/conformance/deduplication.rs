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
    assert_eq!(subject.send("a", "1").await, Sent::New);
    let other_body = Outgoing { body: "another body".to_owned(), ..outgoing("a", "1") };
    assert_eq!(subject.queue.send(QUEUE, other_body).await.unwrap(), Sent::Duplicate);
    assert_eq!(subject.drain().await, ["1"], "the first one counts");
}

async fn the_window_outlasts_the_message(subject: &Subject) {
    subject.send("a", "1").await;
    assert_eq!(subject.drain().await, ["1"]);
    subject.clock.advance(WINDOW - Duration::from_micros(1));
    assert_eq!(subject.send("a", "1").await, Sent::Duplicate);
    subject.assert_nothing_to_receive().await;
}

async fn after_the_window_the_id_is_new(subject: &Subject) {
    subject.send("a", "1").await;
    subject.clock.advance(WINDOW / 2);
    assert_eq!(subject.send("a", "1").await, Sent::Duplicate);
    subject.clock.advance(WINDOW / 2);
    assert_eq!(subject.send("a", "1").await, Sent::New, "a duplicate does not lengthen the window");
    assert_eq!(subject.drain().await, ["1", "1"]);
}

async fn ids_of_other_groups_count_too(subject: &Subject) {
    subject.send("a", "1").await;
    assert_eq!(subject.send("b", "1").await, Sent::Duplicate);
    assert_eq!(subject.drain().await, ["1"]);
}
