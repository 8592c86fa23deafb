use serde_json::json;

use super::*;
use crate::template::{Mapping, Place, Target, Template};

/// A function, its queue with dead letters, a mapping, a schedule, a bucket, and what is passed over.
fn template() -> Value {
    json!({
        "Parameters": { "StoreUrl": { "Type": "String", "NoEcho": true }, "Code": { "Type": "String" } },
        "Conditions": { "Never": { "Fn::Equals": ["a", "b"] } },
        "Resources": {
            "WorkQueue": { "Type": "AWS::SQS::Queue", "Properties": {
                "FifoQueue": true, "VisibilityTimeout": 120, "SqsManagedSseEnabled": true,
                "RedrivePolicy": { "deadLetterTargetArn": { "Fn::GetAtt": ["DeadQueue", "Arn"] }, "maxReceiveCount": 3 },
            } },
            "DeadQueue": { "Type": "AWS::SQS::Queue", "Properties": { "FifoQueue": true } },
            "Bucket": { "Type": "AWS::S3::Bucket", "Properties": { "BucketEncryption": {} } },
            "WorkFunction": { "Type": "AWS::Lambda::Function", "Properties": {
                "Code": { "S3Bucket": { "Ref": "Code" }, "S3Key": "work.zip" },
                "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 60, "MemorySize": 256,
                "Role": { "Fn::GetAtt": ["Role", "Arn"] },
                "ReservedConcurrentExecutions": 4,
                "LoggingConfig": { "LogFormat": "JSON", "LogGroup": { "Ref": "Logs" } },
                "Environment": { "Variables": {
                    "STORE": { "Ref": "StoreUrl" }, "QUEUE": { "Ref": "WorkQueue" }, "BUCKET": { "Ref": "Bucket" },
                } },
            } },
            "Asynchronous": { "Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
                "FunctionName": { "Ref": "WorkFunction" }, "Qualifier": "$LATEST", "DestinationConfig": {},
                "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60,
            } },
            "WorkMapping": { "Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                "BatchSize": 5, "EventSourceArn": { "Fn::GetAtt": ["WorkQueue", "Arn"] },
                "FunctionName": { "Ref": "WorkFunction" }, "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "ScalingConfig": { "MaximumConcurrency": 3 },
            } },
            "EveryMinute": { "Type": "AWS::Events::Rule", "Properties": {
                "ScheduleExpression": "rate(1 minute)",
                "Targets": [{ "Id": "work", "Arn": { "Fn::GetAtt": ["WorkFunction", "Arn"] } }],
            } },
            "Role": { "Type": "AWS::IAM::Role" },
            "Logs": { "Type": "AWS::Logs::LogGroup" },
            "Left": { "Type": "AWS::Unheard::Of", "Condition": "Never" },
        },
    })
}

fn read(template: &Value) -> Result<Stack, Error> {
    let place = Place { region: "eu-west-1".to_owned(), account: "123456789012".to_owned(), stack: "shop".to_owned() };
    let parameters = [("StoreUrl".to_owned(), "postgres://secret".to_owned())].into();
    let bound = Template::parse(template.to_string().as_bytes())?.bind(&parameters, place)?;
    let physical = bound.predict()?;
    bound.stack(&physical)
}

#[test]
fn a_template_is_read_into_what_is_emulated() {
    let stack = read(&template()).unwrap();
    let function = &stack.functions[0];
    assert_eq!((function.binary.as_str(), function.name.as_str()), ("work", "shop-WorkFunction"));
    assert_eq!(function.arn, "arn:aws:lambda:eu-west-1:123456789012:function:shop-WorkFunction");
    assert_eq!((function.timeout, function.memory, function.reserved), (Duration::from_secs(60), 256, Some(4)));
    assert_eq!((function.repeats, function.longest_wait), (0, Duration::from_secs(60)));
    let variable = |name: &str| function.environment.0.get(name).map(String::as_str);
    assert_eq!(variable("STORE"), Some("postgres://secret"));
    assert_eq!(variable("QUEUE"), Some("http://queues.invalid/123456789012/shop-WorkQueue.fifo"));
    assert_eq!(variable("BUCKET"), Some("shop-bucket"));
    assert_eq!(variable("AWS_LAMBDA_LOG_FORMAT"), Some("JSON"));
    assert!(!format!("{stack:?}").contains("secret"), "{stack:?}");

    let queue = stack.queues.iter().find(|queue| queue.id == "WorkQueue").unwrap();
    assert_eq!((queue.name.as_str(), queue.is_fifo), ("shop-WorkQueue.fifo", true));
    let redrive: Value = serde_json::from_str(&queue.attributes["RedrivePolicy"]).unwrap();
    let dead = "arn:aws:sqs:eu-west-1:123456789012:shop-DeadQueue.fifo";
    assert_eq!(redrive, json!({ "deadLetterTargetArn": dead, "maxReceiveCount": 3 }));
    assert_eq!(queue.attributes.keys().collect::<Vec<_>>(), ["RedrivePolicy", "VisibilityTimeout"]);

    let expected = Mapping {
        id: "WorkMapping".to_owned(),
        queue: "WorkQueue".to_owned(),
        queue_url: "http://queues.invalid/123456789012/shop-WorkQueue.fifo".to_owned(),
        queue_arn: "arn:aws:sqs:eu-west-1:123456789012:shop-WorkQueue.fifo".to_owned(),
        is_fifo: true,
        function: "WorkFunction".to_owned(),
        batch_size: 5,
        window: Duration::ZERO,
        reports_failures: true,
        concurrency: Some(3),
    };
    assert_eq!(stack.mappings, [expected]);
    let rule = &stack.rules[0];
    assert_eq!(rule.arn, "arn:aws:events:eu-west-1:123456789012:rule/shop-EveryMinute");
    assert_eq!(rule.targets, [Target { function: "WorkFunction".to_owned(), input: None }]);
    let passed: Vec<&str> = stack.passed_over.iter().map(|passed| passed.resource.as_str()).collect();
    assert_eq!(passed, ["Logs", "Role"]);
}

