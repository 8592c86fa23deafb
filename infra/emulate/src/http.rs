//! A small HTTP server: the whole request in, the whole answer out.

use std::convert::Infallible;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A payload of Lambda, asked or answered, has 6 MB at most.
pub(crate) const LONGEST_PAYLOAD: usize = 6 * 1024 * 1024;

/// What is answered.
pub(crate) type Answer = Response<Full<Bytes>>;

/// What was asked.
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// The parts of the path, decoded.
    pub(crate) path: Vec<String>,
    pub(crate) headers: HeaderMap,
    /// Nothing when it is longer than [`LONGEST_PAYLOAD`], or broke off.
    pub(crate) body: Option<Bytes>,
}

/// A server that ends with its connections when it is dropped.
pub(crate) struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Answers whatever comes to the listener. An answer is given up when whoever asked is gone.
pub(crate) fn serve<H, F>(listener: TcpListener, handler: H) -> Server
where
    H: Fn(Asked) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    Server(tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => _ = connections.spawn(converse(stream, handler.clone())),
                    // Out of file handles: those in use have to be given back first.
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }))
}

async fn converse<H, F>(stream: TcpStream, handler: H)
where
    H: Fn(Asked) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    // Small answers go out at once.
    _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let handler = handler.clone();
        async move { Ok::<_, Infallible>(handler(asked(request).await).await) }
    });
    // A connection that breaks off is the other side's matter.
    _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn asked(request: Request<Incoming>) -> Asked {
    let (head, body) = request.into_parts();
    let path = head.uri.path().split('/').filter(|part| !part.is_empty()).map(decoded).collect();
    Asked { method: head.method, path, headers: head.headers, body: collect(body).await }
}

/// The whole body. One that is too long is heard out all the same: whoever sends it reads the answer
/// only afterwards.
async fn collect(mut body: Incoming) -> Option<Bytes> {
    let mut collected = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length += data.len();
        if length <= LONGEST_PAYLOAD {
            collected.extend_from_slice(&data);
        }
    }
    (length <= LONGEST_PAYLOAD).then(|| collected.freeze())
}

/// A part of a path without its percent signs: ARNs are sent with `%3A`.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer of bytes that are JSON.
pub(crate) fn answer(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let json = hyper::header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(hyper::header::CONTENT_TYPE, json);
    answer
}

/// An answer of JSON.
pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Answer {
    answer(status, body.to_string())
}

/// Adds a header whose value may not be one.
pub(crate) fn with_header(mut answer: Answer, name: &'static str, value: &str) -> Answer {
    if let Ok(value) = value.parse() {
        answer.headers_mut().insert(name, value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded() {
        let cases = [("transform", "transform"), ("arn%3Aaws", "arn:aws"), ("100%", "100%"), ("%zz%4", "%zz%4")];
        for (part, expected) in cases {
            assert_eq!(decoded(part), expected);
        }
    }
}
