//! `emulate` through the binary: what it refuses, what it says, and that it ends when it is asked to.

mod binary;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use binary::Place;
use serde_json::{Value, json};

/// A function whose variable needs a parameter, and what is passed over.
fn template() -> Value {
    json!({
        "Parameters": { "StoreUrl": { "Type": "String", "NoEcho": true } },
        "Resources": {
            "Work": { "Type": "AWS::Lambda::Function", "Properties": {
                "Code": { "S3Key": "work.zip" }, "Runtime": "provided.al2023",
                "Environment": { "Variables": { "STORE": { "Ref": "StoreUrl" } } },
            } },
            "Logs": { "Type": "AWS::Logs::LogGroup" },
            "Role": { "Type": "AWS::IAM::Role" },
        },
    })
}

fn queue() -> Value {
    json!({ "Resources": { "Queue": { "Type": "AWS::SQS::Queue" } } })
}

#[test]
fn what_is_wrong_is_said_with_its_status_before_anything_is_made() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let store = ["--parameter", "StoreUrl=postgres://u:secret@host/db"];
    let with_store = |more: &[&'static str]| [&store, more].concat();
    let unknown = json!({ "Resources": { "Stream": { "Type": "AWS::Kinesis::Stream" } } });
    let cases: [(&str, i32, Value, Vec<&str>); 13] = [
        ("template_unreadable", 2, Value::Null, vec![]),
        ("template_malformed", 2, json!([]), vec![]),
        ("template_not_translated", 2, json!({ "Transform": "x", "Resources": {} }), vec![]),
        ("template_unsupported", 2, unknown, vec![]),
        ("parameter_missing", 2, template(), vec!["--bootstraps", "."]),
        ("parameter_unknown", 2, template(), vec!["--parameter", "StoreUlr=x"]),
        ("pair_malformed", 2, template(), vec!["--parameter", "StoreUrl"]),
        ("runner_missing", 2, template(), with_store(&[])),
        ("bootstrap_missing", 2, template(), with_store(&["--bootstraps", "."])),
        ("runner_ambiguous", 2, template(), with_store(&["--bootstraps", ".", "--watch", "http://127.0.0.1:9"])),
        ("address_invalid", 2, queue(), vec!["--endpoint", "https://sqs.us-east-1.amazonaws.com"]),
        ("port_taken", 2, queue(), vec!["--port", &port]),
        ("endpoint_unavailable", 1, queue(), vec!["--endpoint", "http://127.0.0.1:9", "--port", "0"]),
    ];
    for (code, status, template, options) in cases {
        let place = Place::new();
        if !template.is_null() {
            place.write("template.json", template.to_string());
        }
        let ended = place.millstream(&[&["emulate", "template.json"], options.as_slice()].concat());
        assert_eq!(ended.status, Some(status), "{code}: {}", ended.said());
        assert!(ended.stderr.contains(&format!("[{code}]")), "{code}: {}", ended.said());
        assert!(!ended.stderr.contains("secret"), "{code}: {}", ended.said());
    }
}

#[test]
fn a_function_that_does_not_start_is_named_with_what_it_said() {
    let place = Place::new();
    place.write("template.json", template().to_string());
    std::fs::create_dir(place.path("work")).unwrap();
    place.write("work/bootstrap", "#!/bin/sh\necho no such store >&2\nexit 4\n");
    let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(place.path("work/bootstrap"), mode).unwrap();
    let arguments = ["emulate", "template.json", "--bootstraps", ".", "--port", "0", "--parameter", "StoreUrl=x"];
    let ended = place.millstream(&arguments);
    assert_eq!(ended.status, Some(1), "{}", ended.said());
    assert!(ended.stderr.contains("`work` does not start: exit status: 4\n  no such store"), "{}", ended.said());
}

#[test]
fn it_says_what_it_passes_over_and_ends_when_it_is_asked_to() {
    let place = Place::new();
    let mut template = template();
    _ = template["Resources"].as_object_mut().unwrap().remove("Work");
    place.write("template.json", template.to_string());
    for (arguments, expected) in [
        (vec!["emulate", "template.json", "--port", "0"], "1 × AWS::IAM::Role: who may do what is not checked"),
        (vec!["emulate", "template.json", "--port", "0", "--json"], r#""type": "AWS::IAM::Role""#),
    ] {
        let mut command = place.command(&arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("running until stopped") {
            line.clear();
            assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended by itself");
        }
        let id = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
        let mut stdout = String::new();
        child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{stdout}");
        assert!(stdout.contains(expected), "{stdout}");
    }
}
