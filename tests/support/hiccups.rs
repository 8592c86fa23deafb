//! A server of HTTP that answers as it is told: throttling, failing, breaking off. Tests of clients
//! include this file.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of one request.
#[derive(Debug, Clone)]
pub(crate) enum Hiccup {
    /// This answer.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// An answer that announces its body and breaks off in the middle of it.
    Half { headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// The connection is reset.
    Reset,
    /// This answer, so much later.
    Late(Duration, Vec<u8>),
    /// Nothing, for a long time.
    Silence,
}

impl Hiccup {
    /// An answer without further headers.
    pub(crate) fn answer(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Hiccup::Answer { status, headers: Vec::new(), body: body.into() }
    }
}

/// The server. It ends with the runtime of its test.
pub(crate) struct Hiccups {
    /// `http://host:port`.
    pub(crate) url: String,
    told: Arc<Mutex<Told>>,
}

struct Told {
    next: VecDeque<Hiccup>,
    requests: Vec<Request>,
}

struct Request {
    /// Method, path and body.
    text: String,
    headers: Vec<(String, String)>,
}

impl Hiccups {
    /// Does these, one for each request; the last one again and again.
    pub(crate) async fn new(hiccups: impl IntoIterator<Item = Hiccup>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Told { next: hiccups.into_iter().collect(), requests: Vec::new() }));
        let server = told.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, server.clone()));
            }
        });
        Self { url, told }
    }

    /// The requests so far: method, path and body of each.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.told.lock().unwrap().requests.iter().map(|request| request.text.clone()).collect()
    }

    /// What the requests said in this header.
    pub(crate) fn headers(&self, name: &str) -> Vec<String> {
        let told = self.told.lock().unwrap();
        let headers = told.requests.iter().flat_map(|request| &request.headers);
        headers.filter(|(named, _)| named.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone()).collect()
    }
}

async fn serve(connection: TcpStream, told: Arc<Mutex<Told>>) {
    let mut connection = BufReader::new(connection);
    while let Some(request) = read_request(&mut connection).await {
        let hiccup = {
            let mut told = told.lock().unwrap();
            told.requests.push(request);
            if told.next.len() > 1 { told.next.pop_front().unwrap() } else { told.next[0].clone() }
        };
        match hiccup {
            Hiccup::Answer { status, headers, body } => {
                let head = head(status, &headers, body.len());
                connection.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
            }
            Hiccup::Half { headers, body } => {
                let head = head(200, &headers, body.len());
                let half = &body[..body.len() / 2];
                connection.write_all(&[head.as_bytes(), half].concat()).await.unwrap();
                return;
            }
            Hiccup::Reset => {
                // Closing with unsent time left makes the kernel reset instead of closing.
                connection.get_ref().set_zero_linger().unwrap();
                return;
            }
            Hiccup::Late(time, body) => {
                tokio::time::sleep(time).await;
                let head = head(200, &[], body.len());
                connection.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
            }
            Hiccup::Silence => tokio::time::sleep(Duration::from_secs(60)).await,
        }
    }
}

fn head(status: u16, headers: &[(&'static str, String)], length: usize) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\n{headers}\r\n")
}

async fn read_request(connection: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut first = String::new();
    connection.read_line(&mut first).await.ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await.ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let value = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    if value("expect").is_some() {
        connection.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
    }
    let mut body = vec![0; value("content-length").and_then(|length| length.parse().ok()).unwrap_or_default()];
    connection.read_exact(&mut body).await.ok()?;
    let path = first.rsplit_once(' ').map_or(first.as_str(), |(path, _)| path);
    Some(Request { text: format!("{path} {}", String::from_utf8_lossy(&body)), headers })
}
