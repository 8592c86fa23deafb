//! Ways to break the template, and what has to be said of each.

use std::fmt;

use serde_json::Value;

use crate::document::Template;

/// One change of the template.
pub(crate) struct Mutation {
    /// Where, below the resources.
    at: &'static str,
    /// What comes there.
    change: Change,
    /// Who is to blame.
    pub(crate) blamed: &'static str,
    /// Words of the reason.
    pub(crate) because: &'static str,
}

/// What comes in the place of something.
enum Change {
    Nothing,
    /// A value as JSON, at a key that may be new.
    Value(&'static str),
    /// One more entry of a list.
    Entry(&'static str),
}

use Change::{Entry, Nothing};

const fn mutation(at: &'static str, change: Change, blamed: &'static str, because: &'static str) -> Mutation {
    Mutation { at, change, blamed, because }
}

const fn becomes(json: &'static str) -> Change {
    Change::Value(json)
}

/// The statements of transform's policy.
macro_rules! statements {
    ($rest:literal) => {
        concat!("/TransformRole/Properties/Policies/0/PolicyDocument/Statement", $rest)
    };
}

pub(crate) const ALL: &[Mutation] = &[
    // ---- wildcards
    mutation(statements!("/0/Action/0"), becomes(r#""logs:*""#), "TransformRole", "allows `logs:*` without a reason"),
    mutation(statements!("/0/Resource"), becomes(r#""*""#), "TransformRole", "allows `*` without a reason"),
    mutation(
        statements!("/1/Resource"),
        becomes(r#"{"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:*"}"#),
        "TransformRole",
        "without a reason",
    ),
    mutation(
        statements!(""),
        Entry(r#"{"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": {"Ref": "StageBucket"}}"#),
        "TransformRole",
        "allows `NotAction` without a reason",
    ),
    mutation(
        statements!(""),
        Entry(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Sub": "${StageBucket.Arn}/*"}}"#),
        "TransformRole",
        "allows `StageBucket/*` without a reason",
    ),
    mutation(
        "/NetworkPolicy/Properties/PolicyDocument/Statement/0/Action",
        becomes(r#""ec2:*""#),
        "NetworkPolicy",
        "allows `ec2:*` without a reason",
    ),
    mutation("../Metadata/Wildcards/4/Of", becomes("[]"), "TransformRole", "allows `StageBucket/artifacts/*` without"),
    mutation("../Metadata/Wildcards/4/Of", Entry(r#""DeliverRole""#), "DeliverRole", "has a reason for"),
    mutation(
        "../Metadata/Wildcards",
        Entry(r#"{"Wildcard": "StageBucket/modules/*", "Of": ["TransformRole"], "Reason": "It may need one later."}"#),
        "TransformRole",
        "has a reason for `StageBucket/modules/*`, which it does not allow",
    ),
    mutation("../Metadata/Wildcards/0/Reason", Nothing, "StageBucket/raw/*", "without a reason"),
    // ---- policies
    mutation(
        statements!("/2/Resource/0"),
        Nothing,
        "TransformRole",
        "does not allow sqs:SendMessage on TransformedQueue",
    ),
    mutation(
        statements!("/2/Resource"),
        Entry(r#"{"Fn::GetAtt": ["CheckedQueue", "Arn"]}"#),
        "TransformRole",
        "allows sqs:SendMessage on CheckedQueue, which transform does not do",
    ),
    mutation(statements!("/1/Action"), Entry(r#""sqs:PurgeQueue""#), "TransformRole", "allows sqs:PurgeQueue"),
    mutation(statements!("/4/Action"), becomes(r#""s3:PutObject""#), "TransformRole", "does not allow s3:GetObject"),
    mutation(statements!("/6"), Nothing, "TransformRole", "does not allow s3:ListBucket"),
    mutation(
        "/TransformRole/Properties/ManagedPolicyArns",
        becomes(r#"["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]"#),
        "TransformRole",
        "of somebody else",
    ),
    mutation(
        "/NetworkPolicy/Properties/PolicyDocument/Statement/1",
        Nothing,
        "NetworkPolicy",
        "lets the functions' own code change the network",
    ),
    mutation(
        "/NetworkPolicy/Properties/PolicyDocument/Statement/0/Action",
        Entry(r#""iam:PassRole""#),
        "NetworkPolicy",
        "allows more than the network",
    ),
    mutation(
        "/ScheduleFunctionEveryMinutePermission/Properties/SourceArn",
        Nothing,
        "ScheduleFunctionEveryMinutePermission",
        "lets anybody start the function",
    ),
    // ---- the environment beside the policy
    mutation(
        "/DeliverFunction/Properties/Environment/Variables/MILLSTREAM_QUEUE_STAGED",
        becomes(r#"{"Ref": "StagedQueue"}"#),
        "DeliverFunction",
        "is told of StagedQueue, which its policy does not let it use",
    ),
    mutation(
        "/DeliverFunction/Properties/Environment/Variables/MILLSTREAM_QUEUE_SIGNALS",
        Nothing,
        "DeliverRole",
        "allows SignalsQueue, of which the function is not told",
    ),
    mutation(
        "/ScheduleFunction/Properties/Environment/Variables/MILLSTREAM_DEAD_LETTERS_CHECKED",
        Nothing,
        "ScheduleFunction",
        "is not told `MILLSTREAM_DEAD_LETTERS_CHECKED`",
    ),
    mutation(
        "/DeliverFunction/Properties/Environment/Variables/MILLSTREAM_QUEUE_CHECKED",
        becomes(r#"{"Ref": "TransformedQueue"}"#),
        "DeliverFunction",
        "`MILLSTREAM_QUEUE_CHECKED` is not `CheckedQueue`",
    ),
    mutation(
        "/DeliverFunction/Properties/Environment/Variables/MILLSTREAM_HOME",
        becomes(r#""/tmp""#),
        "DeliverFunction",
        "is told `MILLSTREAM_HOME`, which it does not know",
    ),
    mutation(
        "/TransformFunction/Properties/Environment/Variables/SOURCE_URL",
        becomes(r#"{"Ref": "SourceUrl"}"#),
        "TransformFunction",
        "is told `SOURCE_URL`, which it does not know",
    ),
    mutation("../Parameters/StoreUrl/NoEcho", Nothing, "StoreUrl", "is a secret and shown"),
    mutation("../Parameters/DestinationUrl/NoEcho", becomes("false"), "DestinationUrl", "is a secret and shown"),
    // ---- functions
    mutation("/TransformFunction", Nothing, "TransformFunction", "is not there"),
    mutation("/TransformFunction/Properties/Timeout", Nothing, "TransformFunction", "has no Timeout"),
    mutation("/TransformFunction/Properties/MemorySize", Nothing, "TransformFunction", "has no MemorySize"),
    mutation("/TransformFunction/Properties/LoggingConfig", Nothing, "TransformFunction", "a group of its own"),
    mutation(
        "/TransformFunction/Properties/LoggingConfig/LogFormat",
        becomes(r#""Text""#),
        "TransformFunction",
        "is not told to log JSON",
    ),
    mutation("/TransformLogs/Properties/RetentionInDays", Nothing, "TransformLogs", "no retention"),
    mutation("/TransformFunction/Properties/Runtime", becomes(r#""provided""#), "TransformFunction", "another runtime"),
    mutation(
        "/TransformFunction/Properties/Code/S3Key",
        becomes(r#""deliver.zip""#),
        "TransformFunction",
        "its code is not transform.zip",
    ),
    mutation(
        "/TransformFunction/Properties/Role",
        becomes(r#"{"Fn::GetAtt": ["QualityCheckRole", "Arn"]}"#),
        "TransformFunction",
        "shares role `QualityCheckRole`",
    ),
    mutation(
        "/TransformFunction/Properties/Role",
        becomes(r#""arn:aws:iam::1:role/admin""#),
        "TransformFunction",
        "has no role of this template",
    ),
    mutation(
        "/TransformRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal",
        becomes(r#"{"AWS": "*"}"#),
        "TransformRole",
        "somebody else than Lambda may take it",
    ),
    mutation(
        "/OtherFunction",
        becomes(r#"{"Type": "AWS::Lambda::Function"}"#),
        "OtherFunction",
        "a function that nothing is known of",
    ),
    mutation("/OtherRole", becomes(r#"{"Type": "AWS::IAM::Role"}"#), "OtherRole", "is no function's role"),
    mutation("/Topic", becomes(r#"{"Type": "AWS::SNS::Topic"}"#), "Topic", "no check looks at a `AWS::SNS::Topic`"),
    mutation("/ScheduleFunctionEveryMinute", Nothing, "ScheduleFunction", "no rule starts it every minute"),
    mutation(
        "/AlertDispatchFunctionEveryMinute/Properties/State",
        becomes(r#""DISABLED""#),
        "AlertDispatchFunction",
        "no rule starts it every minute",
    ),
    mutation("/ScheduleFunctionEveryMinutePermission", Nothing, "ScheduleFunction", "may not start it"),
    // ---- queues
    mutation("/CheckedQueue/Properties/RedrivePolicy", Nothing, "CheckedQueue", "its dead letters do not go to"),
    mutation(
        "/CheckedQueue/Properties/RedrivePolicy/deadLetterTargetArn",
        becomes(r#"{"Fn::GetAtt": ["StagedDeadLetters", "Arn"]}"#),
        "CheckedQueue",
        "its dead letters do not go to CheckedDeadLetters",
    ),
    mutation("/CheckedQueue/Properties/RedrivePolicy/maxReceiveCount", becomes("3"), "CheckedQueue", "the 20 receives"),
    mutation("/CheckedDeadLetters", Nothing, "CheckedDeadLetters", "is not there"),
    mutation("/CheckedQueue/Properties/SqsManagedSseEnabled", becomes("false"), "CheckedQueue", "is not encrypted"),
    mutation("/CheckedDeadLetters/Properties/SqsManagedSseEnabled", Nothing, "CheckedDeadLetters", "is not encrypted"),
    mutation("/CheckedQueue/Properties/FifoQueue", becomes("false"), "CheckedQueue", "does not keep order"),
    mutation(
        "/CheckedQueue/Properties/DeduplicationScope",
        becomes(r#""messageGroup""#),
        "CheckedQueue",
        "remembers ids for each group alone",
    ),
    mutation(
        "/CheckedQueue/Properties/FifoThroughputLimit",
        becomes(r#""perMessageGroupId""#),
        "CheckedQueue",
        "a throughput AWS refuses it",
    ),
    mutation(
        "/CheckedDeadLetters/Properties/MessageRetentionPeriod",
        Nothing,
        "CheckedDeadLetters",
        "forgets messages",
    ),
    mutation(
        "/OtherQueue",
        becomes(r#"{"Type": "AWS::SQS::Queue"}"#),
        "OtherQueue",
        "a queue that nothing is known of",
    ),
    // ---- mappings
    mutation(
        "/CheckedQueue/Properties/VisibilityTimeout",
        becomes("180"),
        "CheckedQueue",
        "shows messages again after",
    ),
    mutation("/CheckedQueue/Properties/VisibilityTimeout", Nothing, "CheckedQueue", "shows messages again after 30 s"),
    mutation("/DeliverFunction/Properties/Timeout", becomes("900"), "CheckedQueue", "shows messages again after"),
    mutation(
        "/DeliverFunctionChecked/Properties/FunctionResponseTypes",
        Nothing,
        "DeliverFunctionChecked",
        "no ReportBatchItemFailures",
    ),
    mutation(
        "/DeliverFunctionChecked/Properties/BatchSize",
        becomes("10"),
        "DeliverFunctionChecked",
        "does not fit into",
    ),
    mutation("/DeliverFunctionChecked/Properties/BatchSize", Nothing, "DeliverFunctionChecked", "does not fit into"),
    mutation(
        "/AlertDispatchFunctionSignals/Properties/BatchSize",
        becomes("11"),
        "AlertDispatchFunctionSignals",
        "FIFO",
    ),
    mutation("/DeliverFunction/Properties/Timeout", becomes("60"), "DeliverFunctionChecked", "does not fit into 60 s"),
    mutation("/DeliverFunction/Metadata/SecondsPerMessage", Nothing, "DeliverFunction", "does not say what a message"),
    mutation(
        "/DeliverFunctionChecked/Properties/MaximumBatchingWindowInSeconds",
        becomes("5"),
        "DeliverFunctionChecked",
        "has a window",
    ),
    mutation("/DeliverFunctionChecked/Properties/ScalingConfig", Nothing, "DeliverFunctionChecked", "is not bounded"),
    mutation(
        "/DeliverFunction/Properties/ReservedConcurrentExecutions",
        becomes("2"),
        "DeliverFunction",
        "reserves less than its mapping asks for",
    ),
    mutation("/DeliverFunctionChecked", Nothing, "DeliverFunction", "not the mappings it needs"),
    mutation(
        "/DeliverFunctionChecked/Properties/EventSourceArn",
        becomes(r#"{"Fn::GetAtt": ["CheckedDeadLetters", "Arn"]}"#),
        "DeliverFunctionChecked",
        "takes from `CheckedDeadLetters`",
    ),
    // ---- the bucket
    mutation("/StageBucket/Properties/BucketEncryption", Nothing, "StageBucket", "is not encrypted"),
    mutation("/StageBucket/Properties/PublicAccessBlockConfiguration", Nothing, "StageBucket", "can be made public"),
    mutation(
        "/StageBucket/Properties/PublicAccessBlockConfiguration/BlockPublicPolicy",
        becomes("false"),
        "StageBucket",
        "can be made public: no BlockPublicPolicy",
    ),
    mutation("/StageBucket/Properties/AccessControl", becomes(r#""PublicRead""#), "StageBucket", "has an access list"),
    mutation("/StageBucket/Properties/OwnershipControls", Nothing, "StageBucket", "lets objects have access lists"),
    mutation(
        "/OtherBucket",
        becomes(r#"{"Type": "AWS::S3::Bucket"}"#),
        "OtherBucket",
        "a bucket that nothing is known of",
    ),
    mutation("/StageBucketPolicy", Nothing, "StageBucket", "can be reached without TLS"),
    mutation(
        "/StageBucketPolicy/Properties/PolicyDocument/Statement/0/Condition",
        Nothing,
        "StageBucket",
        "without TLS",
    ),
    mutation(
        "/StageBucketPolicy/Properties/PolicyDocument/Statement",
        Entry(r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}"#),
        "StageBucketPolicy",
        "lets others in",
    ),
    mutation(
        "/StageBucket/Properties/LifecycleConfiguration/Rules/2",
        Nothing,
        "StageBucket",
        "keeps `work/` for ever",
    ),
    mutation(
        "/StageBucket/Properties/LifecycleConfiguration/Rules/0/Status",
        becomes(r#""Disabled""#),
        "StageBucket",
        "keeps `raw/` for ever",
    ),
    mutation(
        "/StageBucket/Properties/LifecycleConfiguration/Rules/0/Prefix",
        Nothing,
        "StageBucket",
        "drops what is needed below ``",
    ),
    mutation(
        "/StageBucket/Properties/LifecycleConfiguration/Rules/4",
        Nothing,
        "StageBucket",
        "keeps incomplete uploads",
    ),
    mutation("/StageBucket/DeletionPolicy", Nothing, "StageBucket", "goes with the stack"),
    // ---- alarms
    mutation("/CheckedDeadLettersAlarm", Nothing, "CheckedDeadLetters", "no alarm tells of dead letters"),
    mutation("/CheckedDeadLettersAlarm/Properties/Threshold", becomes("5"), "CheckedDeadLetters", "no alarm tells"),
    mutation(
        "/CheckedDeadLettersAlarm/Properties/Dimensions/0/Value",
        becomes(r#"{"Fn::GetAtt": ["CheckedQueue", "QueueName"]}"#),
        "CheckedDeadLetters",
        "no alarm tells of dead letters",
    ),
    mutation("/CheckedAgeAlarm", Nothing, "CheckedQueue", "no alarm tells of old messages"),
    mutation("/DeliverErrorsAlarm", Nothing, "DeliverFunction", "no alarm tells of Errors"),
    mutation("/DeliverThrottlesAlarm", Nothing, "DeliverFunction", "no alarm tells of Throttles"),
    mutation("/ScheduleSilentAlarm", Nothing, "ScheduleFunction", "no alarm tells when it is not started"),
    mutation("/DeliverErrorsAlarm/Properties/AlarmActions", Nothing, "DeliverErrorsAlarm", "tells nobody"),
    mutation(
        "/DeliverErrorsAlarm/Properties/ActionsEnabled",
        becomes("false"),
        "DeliverErrorsAlarm",
        "is switched off",
    ),
];

impl Mutation {
    /// The template with this change.
    pub(crate) fn made_in(&self, template: &Template) -> Template {
        let mut broken = template.0.clone();
        let path = match self.at.strip_prefix("..") {
            Some(path) => path.to_owned(),
            None => format!("/Resources{}", self.at),
        };
        let (parent, key) = path.rsplit_once('/').unwrap();
        match self.change {
            Nothing => remove(at(&mut broken, parent), key),
            Change::Value(json) => insert(at(&mut broken, parent), key, serde_json::from_str(json).unwrap()),
            Entry(json) => at(&mut broken, &path).as_array_mut().unwrap().push(serde_json::from_str(json).unwrap()),
        }
        assert_ne!(broken, template.0, "{self} changes nothing");
        Template(broken)
    }
}

fn at<'a>(template: &'a mut Value, path: &str) -> &'a mut Value {
    template.pointer_mut(path).unwrap_or_else(|| panic!("{path} is not there to be broken"))
}

fn remove(parent: &mut Value, key: &str) {
    match parent {
        Value::Array(entries) => drop(entries.remove(key.parse().unwrap())),
        _ => drop(parent.as_object_mut().unwrap().remove(key).unwrap()),
    }
}

fn insert(parent: &mut Value, key: &str, value: Value) {
    match parent {
        Value::Array(entries) => entries[key.parse::<usize>().unwrap()] = value,
        _ => drop(parent.as_object_mut().unwrap().insert(key.to_owned(), value)),
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.change {
            Nothing => "nothing",
            Change::Value(json) | Entry(json) => json,
        };
        write!(formatter, "{} becomes {what}: {} `{}`", self.at, self.blamed, self.because)
    }
}
