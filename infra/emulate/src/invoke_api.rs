//! The Invoke API, and what is ours beside it: `/_millstream/status` and `/_millstream/tick`.

use std::sync::Arc;

use bytes::Bytes;
use flow::Timestamp;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Error;
use crate::emulation::Shared;
use crate::functions::{Runnable, WhenFull};
use crate::http::{Answer, Asked, LONGEST_PAYLOAD, answer as bytes, json, with_header};
use crate::runtime::Outcome;

/// An event nobody waits for has 1 MB at most.
const LONGEST_EVENT: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tick {
    to: Timestamp,
}

/// Answers a request.
pub(crate) async fn answer(emulation: Arc<Shared>, asked: Asked) -> Answer {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    match (&asked.method, path.as_slice()) {
        (&Method::POST, ["2015-03-31", "functions", name, "invocations"]) => match emulation.named(name) {
            Some(function) => invoke(function, &asked).await,
            None => refuse(StatusCode::NOT_FOUND, "ResourceNotFoundException", &format!("Function not found: {name}")),
        },
        (&Method::GET, ["_millstream", "status"]) => json(StatusCode::OK, &json!(emulation.counts())),
        (&Method::POST, ["_millstream", "tick"]) => tick(&emulation, &asked),
        _ => refuse(StatusCode::NOT_FOUND, "UnknownOperationException", "no such path in the Invoke API"),
    }
}

async fn invoke(function: &Arc<Runnable>, asked: &Asked) -> Answer {
    let header = |name: &str| asked.headers.get(name).and_then(|value| value.to_str().ok());
    let kind = header("x-amz-invocation-type").unwrap_or("RequestResponse");
    let longest = if kind == "Event" { LONGEST_EVENT } else { LONGEST_PAYLOAD };
    let payload = match payload(asked, longest) {
        Ok(payload) => payload,
        Err(refusal) => return *refusal,
    };
    let job = function.job(payload);
    let request_id = job.request_id.clone();
    let answer = match kind {
        "RequestResponse" => answered(&function.invoke(job, WhenFull::Refuse).await, &request_id),
        "Event" => {
            function.enqueue(job);
            bytes(StatusCode::ACCEPTED, Bytes::new())
        }
        "DryRun" => bytes(StatusCode::NO_CONTENT, Bytes::new()),
        _ => {
            let message = "expected RequestResponse, Event or DryRun as X-Amz-Invocation-Type";
            return refuse(StatusCode::BAD_REQUEST, "InvalidParameterValueException", message);
        }
    };
    with_header(with_header(answer, "x-amzn-requestid", &request_id), "x-amz-executed-version", "$LATEST")
}

/// The payload; an empty one is an empty object, as on AWS.
fn payload(asked: &Asked, longest: usize) -> Result<Bytes, Box<Answer>> {
    let too_long = || {
        let message = format!("Request must be smaller than {longest} bytes for the InvokeFunction operation");
        Box::new(refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &message))
    };
    let body = asked.body.clone().filter(|body| body.len() <= longest).ok_or_else(too_long)?;
    if body.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<Value>(&body) {
        Ok(_) => Ok(body),
        Err(error) => {
            let message = format!("Could not parse request body into json: {error}");
            Err(Box::new(refuse(StatusCode::BAD_REQUEST, "InvalidRequestContentException", &message)))
        }
    }
}

fn answered(outcome: &Outcome, request_id: &str) -> Answer {
    match outcome {
        Outcome::Reply(body) => bytes(StatusCode::OK, body.clone()),
        Outcome::Throttled => refuse(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Rate Exceeded."),
        failed => with_header(bytes(StatusCode::OK, failed.body(request_id)), "x-amz-function-error", "Unhandled"),
    }
}

fn tick(emulation: &Shared, asked: &Asked) -> Answer {
    let read: Result<Tick, _> = serde_json::from_slice(asked.body.as_deref().unwrap_or_default());
    let Ok(Tick { to }) = read else {
        let message = "expected a moment, as {\"to\": \"2026-11-22T10:15:00Z\"}";
        return refuse(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message);
    };
    match emulation.schedule.tick(to) {
        Ok(fired) => json(StatusCode::OK, &json!({ "fired": fired })),
        Err(error @ (Error::ClockIsReal | Error::ClockGoesBack { .. })) => {
            refuse(StatusCode::CONFLICT, error.code(), &error.to_string())
        }
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, error.code(), &error.to_string()),
    }
}

/// An error as AWS writes it.
fn refuse(status: StatusCode, kind: &str, message: &str) -> Answer {
    with_header(json(status, &json!({ "Type": "User", "Message": message })), "x-amzn-errortype", kind)
}
