//! A function that `cargo lambda watch` runs.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Error;
use crate::http::LONGEST_PAYLOAD;
use crate::runtime::{Job, Outcome};

type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Hands invocations to an Invoke API. The function's time limit is not held: the first invocation
/// compiles, and a person may stand still in a debugger.
pub(crate) struct Watch {
    authority: String,
    path: String,
}

impl Watch {
    /// The function of this name, at an address like `http://127.0.0.1:9000`.
    pub(crate) fn new(address: &str, binary: &str) -> Result<Self, Error> {
        let authority = authority(address)?;
        Ok(Self { authority, path: format!("/2015-03-31/functions/{binary}/invocations") })
    }

    pub(crate) async fn invoke(&self, job: Job) -> Outcome {
        match self.post(job).await {
            Ok((StatusCode::OK, false, body)) => Outcome::Reply(body),
            Ok((_, _, body)) => Outcome::Error(body),
            Err(trouble) => Outcome::Crashed { how: format!("`cargo lambda watch` does not answer: {trouble}") },
        }
    }

    /// The status, whether the function is said to have failed, and the body.
    async fn post(&self, job: Job) -> Result<(StatusCode, bool, Bytes), Trouble> {
        let stream = TcpStream::connect(&self.authority).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let request = Request::post(&self.path)
            .header("host", &self.authority)
            .header("content-type", "application/json")
            .header("x-amzn-trace-id", &job.trace)
            .body(Full::new(job.payload))?;
        let asking = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = Limited::new(body, LONGEST_PAYLOAD).collect().await?.to_bytes();
            Ok((head.status, head.headers.contains_key("x-amz-function-error"), body))
        };
        let mut asking = std::pin::pin!(asking);
        tokio::select! {
            biased;
            answered = &mut asking => answered,
            // The connection goes on until the answer is there; when it ends first, the answer says why.
            _ = connection => asking.await,
        }
    }
}

/// Host and port of an address without TLS and path: an emulator's.
pub(crate) fn authority(address: &str) -> Result<String, Error> {
    let bad = || Error::BadAddress { address: address.to_owned() };
    let uri: Uri = address.parse().map_err(|_| bad())?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(bad)?;
    let is_bare = uri.scheme_str() == Some("http") && matches!(uri.path(), "" | "/") && uri.query().is_none();
    if is_bare { Ok(format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80))) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_emulators_are_taken() {
        for (address, expected) in [
            ("http://127.0.0.1:4566", "127.0.0.1:4566"),
            ("http://localhost/", "localhost:80"),
            ("http://[::1]:9000", "[::1]:9000"),
        ] {
            assert_eq!(authority(address).unwrap(), expected);
        }
        for address in
            ["https://sqs.us-east-1.amazonaws.com", "127.0.0.1:4566", "http://a/b", "http://u:p@a", "", "x y"]
        {
            assert!(matches!(authority(address), Err(Error::BadAddress { .. })), "{address}");
        }
    }
}
