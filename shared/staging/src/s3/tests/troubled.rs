//! Against a server that throttles, fails, resets, stalls and refuses.

use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::error::CredentialsError;
use flow::{Fault, FaultKind};
use tokio::time::Instant;

use super::hiccups::{Hiccup, Hiccups};
use super::*;

fn said(status: u16, code: &str) -> Hiccup {
    Hiccup::answer(status, format!("<Error><Code>{code}</Code><Message>said so</Message></Error>"))
}

fn fine() -> Hiccup {
    Hiccup::answer(200, "")
}

fn object(body: &str) -> Hiccup {
    Hiccup::answer(200, body)
}

async fn stage_with(hiccups: impl IntoIterator<Item = Hiccup>) -> (S3, Hiccups) {
    let server = Hiccups::new(hiccups).await;
    (S3::new(config(), bucket_at(&server.url), in_haste()).unwrap(), server)
}

async fn put(stage: &S3) -> Result<(), Error> {
    stage.put("runs/1/a", Bytes::from_static(b"rows")).await
}

/// Puts against a server that does this for ever.
async fn check_put(hiccup: Hiccup, kind: FaultKind, code: &str, requests: usize) {
    let (stage, server) = stage_with([hiccup.clone()]).await;
    let fault = Fault::from(put(&stage).await.unwrap_err());
    assert_eq!((fault.kind, fault.code.as_str()), (kind, code), "{hiccup:?}: {fault}");
    assert_eq!(server.requests().len(), requests, "{hiccup:?}");
}

#[tokio::test]
async fn a_write_outlasts_throttling_failures_and_resets() {
    for hiccup in [said(503, "SlowDown"), said(500, "InternalError"), said(503, "ServiceUnavailable"), Hiccup::Reset] {
        let (stage, server) = stage_with([hiccup.clone(), hiccup.clone(), fine()]).await;
        put(&stage).await.unwrap();
        assert_eq!(server.requests(), ["PUT /stage/runs/1/a?x-id=PutObject rows"; 3], "{hiccup:?}");
    }
}

#[tokio::test]
async fn trouble_that_lasts_is_an_error_to_retry() {
    check_put(said(503, "SlowDown"), FaultKind::Retry, "stage_throttled", 3).await;
    check_put(said(500, "InternalError"), FaultKind::Retry, "stage_unavailable", 3).await;
    check_put(Hiccup::Reset, FaultKind::Retry, "stage_unavailable", 3).await;
}

#[tokio::test]
async fn refusals_are_for_people_and_are_not_repeated() {
    check_put(said(403, "AccessDenied"), FaultKind::Config, "stage_access_denied", 1).await;
    check_put(said(404, "NoSuchBucket"), FaultKind::Config, "stage_bucket", 1).await;
    check_put(said(403, "InvalidAccessKeyId"), FaultKind::Config, "stage_credentials", 1).await;
    check_put(said(400, "EntityTooLarge"), FaultKind::Config, "stage_refused", 1).await;
    let headers = vec![("x-amz-bucket-region", "eu-central-1".to_owned())];
    let body = b"<Error><Code>PermanentRedirect</Code></Error>".to_vec();
    check_put(Hiccup::Answer { status: 301, headers, body }, FaultKind::Config, "stage_region", 1).await;
}

