//! A function for the tests: what it does stands in the event.
//!
//! Each record's body is one of the words of [`Act`]; the invocation's own `do` as well. What was done
//! is appended to the file `TEST_LOG`. It speaks the Runtime API as any program could.

use std::collections::BTreeMap;
use std::io::{Error, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

/// The answer's headers and body.
type Answer = (BTreeMap<String, String>, String);

enum Act {
    Done,
    Fail,
    /// Replies with this text, whatever it is.
    Reply(String),
    /// Reports an error to the runtime.
    Report,
}

fn main() -> Result<(), Error> {
    let environment = Environment::read();
    match environment.get("TEST_INIT") {
        "exit" => {
            say("no store is configured");
            std::process::exit(3);
        }
        "report" => drop(environment.post("init/error", r#"{"errorType":"Config"}"#)?),
        "hang" => std::thread::sleep(Duration::from_secs(3_600)),
        _ => {}
    }
    loop {
        let (headers, event) = environment.ask("GET", "invocation/next", "")?;
        let id = headers.get("lambda-runtime-aws-request-id").cloned().unwrap_or_default();
        match handle(&environment, &headers, &event) {
            Ok(reply) => drop(environment.post(&format!("invocation/{id}/response"), &reply)?),
            Err(error) => drop(environment.post(&format!("invocation/{id}/error"), &error)?),
        }
    }
}

/// The reply, or the error to report.
fn handle(environment: &Environment, headers: &BTreeMap<String, String>, event: &str) -> Result<String, String> {
    let event: Value = serde_json::from_str(event).map_err(|error| error.to_string())?;
    let Some(records) = event["Records"].as_array() else {
        environment.log(&format!("event {event}"));
        return match event["do"].as_str() {
            Some("environment") => Ok(json!(environment.0).to_string()),
            Some("headers") => Ok(json!(headers).to_string()),
            Some(word) => match act(word, 1) {
                Act::Reply(reply) => Ok(reply),
                Act::Done => Ok("null".to_owned()),
                Act::Fail | Act::Report => Err(error()),
            },
            None => Ok("null".to_owned()),
        };
    };
    let mut failed = Vec::new();
    for record in records {
        let text = |at: &Value| at.as_str().unwrap_or_default().to_owned();
        let (body, group) = (text(&record["body"]), text(&record["attributes"]["MessageGroupId"]));
        let receives = text(&record["attributes"]["ApproximateReceiveCount"]).parse().unwrap_or(1);
        environment.log(&format!("begin {group} {body} {receives}"));
        match act(&body, receives) {
            Act::Done => environment.log(&format!("done {group} {body} {receives}")),
            Act::Fail => failed.push(json!({ "itemIdentifier": record["messageId"] })),
            Act::Reply(reply) => return Ok(reply),
            Act::Report => return Err(error()),
        }
    }
    Ok(json!({ "batchItemFailures": failed }).to_string())
}

fn error() -> String {
    json!({ "errorType": "Asked", "errorMessage": "it was asked to fail" }).to_string()
}

/// `WORD`, or `WORD-until:N`, which is done when the message has been received N times; what follows a
/// blank tells messages apart.
fn act(word: &str, receives: u32) -> Act {
    let word = word.split(' ').next().unwrap_or_default();
    let (word, argument) = word.split_once(':').unwrap_or((word, ""));
    let number: u64 = argument.parse().unwrap_or(0);
    let verb = match word.strip_suffix("-until") {
        Some(_) if u64::from(receives) >= number => return Act::Done,
        Some(verb) => verb,
        None => word,
    };
    match verb {
        "fail" => Act::Fail,
        "report" => Act::Report,
        "crash" => {
            say("it was asked to crash");
            std::process::exit(7)
        }
        "hang" => {
            std::thread::sleep(Duration::from_secs(3_600));
            Act::Done
        }
        "sleep" => {
            std::thread::sleep(Duration::from_millis(number));
            Act::Done
        }
        "malformed" => Act::Reply(r#"{"batchItemFailures":["#.to_owned()),
        "unknown" => Act::Reply(r#"{"batchItemFailures":[{"itemIdentifier":"nobody"}]}"#.to_owned()),
        "long" => Act::Reply(format!("\"{}\"", "x".repeat(7 * 1024 * 1024))),
        _ => Act::Done,
    }
}

struct Environment(BTreeMap<String, String>);

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "a program of its own")]
    fn read() -> Self {
        Self(std::env::vars().collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Appends a line; one write is one line however many processes write.
    fn log(&self, line: &str) {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(self.get("TEST_LOG"));
        _ = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    }

    fn post(&self, path: &str, body: &str) -> Result<Answer, Error> {
        self.ask("POST", path, body)
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<Answer, Error> {
        let api = self.get("AWS_LAMBDA_RUNTIME_API");
        let mut stream = TcpStream::connect(api)?;
        let length = body.len();
        write!(
            stream,
            "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| Error::other("no answer"))?;
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        Ok((headers.collect(), body.to_owned()))
    }
}

fn say(line: &str) {
    _ = writeln!(std::io::stderr(), "{line}");
}
