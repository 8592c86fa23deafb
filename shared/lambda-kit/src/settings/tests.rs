use super::*;

const ALL: Needs = Needs {
    receives: Some(QueueName::Staged),
    sends: &[QueueName::Transformed, QueueName::Signals],
    tends: &[],
    stage: true,
};

const COMPLETE: [(&str, &str); 10] = [
    ("MILLSTREAM_STORE", "postgres://ann:s3cret@db/state"),
    ("MILLSTREAM_BUCKET", "the-stage"),
    ("MILLSTREAM_QUEUE_STAGED", "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-staged.fifo"),
    ("MILLSTREAM_QUEUE_TRANSFORMED", "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-transformed.fifo"),
    ("MILLSTREAM_QUEUE_SIGNALS", "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-signals.fifo"),
    ("MILLSTREAM_DEAD_LETTERS_STAGED", "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-staged-dead.fifo"),
    ("AWS_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "AKIA"),
    ("AWS_SECRET_ACCESS_KEY", "k3y"),
    ("AWS_SESSION_TOKEN", "t0ken"),
];

/// Reads the complete settings with one of them changed.
fn read(name: &str, value: &str, needs: &Needs) -> Result<Settings, Fault> {
    let mut variables: Vec<(String, String)> =
        COMPLETE.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    variables.retain(|(other, _)| other != name);
    variables.push((name.to_owned(), value.to_owned()));
    Settings::read(variables.into_iter().collect(), needs)
}

fn fault(name: &str, value: &str) -> Fault {
    match read(name, value, &ALL) {
        Ok(_) => panic!("{name}={value} is taken"),
        Err(fault) => fault,
    }
}

#[test]
fn what_is_set_is_taken() {
    let settings = read("MILLSTREAM_PREFIX", "team/stage", &ALL).unwrap();
    let bucket = settings.bucket.unwrap();
    assert_eq!(
        (bucket.name.as_str(), bucket.prefix.as_str(), bucket.address),
        ("the-stage", "team/stage", Address::Host)
    );
    assert!(settings.addresses.messages[&QueueName::Transformed].ends_with("/shop-transformed.fifo"));
    assert_eq!(settings.addresses.messages.len(), 3);
    assert_eq!(settings.addresses.dead_letters.len(), 1);
    assert_eq!(settings.credentials.session_token(), Some("t0ken"));
    assert_eq!(settings.resolver.env("MILLSTREAM_BUCKET").as_deref(), Some("the-stage"));
}

#[test]
fn another_endpoint_is_for_s3_and_sqs_and_names_buckets_in_the_path() {
    let settings = read("AWS_ENDPOINT_URL", "http://127.0.0.1:4566", &ALL).unwrap();
    let bucket = settings.bucket.unwrap();
    assert_eq!((bucket.endpoint.as_deref(), bucket.address), (Some("http://127.0.0.1:4566"), Address::Path));
    assert_eq!(settings.addresses.endpoint.as_deref(), Some("http://127.0.0.1:4566"));
}

#[test]
fn every_missing_one_is_named_with_what_was_expected() {
    let cases = [
        ("MILLSTREAM_STORE", "MILLSTREAM_STORE is not set; expected `postgres://USER:PASSWORD@HOST:PORT/DATABASE`"),
        ("MILLSTREAM_BUCKET", "MILLSTREAM_BUCKET is not set; expected the name of the bucket"),
        ("MILLSTREAM_QUEUE_STAGED", "MILLSTREAM_QUEUE_STAGED is not set; expected the URL of a queue"),
        ("MILLSTREAM_QUEUE_TRANSFORMED", "MILLSTREAM_QUEUE_TRANSFORMED is not set"),
        ("MILLSTREAM_DEAD_LETTERS_STAGED", "MILLSTREAM_DEAD_LETTERS_STAGED is not set; expected the URL of a queue"),
        ("AWS_REGION", "AWS_REGION is not set; expected the region"),
        ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID is not set"),
        ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY is not set"),
    ];
    for (name, words) in cases {
        let fault = fault(name, "");
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "setting_missing"), "{name}");
        assert!(fault.message.starts_with(words), "{fault}");
    }
}

#[test]
fn every_bad_one_is_named_with_what_was_expected() {
    let long = "x".repeat(64);
    let cases = [
        ("MILLSTREAM_BUCKET", "s3://stage"),
        ("MILLSTREAM_BUCKET", "ab"),
        ("MILLSTREAM_BUCKET", &long),
        ("MILLSTREAM_QUEUE_STAGED", "shop-staged.fifo"),
        ("MILLSTREAM_QUEUE_CHECKED", "arn:aws:sqs:eu-central-1:123456789012:shop-checked.fifo"),
        ("MILLSTREAM_QUEUE_STAGED", "https://sqs.eu-central-1.amazonaws.com"),
        ("MILLSTREAM_DEAD_LETTERS_STAGED", "https://sqs.eu-central-1.amazonaws.com/1/"),
        ("AWS_ENDPOINT_URL", "127.0.0.1:4566"),
        ("AWS_ENDPOINT_URL", "http:///"),
    ];
    for (name, value) in cases {
        let fault = fault(name, value);
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "setting_invalid"), "{name}={value}");
        assert!(fault.message.starts_with(&format!("{name} is `{value}`; expected ")), "{fault}");
    }
}

#[test]
fn what_a_function_does_not_need_may_be_left_out() {
    let clock = Needs { sends: &[QueueName::Signals], ..Needs::default() };
    let settings = read("MILLSTREAM_BUCKET", "", &clock).unwrap();
    assert_eq!(settings.bucket, None);
    let tending = Needs { tends: &[QueueName::Checked], ..clock };
    let Err(fault) = read("MILLSTREAM_BUCKET", "", &tending) else { panic!("it tends nothing") };
    assert!(fault.message.starts_with("MILLSTREAM_DEAD_LETTERS_CHECKED is not set"), "{fault}");
}

/// What only the parts can tell.
fn start_fault(name: &str, value: &str) -> Fault {
    match read(name, value, &ALL).and_then(crate::Start::new) {
        Ok(_) => panic!("{name}={value} is taken"),
        Err(fault) => fault,
    }
}

#[tokio::test]
async fn a_store_or_prefix_that_cannot_be_used_is_named_without_its_secret() {
    let fault = start_fault("MILLSTREAM_STORE", "mysql://ann:s3cret@db/state");
    assert_eq!(fault.code, "setting_invalid");
    assert!(
        fault.message.starts_with("MILLSTREAM_STORE is not usable") && !fault.message.contains("s3cret"),
        "{fault}"
    );
    let fault = start_fault("MILLSTREAM_PREFIX", "/team");
    assert_eq!(fault.code, "setting_invalid");
    assert!(fault.message.starts_with("MILLSTREAM_PREFIX is `/team`; expected letters"), "{fault}");
}

#[tokio::test]
async fn parts_are_put_together_without_asking_anybody() {
    let settings = read("AWS_ENDPOINT_URL", "http://127.0.0.1:1", &ALL).unwrap();
    let start = crate::Start::new(settings).unwrap();
    let fault = Fault::from(start.parts.queue.depth(QueueName::Slices).await.unwrap_err());
    assert_eq!(fault.code, "queue_address", "only a call finds out what is not there");
}