#[tokio::test]
async fn a_refusal_names_the_bucket_and_what_was_done_and_nothing_secret() {
    let (stage, _server) = stage_with([said(403, "AccessDenied")]).await;
    let fault = Fault::from(stage.get("runs/1/a").await.unwrap_err());
    for part in ["read `runs/1/a`", "bucket `stage`", "s3:ListBucket", "AccessDenied (HTTP status 403): said so"] {
        assert!(fault.message.contains(part), "{fault}");
    }
    assert!(!fault.message.contains("uthorization"), "{fault}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let server = Hiccups::new([Hiccup::Silence]).await;
    let patience = Patience { attempt: Duration::from_millis(100), total: Duration::from_millis(250), ..in_haste() };
    let stage = S3::new(config(), bucket_at(&server.url), Patience { attempts: 10, ..patience }).unwrap();
    let began = Instant::now();
    for answer in [put(&stage).await, stage.get("a").await.map(drop), stage.list("").await.map(drop)] {
        assert!(matches!(answer, Err(Error::Unavailable { .. })), "{answer:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());

    let (stage, server) = stage_with([Hiccup::Silence, fine()]).await;
    let stage = S3 { patience: Patience { attempt: Duration::from_millis(300), ..in_haste() }, ..stage };
    put(&stage).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_that_is_late_and_in_time_is_not_asked_for_again() {
    let (stage, server) = stage_with([Hiccup::Late(Duration::from_millis(200), b"rows".to_vec())]).await;
    assert_eq!(stage.get("a").await.unwrap(), "rows");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_asked_for_again() {
    let half = Hiccup::Half { headers: Vec::new(), body: b"rows and rows".to_vec() };
    let (stage, server) = stage_with([half.clone(), said(503, "SlowDown"), half.clone(), object("rows")]).await;
    assert_eq!(stage.get("a").await.unwrap(), "rows");
    assert_eq!(server.requests().len(), 4);

    let (stage, server) = stage_with([half]).await;
    let broken = stage.get("a").await;
    assert!(matches!(broken, Err(Error::Unavailable { .. })), "{broken:?}");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn bytes_that_do_not_have_their_checksum_are_asked_for_again() {
    // The CRC-32 of `rows`, of which the body is a damaged copy.
    let headers = vec![("x-amz-checksum-crc32", "Cov0oQ==".to_owned())];
    let damaged = Hiccup::Answer { status: 200, headers, body: b"rowz".to_vec() };
    let (stage, server) = stage_with([damaged.clone(), object("rows")]).await;
    assert_eq!(stage.get("a").await.unwrap(), "rows");
    assert_eq!(server.requests().len(), 2);

    let (stage, _server) = stage_with([damaged]).await;
    let refused = stage.get("a").await;
    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
}

#[tokio::test]
async fn nobody_at_the_address_is_an_error_to_retry() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let stage = S3::new(config(), bucket_at(&format!("http://{closed}")), in_haste()).unwrap();
    let fault = Fault::from(stage.get("a").await.unwrap_err());
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Retry, "stage_unavailable"));
}

#[tokio::test]
async fn missing_settings_are_named_before_anything_is_sent() {
    let server = Hiccups::new([fine()]).await;
    let nobody = provide_credentials_fn(async || Err(CredentialsError::not_loaded("nobody gives any")));
    let cases = [
        (config().into_builder().region(None::<Region>).build(), "stage_region"),
        (SdkConfig::builder().region(config().region().cloned()).build(), "stage_credentials"),
        (
            config().into_builder().credentials_provider(SharedCredentialsProvider::new(nobody)).build(),
            "stage_credentials",
        ),
    ];
    for (config, code) in cases {
        let stage = S3::new(config, bucket_at(&server.url), in_haste()).unwrap();
        let fault = Fault::from(put(&stage).await.unwrap_err());
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, code), "{fault}");
    }
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_client_is_made_once_and_only_when_it_is_needed() {
    let (stage, _server) = stage_with([fine()]).await;
    assert!(stage.client.get().is_none());
    assert!(stage.get("../a").await.is_err());
    assert!(stage.client.get().is_none(), "a key that is refused needs no client");
    put(&stage).await.unwrap();
    let made: *const Client = stage.client().unwrap();
    put(&stage).await.unwrap();
    assert!(std::ptr::eq(made, stage.client().unwrap()));
}

#[tokio::test]
async fn a_write_carries_the_checksum_of_its_bytes() {
    let headers = vec![("etag", "\"1\"".to_owned())];
    let (stage, server) = stage_with([Hiccup::Answer { status: 200, headers, body: Vec::new() }]).await;
    put(&stage).await.unwrap();
    assert_eq!(server.headers("x-amz-checksum-crc32").len(), 1);
}
