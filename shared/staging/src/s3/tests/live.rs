//! Against a server that speaks S3.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::conformance;

/// A bucket of its own for each test.
async fn bucket(name: &str) -> Bucket {
    #[expect(clippy::disallowed_methods, reason = "the test is told where the server is")]
    let endpoint =
        std::env::var("MILLSTREAM_TEST_AWS").expect("MILLSTREAM_TEST_AWS: the address of AWS or an emulator");
    let bucket = Bucket { name: format!("{name}-{}", std::process::id()), ..bucket_at(&endpoint) };
    client::make(&config(), &bucket, &Patience::default())
        .unwrap()
        .create_bucket()
        .bucket(&bucket.name)
        .send()
        .await
        .unwrap();
    bucket
}

fn stage(bucket: &Bucket) -> S3 {
    S3::new(config(), bucket.clone(), Patience::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn keeps_the_contract() {
    let bucket = bucket("contract").await;
    let made = AtomicUsize::new(0);
    conformance::run(async || {
        let prefix = format!("stages/{}", made.fetch_add(1, Ordering::Relaxed));
        Arc::new(stage(&Bucket { prefix, ..bucket.clone() })) as Arc<dyn Staging>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_listing_of_many_pages_is_whole_and_in_order() {
    let stage = Arc::new(stage(&Bucket { prefix: "a".to_owned(), ..bucket("pages").await }));
    let writers = (0..8).map(|writer| {
        let stage = stage.clone();
        tokio::spawn(async move {
            for number in (writer..1_205).step_by(8) {
                stage.put(&format!("runs/{number:04}"), Bytes::from_static(b"x")).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let keys: Vec<_> = stage.list("runs/").await.unwrap().into_iter().map(|entry| entry.key).collect();
    assert_eq!(keys, (0..1_205).map(|number| format!("runs/{number:04}")).collect::<Vec<_>>());
}

#[tokio::test]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn stages_of_one_bucket_are_apart_and_a_key_may_be_the_beginning_of_another() {
    let bucket = bucket("apart").await;
    let (whole, part) = (stage(&bucket), stage(&Bucket { prefix: "team".to_owned(), ..bucket.clone() }));
    let other = stage(&Bucket { prefix: "te".to_owned(), ..bucket });
    part.put("b", Bytes::from_static(b"1")).await.unwrap();
    part.put("b/c", Bytes::from_static(b"2")).await.unwrap();
    assert_eq!((part.get("b").await.unwrap(), part.get("b/c").await.unwrap()), ("1".into(), "2".into()));
    let keys = async |stage: &S3| stage.list("").await.unwrap().into_iter().map(|entry| entry.key).collect::<Vec<_>>();
    assert_eq!(keys(&part).await, ["b", "b/c"]);
    assert_eq!(keys(&whole).await, ["team/b", "team/b/c"]);
    assert_eq!(keys(&other).await, Vec::<String>::new());
    other.delete("am/b").await.unwrap();
    assert_eq!(part.list("").await.unwrap().len(), 2);
}

#[tokio::test]
#[ignore = "needs AWS: MILLSTREAM_TEST_AWS"]
async fn a_bucket_that_is_not_there_says_so_in_every_call() {
    let absent = Bucket { name: "nobody-made-this".to_owned(), ..bucket("present").await };
    let stage = stage(&absent);
    let answers = [
        stage.put("a", Bytes::new()).await,
        stage.get("a").await.map(drop),
        stage.delete("a").await,
        stage.list("").await.map(drop),
    ];
    for answer in answers {
        assert!(matches!(&answer, Err(Error::NoBucket { bucket, .. }) if *bucket == absent.name), "{answer:?}");
    }
}
