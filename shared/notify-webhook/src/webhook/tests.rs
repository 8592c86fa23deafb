use std::sync::{Arc, Mutex};

use flow::{Fault, FaultKind, RunId, StreamName};
use notify::conformance::{self, Arrived, notification};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const TOKEN: &str = "s3cr3t-token";
const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// A server that gives every request the same answer and keeps what was asked.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

#[derive(Clone)]
struct Request {
    head: String,
    body: Value,
}

impl Server {
    async fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = requests.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move {
                    let Some(request) = read_request(&mut stream).await else { return };
                    kept.lock().unwrap().push(request);
                    let _ = stream.write_all(answer.as_bytes()).await;
                    if answer.is_empty() {
                        // Silent, and the connection stays open.
                        tokio::time::sleep(Duration::from_secs(60)).await;
                    }
                });
            }
        });
        Self { address, requests }
    }

    fn url(&self) -> String {
        format!("http://{}/hook/{TOKEN}?key={TOKEN}", self.address)
    }

    fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let body = &bytes[end + 4..];
        if Some(body.len()) == length {
            return Some(Request { head, body: serde_json::from_slice(body).ok()? });
        }
    }
}

fn webhook(url: &str) -> Webhook {
    Webhook::new(url, Duration::from_secs(10)).unwrap()
}

/// Sends to `url` and gives the fault, which must not show the address.
async fn fault_of(url: &str, timeout: Duration) -> Fault {
    let webhook = Webhook::new(url, timeout).unwrap();
    let error = webhook.send(&notification("1", 1)).await.unwrap_err();
    let debug = format!("{error:?}");
    let fault = Fault::from(error);
    assert!(!debug.contains(TOKEN) && !fault.message.contains(TOKEN), "{debug}");
    fault
}

#[tokio::test]
async fn keeps_the_contract() {
    conformance::run(async || {
        let server = Server::answering(NO_CONTENT).await;
        let webhook = webhook(&server.url());
        let arrived = move || server.requests().iter().map(arrived).collect();
        (Arc::new(webhook) as Arc<dyn Notify>, Box::new(arrived) as conformance::Probe)
    })
    .await;
}

fn arrived(request: &Request) -> Arrived {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let body = &request.body;
    let group = body["group"].as_object().unwrap();
    let signals = body["signals"].as_array().unwrap();
    Arrived {
        id: text(&body["id"]),
        receiver: text(&body["receiver"]),
        group: group.iter().map(|(label, value)| (label.clone(), text(value))).collect(),
        repeated: body["repeated"].as_bool().unwrap(),
        signals: signals.iter().map(|signal| (text(&signal["id"]), text(&signal["summary"]))).collect(),
    }
}

#[tokio::test]
async fn the_request_is_as_documented() {
    let server = Server::answering(NO_CONTENT).await;
    let mut sent = notification("id-1", 1);
    sent.signals[0].stream = Some(StreamName::new("orders").unwrap());
    sent.signals[0].run = Some(RunId::from_text("shop-20240101T000000000"));
    webhook(&server.url()).send(&sent).await.unwrap();

    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("one request") };
    let head = request.head.to_lowercase();
    assert!(request.head.starts_with(&format!("POST /hook/{TOKEN}?key={TOKEN} HTTP/1.1\r\n")), "{head}");
    for header in ["content-type: application/json", "idempotency-key: id-1"] {
        assert!(head.lines().any(|line| line == header), "{head}");
    }
    assert!(head.contains(concat!("user-agent: millstream/", env!("CARGO_PKG_VERSION"))), "{head}");
    let expected = json!({
        "version": 1, "id": "id-1", "receiver": "on-call", "repeated": false,
        "group": { "sync": "shop", "name": "run_failed" },
        "signals": [{
            "id": "id-1-0", "name": "run_failed", "severity": "error", "sync": "shop", "stream": "orders",
            "run": "shop-20240101T000000000", "summary": "run failed: table is gone", "at": "2023-11-14T22:13:20Z",
        }],
    });
    assert_eq!(request.body, expected);
}

#[tokio::test]
async fn a_busy_receiver_says_when_to_come_back() {
    let server = Server::answering("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 17\r\n\r\n").await;
    let fault = fault_of(&server.url(), Duration::from_secs(10)).await;
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Retry, "receiver_unavailable"));
    assert_eq!(fault.retry_after, Some(Duration::from_secs(17)));
}

#[tokio::test]
async fn a_redirect_is_refused_and_not_followed() {
    let target = Server::answering(NO_CONTENT).await;
    let answer = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {}\r\n\r\n", target.url());
    let server = Server::answering(answer.leak()).await;
    let fault = fault_of(&server.url(), Duration::from_secs(10)).await;
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "receiver_refused"));
    assert!(fault.message.contains("307"), "{fault}");
    assert_eq!(target.requests().len(), 0);
}

#[tokio::test]
async fn a_refusal_names_its_status_and_nothing_the_receiver_said() {
    let server = Server::answering("HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\n\r\ns3cr3t-token").await;
    let fault = fault_of(&server.url(), Duration::from_secs(10)).await;
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "receiver_refused"));
    assert!(fault.message.contains("401"), "{fault}");
}

#[tokio::test]
async fn an_endless_answer_is_not_read() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nand so on";
    let server = Server::answering(answer).await;
    webhook(&server.url()).send(&notification("1", 1)).await.unwrap();
}

#[tokio::test]
async fn who_is_silent_absent_or_speaks_no_http_is_tried_again() {
    let silent = Server::answering("").await;
    let babbling = Server::answering("what?\r\n\r\n").await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let urls = [
        silent.url(),
        babbling.url(),
        format!("http://{gone}/{TOKEN}"),
        format!("http://user:{TOKEN}@{gone}/"),
        format!("https://{gone}/{TOKEN}"),
        format!("https://{}/{TOKEN}", babbling.address),
        format!("http://no-such-host.invalid/{TOKEN}"),
    ];
    for url in urls {
        let fault = fault_of(&url, Duration::from_millis(500)).await;
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Retry, "receiver_unreachable"), "{url}: {fault}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_being_shown() {
    for url in ["", TOKEN, "ftp://host/s3cr3t-token", "http://", "https://:0/s3cr3t-token", "file:///s3cr3t-token"] {
        let Err(error) = Webhook::new(url, Duration::from_secs(1)) else { panic!("{url} was taken") };
        assert!(!format!("{error:?}").contains(TOKEN));
        let fault = Fault::from(error);
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "receiver_address"), "{url}");
        assert!(!fault.message.contains(TOKEN));
    }
}

#[tokio::test]
async fn an_id_that_is_no_header_is_a_bug_and_not_sent() {
    let server = Server::answering(NO_CONTENT).await;
    let refused = webhook(&server.url()).send(&notification("a\nb", 1)).await;
    assert_eq!(Fault::from(refused.unwrap_err()).code, "notification_encode");
    assert_eq!(server.requests().len(), 0);
}
