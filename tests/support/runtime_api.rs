//! Lambda's side of a function's process: hands out events, and notes how they are answered. Tests of
//! functions include this file.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};

/// How an event was answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// With a response.
    Response(Value),
    /// With an error: its type and its message.
    Error { kind: String, message: String },
}

/// A function's process, and the server it asks for events.
pub(crate) struct Function {
    events: mpsc::UnboundedSender<Event>,
    answers: mpsc::UnboundedReceiver<Answer>,
    // Killed with this.
    _process: Child,
}

struct Event {
    body: String,
    deadline_ms: u64,
}

struct Server {
    events: Mutex<mpsc::UnboundedReceiver<Event>>,
    answers: mpsc::UnboundedSender<Answer>,
}

impl Function {
    /// Starts a bootstrap with these variables, and what Lambda itself sets.
    pub(crate) async fn start(bootstrap: &str, variables: &[(String, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, waiting) = mpsc::unbounded_channel();
        let (said, answers) = mpsc::unbounded_channel();
        let server = Arc::new(Server { events: Mutex::new(waiting), answers: said });
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, server.clone()));
            }
        });
        let process = Command::new(bootstrap)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "function")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { events, answers, _process: process }
    }

    /// Has an event answered within so much time.
    pub(crate) async fn invoke(&mut self, event: &Value, time: Duration) -> Answer {
        let body = event.to_string();
        self.events.send(Event { body, deadline_ms: now_ms() + time.as_millis() as u64 }).unwrap();
        tokio::time::timeout(time, self.answers.recv()).await.expect("an answer in time").unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "Lambda's clock is the real one")]
fn now_ms() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64
}

async fn serve(connection: TcpStream, server: Arc<Server>) {
    let mut connection = BufReader::new(connection);
    while let Some((path, body)) = read_request(&mut connection).await {
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        let answer = if path.ends_with("/invocation/next") {
            let Some(event) = server.events.lock().await.recv().await else { return };
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlambda-runtime-aws-request-id: 1\r\n\
                 lambda-runtime-deadline-ms: {}\r\nlambda-runtime-invoked-function-arn: \
                 arn:aws:lambda:eu-central-1:123456789012:function:function\r\ncontent-length: {}\r\n\r\n{}",
                event.deadline_ms,
                event.body.len(),
                event.body
            )
        } else {
            let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
            let answer = match path.ends_with("/response") {
                true => Answer::Response(said),
                false => Answer::Error { kind: text("errorType"), message: text("errorMessage") },
            };
            server.answers.send(answer).unwrap();
            "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
        };
        if connection.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read_request(connection: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let path = read_line(connection).await?.split(' ').nth(1)?.to_owned();
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let line = read_line(connection).await?.to_ascii_lowercase();
        match line.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().ok()?,
            Some(("transfer-encoding", value)) => is_chunked = value == "chunked",
            Some(_) => {}
            None => break,
        }
    }
    let mut body = Vec::new();
    loop {
        if is_chunked {
            length = usize::from_str_radix(&read_line(connection).await?, 16).ok()?;
        }
        let mut part = vec![0; length];
        connection.read_exact(&mut part).await.ok()?;
        body.extend(part);
        if !is_chunked {
            return Some((path, body));
        }
        read_line(connection).await?;
        if length == 0 {
            return Some((path, body));
        }
    }
}

async fn read_line(connection: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    connection.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}
