use serde_json::json;

use super::*;
use crate::template::Named;

fn place() -> Place {
    Place { region: "eu-west-1".to_owned(), account: "123456789012".to_owned(), stack: "shop".to_owned() }
}

fn bound(given: &[(&str, &str)]) -> Result<Bound, Error> {
    let template = json!({
        "Parameters": {
            "Store": { "Type": "String", "NoEcho": true },
            "Stage": { "Type": "String", "Default": "test", "AllowedValues": ["test", "live"] },
            "Size": { "Type": "Number", "Default": 5 },
            "Subnets": { "Type": "CommaDelimitedList", "Default": "" },
        },
        "Mappings": { "Sizes": { "live": { "memory": 512 }, "test": { "memory": 128 } } },
        "Conditions": {
            "Live": { "Fn::Equals": [{ "Ref": "Stage" }, "live"] },
            "InVpc": { "Fn::Not": [{ "Fn::Equals": [{ "Fn::Join": ["", { "Ref": "Subnets" }] }, ""] }] },
            "Both": { "Fn::And": [{ "Condition": "Live" }, { "Condition": "InVpc" }] },
            "Either": { "Fn::Or": [{ "Condition": "Live" }, { "Condition": "InVpc" }] },
        },
        "Resources": {
            "Queue": { "Type": "AWS::SQS::Queue" },
            "Role": { "Type": "AWS::IAM::Role" },
        },
    });
    let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Template::parse(template.to_string().as_bytes())?.bind(&given, place())
}

fn resolve(given: &[(&str, &str)], value: &Value) -> Result<Option<Value>, Error> {
    let mut physical = Physical::default();
    physical.insert("Queue", Named::queue("shop-q.fifo", "http://sqs/q.fifo", "arn:aws:sqs:q.fifo"));
    bound(given)?.resolve(value, &physical, "`Function.Environment`")
}

#[test]
fn values_are_resolved_as_cloudformation_does() {
    let cases = [
        (json!("plain"), json!("plain")),
        (json!({ "Ref": "Stage" }), json!("test")),
        (json!({ "Ref": "Size" }), json!("5")),
        (json!({ "Ref": "Queue" }), json!("http://sqs/q.fifo")),
        (json!({ "Ref": "AWS::Region" }), json!("eu-west-1")),
        (json!({ "Fn::GetAtt": ["Queue", "Arn"] }), json!("arn:aws:sqs:q.fifo")),
        (json!({ "Fn::GetAtt": "Queue.QueueName" }), json!("shop-q.fifo")),
        (
            json!({ "Fn::Sub": "${AWS::StackName}-${Stage}:${Queue.Arn}${!Literal}" }),
            json!("shop-test:arn:aws:sqs:q.fifo${Literal}"),
        ),
        (json!({ "Fn::Sub": ["${Own}/${Stage}", { "Own": { "Ref": "Size" } }] }), json!("5/test")),
        (json!({ "Fn::Join": ["-", ["a", { "Ref": "Stage" }, 3]] }), json!("a-test-3")),
        (json!({ "Fn::If": ["Live", "yes", "no"] }), json!("no")),
        (json!({ "Fn::Select": [1, { "Fn::Split": [",", "a,b"] }] }), json!("b")),
        (json!({ "Fn::FindInMap": ["Sizes", { "Ref": "Stage" }, "memory"] }), json!(128)),
        (
            json!({ "kept": 1, "gone": { "Ref": "AWS::NoValue" }, "list": [{ "Ref": "AWS::NoValue" }, { "Ref": "Stage" }] }),
            json!({ "kept": 1, "list": ["test"] }),
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(resolve(&[], &value).unwrap(), Some(expected), "{value}");
    }
    assert_eq!(resolve(&[], &json!({ "Ref": "AWS::NoValue" })).unwrap(), None);
}

#[test]
fn conditions_follow_the_parameters() {
    let every = json!([
        { "Fn::If": ["Live", 1, 0] },
        { "Fn::If": ["InVpc", 1, 0] },
        { "Fn::If": ["Both", 1, 0] },
        { "Fn::If": ["Either", 1, 0] },
    ]);
    let cases: [(&[(&str, &str)], Value); 4] = [
        (&[], json!([0, 0, 0, 0])),
        (&[("Stage", "live")], json!([1, 0, 0, 1])),
        (&[("Subnets", "a, b")], json!([0, 1, 0, 1])),
        (&[("Stage", "live"), ("Subnets", "a")], json!([1, 1, 1, 1])),
    ];
    for (given, expected) in cases {
        assert_eq!(resolve(given, &every).unwrap(), Some(expected), "{given:?}");
    }
}

#[test]
fn what_cannot_be_resolved_is_named() {
    let cases = [
        (json!({ "Ref": "Store" }), "`Function.Environment` needs parameter `Store`"),
        (json!({ "Ref": "Role" }), "refers to `Role`, a resource of type `AWS::IAM::Role`"),
        (json!({ "Ref": "Nobody" }), "refers to `Nobody`, which the template has not"),
        (json!({ "Fn::GetAtt": ["Role", "Arn"] }), "refers to `Role.Arn`, a resource of type"),
        (json!({ "Fn::GetAtt": ["Queue", "Age"] }), "refers to `Queue.Age`, an attribute"),
        (json!({ "Fn::Sub": "${Nobody}" }), "refers to `Nobody`"),
        (json!({ "Fn::ImportValue": "x" }), "`Fn::ImportValue` is not known here"),
        (json!({ "Fn::If": ["Missing", 1, 2] }), "refers to `Missing`, a condition"),
        (json!({ "Fn::FindInMap": ["Sizes", "none", "memory"] }), "refers to `Sizes.none.memory`"),
        (json!("{{resolve:secretsmanager:shop}}"), "kept on AWS"),
    ];
    for (value, expected) in cases {
        let error = resolve(&[], &value).unwrap_err().to_string();
        assert!(error.contains(expected), "{value}: {error}");
    }
    let stored = resolve(&[("Store", "{{resolve:secretsmanager:shop}}")], &json!({ "Ref": "Store" })).unwrap_err();
    assert!(stored.to_string().contains("kept on AWS"), "{stored}");
}

#[test]
fn parameters_are_checked_when_they_are_given() {
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[("Stge", "live")], "no parameter `Stge`; did you mean `Stage`?"),
        (&[("Unrelated", "x")], "no parameter `Unrelated`"),
        (&[("Stage", "prod")], "parameter `Stage` takes `test` and `live`"),
        (&[("Size", "many")], "parameter `Size` takes `a number`"),
    ];
    for (given, expected) in cases {
        let error = bound(given).unwrap_err().to_string();
        assert!(error.contains(expected), "{given:?}: {error}");
    }
    let unlike = bound(&[("Unrelated", "x")]).unwrap_err().to_string();
    assert!(!unlike.contains("did you mean"), "{unlike}");
    bound(&[]).expect("what nobody needs may be missing");
}
