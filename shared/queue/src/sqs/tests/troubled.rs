//! Against a server that throttles, fails, resets, stalls and refuses.

use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::error::CredentialsError;
use flow::{FaultKind, ManualClock};

use super::hiccups::{Hiccup, Hiccups};
use super::*;

fn said(status: u16, code: &str) -> Hiccup {
    Hiccup::answer(status, format!(r#"{{"__type":"com.amazonaws.sqs#{code}","message":"said so"}}"#))
}

fn fine() -> Hiccup {
    Hiccup::answer(200, "{}")
}

fn delivery(id: &str, group: &str) -> Vec<u8> {
    let message = serde_json::json!({
        "MessageId": id, "ReceiptHandle": format!("handle of {id}"), "Body": "{}",
        "Attributes": { "MessageGroupId": group, "ApproximateReceiveCount": "1" },
    });
    serde_json::json!({ "Messages": [message] }).to_string().into_bytes()
}

fn in_haste() -> Patience {
    Patience {
        connect: Duration::from_secs(2),
        attempt: Duration::from_secs(2),
        total: Duration::from_secs(10),
        attempts: 3,
        backoff: Duration::from_millis(5),
    }
}

fn at(endpoint: &str) -> Addresses {
    let all =
        |name: &str| QueueName::ALL.into_iter().map(|queue| (queue, format!("{endpoint}/1/{queue}{name}"))).collect();
    Addresses { messages: all(".fifo"), dead_letters: all("-dead.fifo"), endpoint: Some(endpoint.to_owned()) }
}

fn queue_of(config: SdkConfig, addresses: Addresses, patience: Patience) -> Sqs {
    Sqs::new(config, addresses, patience, Limits::default(), Arc::new(ManualClock::at_epoch()))
}

async fn queue_with(hiccups: impl IntoIterator<Item = Hiccup>) -> (Sqs, Hiccups) {
    let server = Hiccups::new(hiccups).await;
    (queue_of(config(), at(&server.url), in_haste()), server)
}

/// Sends to a server that does this for ever.
async fn check_send(hiccup: Hiccup, kind: FaultKind, code: &str, requests: usize) {
    let (queue, server) = queue_with([hiccup.clone()]).await;
    let fault = Fault::from(queue.send(QUEUE, message("a", "1")).await.unwrap_err());
    assert_eq!((fault.kind, fault.code.as_str()), (kind, code), "{hiccup:?}: {fault}");
    assert_eq!(server.requests().len(), requests, "{hiccup:?}");
}

#[tokio::test]
async fn a_send_outlasts_throttling_failures_and_resets_as_one_message() {
    let troubles =
        [said(403, "RequestThrottled"), said(500, "InternalError"), said(503, "ServiceUnavailable"), Hiccup::Reset];
    for hiccup in troubles {
        let (queue, server) = queue_with([hiccup.clone(), hiccup.clone(), fine()]).await;
        assert_eq!(queue.send(QUEUE, message("a", "1")).await.unwrap(), Sent::Accepted);
        let requests = server.requests();
        assert_eq!(requests.len(), 3, "{hiccup:?}");
        assert!(requests.iter().all(|request| request.contains(r#""MessageDeduplicationId":"1""#)), "{requests:?}");
        assert_eq!(server.headers("x-amz-target"), ["AmazonSQS.SendMessage"; 3]);
    }
}

#[tokio::test]
async fn trouble_that_lasts_is_an_error_to_retry() {
    check_send(said(403, "RequestThrottled"), FaultKind::Retry, "queue_throttled", 3).await;
    check_send(said(500, "InternalError"), FaultKind::Retry, "queue_unavailable", 3).await;
    check_send(Hiccup::Reset, FaultKind::Retry, "queue_unavailable", 3).await;
    let half = Hiccup::Half { headers: Vec::new(), body: b"{ \"MessageId\": \"1\" }".to_vec() };
    check_send(half, FaultKind::Retry, "queue_unavailable", 3).await;
}

#[tokio::test]
async fn refusals_are_for_people_and_are_not_repeated() {
    check_send(said(400, "AccessDeniedException"), FaultKind::Config, "queue_access_denied", 1).await;
    check_send(said(400, "QueueDoesNotExist"), FaultKind::Config, "queue_missing", 1).await;
    check_send(said(403, "InvalidClientTokenId"), FaultKind::Config, "queue_credentials", 1).await;
    check_send(said(400, "InvalidMessageContents"), FaultKind::Config, "queue_refused", 1).await;
}

#[tokio::test]
async fn a_refusal_names_the_queue_and_what_was_done_and_nothing_secret() {
    let (queue, _server) = queue_with([said(400, "AccessDeniedException")]).await;
    let fault = Fault::from(queue.receive(QUEUE, 1, LEASE).await.unwrap_err());
    for part in ["receive in queue `staged`", "sqs:ReceiveMessage", "AccessDeniedException (HTTP status 400): said so"]
    {
        assert!(fault.message.contains(part), "{fault}");
    }
    assert!(!fault.message.contains("uthorization"), "{fault}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let server = Hiccups::new([Hiccup::Silence]).await;
    let patience =
        Patience { attempt: Duration::from_millis(100), total: Duration::from_millis(250), attempts: 10, ..in_haste() };
    let queue = queue_of(config(), at(&server.url), patience);
    let began = Instant::now();
    let sent = queue.send(QUEUE, message("a", "1")).await;
    assert!(matches!(sent, Err(Error::Unavailable { .. })), "{sent:?}");
    let received = queue.receive(QUEUE, 1, LEASE).await;
    assert!(matches!(received, Err(Error::Unavailable { .. })), "{received:?}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_poll_may_take_longer_than_a_request() {
    let server = Hiccups::new([Hiccup::Late(Duration::from_millis(700), delivery("1", "a")), fine()]).await;
    let patience = Patience { attempt: Duration::from_millis(300), total: Duration::from_millis(600), ..in_haste() };
    let queue = queue_of(config(), at(&server.url), patience);
    queue.wait(QUEUE, Duration::from_secs(2)).await;
    let received = queue.receive(QUEUE, 1, Duration::from_secs(30)).await.unwrap();
    assert_eq!((received.len(), received[0].receives), (1, 1));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_wait_that_fails_takes_its_time() {
    let (queue, server) = queue_with([said(400, "AccessDeniedException")]).await;
    let began = Instant::now();
    queue.wait(QUEUE, Duration::from_millis(300)).await;
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_was_received_before_an_error_is_not_lost() {
    let first = Hiccup::answer(200, delivery("1", "a"));
    let (queue, _server) = queue_with([first, said(400, "AccessDeniedException")]).await;
    assert_eq!(queue.receive(QUEUE, 2, LEASE).await.unwrap().len(), 1);
    assert!(queue.receive(QUEUE, 2, LEASE).await.is_err());
}

#[tokio::test]
async fn an_answer_that_failed_can_be_given_again() {
    let first = Hiccup::answer(200, delivery("1", "a"));
    let trouble = said(500, "InternalError");
    let (queue, _server) = queue_with([first, trouble.clone(), trouble.clone(), trouble, fine()]).await;
    let receipt = queue.receive(QUEUE, 1, LEASE).await.unwrap().remove(0).receipt;
    assert!(matches!(queue.acknowledge(&receipt).await, Err(Error::Unavailable { .. })));
    queue.acknowledge(&receipt).await.unwrap();
    assert!(matches!(queue.acknowledge(&receipt).await, Err(Error::LeaseLost)));
}

#[tokio::test]
async fn a_message_whose_letter_was_not_sent_is_not_removed() {
    let first = Hiccup::answer(200, delivery("1", "a"));
    let (queue, server) = queue_with([first, fine(), said(400, "AccessDeniedException")]).await;
    let receipt = queue.receive(QUEUE, 1, LEASE).await.unwrap().remove(0).receipt;
    let cause = Fault::new(FaultKind::Reject, "bad", "bad");
    assert!(matches!(queue.dead_letter(&receipt, &cause).await, Err(Error::Denied { .. })));
    let targets = server.headers("x-amz-target");
    assert_eq!(targets, ["AmazonSQS.ReceiveMessage", "AmazonSQS.ChangeMessageVisibility", "AmazonSQS.SendMessage"]);
}

#[tokio::test]
async fn missing_settings_are_named_before_anything_is_sent() {
    let server = Hiccups::new([fine()]).await;
    let nobody = provide_credentials_fn(async || Err(CredentialsError::not_loaded("nobody gives any")));
    let keyless = SharedCredentialsProvider::new(nobody);
    let nowhere = Addresses { messages: Default::default(), ..at(&server.url) };
    let cases = [
        (config().into_builder().region(None::<Region>).build(), at(&server.url), "queue_region"),
        (SdkConfig::builder().region(config().region().cloned()).build(), at(&server.url), "queue_credentials"),
        (config().into_builder().credentials_provider(keyless).build(), at(&server.url), "queue_credentials"),
        (config(), nowhere, "queue_address"),
    ];
    for (config, addresses, code) in cases {
        let queue = queue_of(config, addresses, in_haste());
        let fault = Fault::from(queue.send(QUEUE, message("a", "1")).await.unwrap_err());
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, code), "{fault}");
    }
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_client_is_made_once_and_only_when_it_is_needed() {
    let (queue, _server) = queue_with([fine()]).await;
    assert!(queue.0.client.get().is_none());
    let large = Outgoing { body: "x".repeat(262_145), ..message("a", "1") };
    assert!(matches!(queue.send(QUEUE, large).await, Err(Error::TooLarge { .. })));
    assert!(queue.0.client.get().is_none(), "a message that is refused needs no client");
    queue.send(QUEUE, message("a", "1")).await.unwrap();
    let made: *const Client = queue.0.client(QUEUE).unwrap();
    queue.send(QUEUE, message("a", "2")).await.unwrap();
    assert!(std::ptr::eq(made, queue.0.client(QUEUE).unwrap()));
}
