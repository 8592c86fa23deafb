//! The Runtime API of one process.

use std::sync::Arc;

use hyper::{Method, StatusCode};
use serde_json::json;

use super::outcome::{Job, Outcome};
use super::process::Link;
use crate::http::{Answer, Asked, LONGEST_PAYLOAD, answer as bytes, json, with_header};

/// Answers a request of the process.
pub(super) async fn answer(link: Arc<Link>, asked: Asked) -> Answer {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let ["2018-06-01", "runtime", path @ ..] = path.as_slice() else { return unknown() };
    match (&asked.method, path) {
        (&Method::GET, ["invocation", "next"]) => next(&link).await,
        (&Method::POST, ["invocation", id, "response"]) => response(&link, id, &asked),
        (&Method::POST, ["invocation", id, "error"]) => {
            let body = asked.body.clone().unwrap_or_default();
            accept(link.answers(id, Outcome::Error(body)))
        }
        (&Method::POST, ["init", "error"]) => {
            let body = asked.body.clone().unwrap_or_default();
            link.gives_up(format!("it reported {}", String::from_utf8_lossy(&body)));
            accept(true)
        }
        _ => unknown(),
    }
}

/// Waits for work, for as long as it takes.
async fn next(link: &Link) -> Answer {
    link.waits();
    match link.jobs.lock().await.recv().await {
        Some(job) => {
            link.begins();
            invocation(link, job)
        }
        // There will be none: the process is about to be killed, and is not to log an error for it.
        None => std::future::pending().await,
    }
}

fn invocation(link: &Link, job: Job) -> Answer {
    let deadline = link.clock.now() + link.function.timeout;
    let answer = bytes(StatusCode::OK, job.payload);
    let answer = with_header(answer, "lambda-runtime-aws-request-id", &job.request_id);
    let answer = with_header(answer, "lambda-runtime-deadline-ms", &deadline.timestamp_millis().to_string());
    let answer = with_header(answer, "lambda-runtime-invoked-function-arn", &link.function.arn);
    with_header(answer, "lambda-runtime-trace-id", &job.trace)
}

fn response(link: &Link, id: &str, asked: &Asked) -> Answer {
    match &asked.body {
        Some(body) => accept(link.answers(id, Outcome::Reply(body.clone()))),
        None => {
            let message = format!("the response is longer than {LONGEST_PAYLOAD} bytes");
            let error = json!({ "errorType": "Function.ResponseSizeTooLarge", "errorMessage": message });
            link.answers(id, Outcome::Error(error.to_string().into()));
            json(StatusCode::PAYLOAD_TOO_LARGE, &error)
        }
    }
}

fn accept(is_meant: bool) -> Answer {
    if is_meant {
        return json(StatusCode::ACCEPTED, &json!({ "status": "OK" }));
    }
    let error = json!({ "errorType": "InvalidRequestID", "errorMessage": "Invalid request ID" });
    json(StatusCode::BAD_REQUEST, &error)
}

fn unknown() -> Answer {
    let error = json!({ "errorType": "InvalidPath", "errorMessage": "no such path in the Runtime API" });
    json(StatusCode::NOT_FOUND, &error)
}