/// The template with one property set, or removed by null.
fn with(resource: &str, property: &str, value: Value) -> Value {
    let mut template = template();
    let properties = &mut template["Resources"][resource]["Properties"];
    if value.is_null() {
        _ = properties.as_object_mut().unwrap().remove(property);
    } else {
        properties[property] = value;
    }
    template
}

#[test]
fn what_is_not_emulated_is_refused_by_name() {
    let cases = [
        (with("WorkFunction", "Runtime", json!("python3.13")), "`WorkFunction.Runtime`"),
        (with("WorkFunction", "PackageType", json!("Image")), "`WorkFunction.PackageType`"),
        (with("WorkFunction", "Layers", json!(["arn"])), "`WorkFunction.Layers`: is not emulated"),
        (with("WorkFunction", "Code", json!({ "ZipFile": "x" })), "`WorkFunction.Code`: expected an `S3Key`"),
        (with("WorkFunction", "Timeout", json!("long")), "`WorkFunction.Timeout`: expected a whole number"),
        (with("WorkMapping", "FilterCriteria", json!({})), "`WorkMapping.FilterCriteria`: is not emulated"),
        (with("WorkMapping", "EventSourceArn", json!("arn:aws:kafka:x")), "is no queue of the template"),
        (with("WorkMapping", "FunctionName", json!("other")), "is no function of the template"),
        (with("WorkMapping", "BatchSize", json!(11)), "`WorkMapping.BatchSize`: expected 1 to 10"),
        (with("WorkMapping", "MaximumBatchingWindowInSeconds", json!(5)), "FIFO queues have no window"),
        (
            with("WorkQueue", "VisibilityTimeout", json!(30)),
            "hides messages for 30 s, less than the function's timeout",
        ),
        (with("WorkQueue", "QueueName", json!("work")), "end in `.fifo`"),
        (with("WorkQueue", "NewProperty", json!(1)), "`WorkQueue.NewProperty`: is not emulated"),
        (with("Bucket", "NotificationConfiguration", json!({})), "`Bucket.NotificationConfiguration`"),
        (with("EveryMinute", "ScheduleExpression", json!("every minute")), "is no schedule"),
        (with("EveryMinute", "EventPattern", json!({})), "`EveryMinute.EventPattern`: is not emulated"),
        (with("EveryMinute", "Targets", json!([{ "Arn": "arn:aws:sqs:x" }])), "is no function of the template"),
        (with("Asynchronous", "DestinationConfig", json!({ "OnFailure": {} })), "`Asynchronous.DestinationConfig`"),
    ];
    for (template, expected) in cases {
        let error = read(&template).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let mut unknown = template();
    unknown["Resources"]["Stream"] = json!({ "Type": "AWS::Kinesis::Stream" });
    let error = read(&unknown).unwrap_err().to_string();
    assert_eq!(error, "resource `Stream` is of type `AWS::Kinesis::Stream`, which is not emulated");
    let mut sam = template();
    sam["Transform"] = json!("AWS::Serverless-2016-10-31");
    assert!(matches!(read(&sam), Err(Error::NotTranslated)));
}

#[test]
fn a_standard_queue_may_gather_long_batches() {
    let mut template = with("WorkMapping", "BatchSize", json!(500));
    for queue in ["WorkQueue", "DeadQueue"] {
        _ = template["Resources"][queue]["Properties"].as_object_mut().unwrap().remove("FifoQueue");
    }
    let error = read(&template).unwrap_err().to_string();
    assert!(error.contains("need `MaximumBatchingWindowInSeconds`"), "{error}");
    template["Resources"]["WorkMapping"]["Properties"]["MaximumBatchingWindowInSeconds"] = json!(20);
    let stack = read(&template).unwrap();
    assert_eq!((stack.mappings[0].batch_size, stack.mappings[0].window), (500, Duration::from_secs(20)));
    assert_eq!(stack.queues[1].name, "shop-WorkQueue");
}

#[test]
fn what_is_switched_off_is_passed_over() {
    let mut template = with("WorkMapping", "Enabled", json!(false));
    template["Resources"]["EveryMinute"]["Properties"]["State"] = json!("DISABLED");
    let stack = read(&template).unwrap();
    assert!(stack.mappings.is_empty() && stack.rules.is_empty());
    let off: Vec<&str> = stack
        .passed_over
        .iter()
        .filter(|passed| passed.why.contains("off"))
        .map(|passed| passed.resource.as_str())
        .collect();
    assert_eq!(off, ["WorkMapping", "EveryMinute"]);
}
