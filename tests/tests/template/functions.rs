//! Functions: each of ours is there, with a role and logs of its own.

use std::collections::BTreeSet;

use crate::document::{Template, all_of, place, repository};
use crate::expected::{Expected, FUNCTIONS};
use crate::findings::Findings;

const FUNCTION: &str = "AWS::Lambda::Function";

/// Everything the checks look at. What is of another type is nothing they could speak for.
const TYPES: [&str; 11] = [
    FUNCTION,
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::IAM::ManagedPolicy",
    "AWS::Logs::LogGroup",
    "AWS::SQS::Queue",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
];
const ALARM: &str = "AWS::CloudWatch::Alarm";

pub(crate) fn check(template: &Template, findings: &mut Findings) {
    for (name, resource) in template.resources() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        findings.add_unless(kind == ALARM || TYPES.contains(&kind), name, format!("no check looks at a `{kind}`"));
    }
    for expected in &FUNCTIONS {
        check_one(template, expected, findings);
    }
    check_that_none_is_forgotten(template, findings);
    check_roles(template, findings);
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    findings.add_unless(unwinds(&manifest), "Cargo.toml", "does not say that a release unwinds: see cargo-lambda");
}

/// Whether the release profile says that a panic unwinds. Where it says nothing, cargo-lambda builds
/// functions that abort, and a panic would take all messages of an invocation along.
fn unwinds(manifest: &str) -> bool {
    let profile = manifest.split("\n[").find(|section| section.starts_with("profile.release]"));
    profile.is_some_and(|profile| profile.lines().any(|line| line.trim() == "panic = \"unwind\""))
}

fn check_one(template: &Template, expected: &Expected, findings: &mut Findings) {
    let name = expected.function();
    if !template.has(&name, FUNCTION) {
        return findings.add(&name, "is not there");
    }
    let properties = &template.resource(&name)["Properties"];
    let key = format!("{}.zip", expected.binary);
    findings.add_unless(properties["Code"]["S3Key"] == key.as_str(), &name, format!("its code is not {key}"));
    for needed in ["Timeout", "MemorySize"] {
        findings.add_unless(properties[needed].is_u64(), &name, format!("has no {needed}"));
    }
    let (runtime, handler) = (&properties["Runtime"], &properties["Handler"]);
    findings.add_unless(runtime == "provided.al2023" && handler == "bootstrap", &name, "runs on another runtime");
    check_logs(template, expected, findings);
    if expected.is_timed {
        check_timer(template, &name, findings);
    }
}

fn check_logs(template: &Template, expected: &Expected, findings: &mut Findings) {
    let (name, logs) = (expected.function(), expected.logs());
    let logging = &template.resource(&name)["Properties"]["LoggingConfig"];
    findings.add_unless(place(&logging["LogGroup"]) == logs, &name, "does not log to a group of its own");
    findings.add_unless(logging["LogFormat"] == "JSON", &name, "is not told to log JSON");
    let days = template.number(&template.resource(&logs)["Properties"]["RetentionInDays"]);
    findings.add_unless(days.is_some(), &logs, "keeps logs for ever: no retention");
}

/// A rule of every minute that may start the function.
fn check_timer(template: &Template, function: &str, findings: &mut Findings) {
    let is_rule = |rule: &serde_json::Value| {
        rule["ScheduleExpression"] == "rate(1 minute)"
            && rule["State"] != "DISABLED"
            && all_of(&rule["Targets"]).iter().any(|target| place(&target["Arn"]) == function)
    };
    let Some((rule, _)) = template.of_type("AWS::Events::Rule").find(|(_, rule)| is_rule(rule)) else {
        return findings.add(function, "no rule starts it every minute");
    };
    let may_start = template
        .of_type("AWS::Lambda::Permission")
        .any(|(_, it)| place(&it["FunctionName"]) == function && place(&it["SourceArn"]) == rule);
    findings.add_unless(may_start, function, format!("`{rule}` may not start it"));
}

/// Functions and folders of `functions/` are the same.
fn check_that_none_is_forgotten(template: &Template, findings: &mut Findings) {
    let ours: BTreeSet<_> = FUNCTIONS.iter().map(Expected::function).collect();
    for (name, _) in template.of_type(FUNCTION) {
        findings.add_unless(ours.contains(name), name, "is a function that nothing is known of");
    }
    let folders = std::fs::read_dir(repository().join("functions")).unwrap();
    for folder in folders.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir()) {
        let binary = folder.file_name().into_string().unwrap();
        let is_known = FUNCTIONS.iter().any(|expected| expected.binary == binary);
        findings.add_unless(is_known, &binary, "is a folder of functions/ without a function in the template");
    }
}

/// No two functions have one role, and nobody else than Lambda may take one.
fn check_roles(template: &Template, findings: &mut Findings) {
    let mut taken = BTreeSet::new();
    for (name, properties) in template.of_type(FUNCTION) {
        let role = place(&properties["Role"]);
        findings.add_unless(template.has(&role, "AWS::IAM::Role"), name, "has no role of this template");
        findings.add_unless(taken.insert(role.clone()), name, format!("shares role `{role}` with another function"));
    }
    for (name, properties) in template.of_type("AWS::IAM::Role") {
        findings.add_unless(taken.contains(name), name, "is no function's role");
        let lambda = serde_json::json!({ "Service": "lambda.amazonaws.com" });
        let trusted = all_of(&properties["AssumeRolePolicyDocument"]["Statement"]);
        let is_lambda = trusted.iter().all(|statement| statement["Principal"] == lambda);
        findings.add_unless(is_lambda && !trusted.is_empty(), name, "somebody else than Lambda may take it");
    }
}

#[test]
fn a_release_that_may_abort_is_noticed() {
    for manifest in
        ["[workspace]\n", "[workspace]\n[profile.release]\ndebug = false\n[profile.guest]\npanic = \"unwind\"\n"]
    {
        assert!(!unwinds(manifest), "{manifest}");
    }
    assert!(!unwinds("[workspace]\n[profile.release]\npanic = \"abort\"\n"));
    assert!(unwinds("[workspace]\n[profile.release]\ndebug = false\npanic = \"unwind\"\n"));
}
