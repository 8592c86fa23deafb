//! A request as any program would make it.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    headers: BTreeMap<String, String>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// Posts to the Invoke API with a kind of invocation.
pub(crate) async fn post(address: &str, path: &str, kind: &str, body: &str) -> Answer {
    let head = format!("POST {path} HTTP/1.1\r\nX-Amz-Invocation-Type: {kind}\r\nContent-Length: {}", body.len());
    ask(address, &head, body).await
}

pub(crate) async fn get(address: &str, path: &str) -> Answer {
    ask(address, &format!("GET {path} HTTP/1.1"), "").await
}

async fn ask(address: &str, head: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).await.unwrap();
    let request = format!("{head}\r\nHost: local\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Answer { status, body: body.to_owned(), headers }
}
