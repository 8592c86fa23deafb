//! What a test asks of SQS and S3 that no function does.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An emulator: it takes any signature.
pub(crate) struct Aws {
    pub(crate) endpoint: String,
}

impl Aws {
    /// Asks SQS; an error is an answer too.
    pub(crate) async fn sqs(&self, action: &str, body: Value) -> Value {
        let headers = format!("x-amz-target: AmazonSQS.{action}\r\ncontent-type: application/x-amz-json-1.0\r\n");
        let answer = self.ask("POST", "/", "sqs", &headers, &body.to_string()).await;
        serde_json::from_str(&answer).unwrap_or_default()
    }

    pub(crate) async fn make_bucket(&self, name: &str) {
        self.ask("PUT", &format!("/{name}"), "s3", "", "").await;
    }

    /// Makes a queue for messages and one for its dead letters; gives their URLs.
    pub(crate) async fn make_queues(&self, name: &str) -> (String, String) {
        let fifo = json!({ "FifoQueue": "true" });
        let dead = json!({ "QueueName": format!("{name}-dead.fifo"), "Attributes": fifo });
        let messages = json!({ "QueueName": format!("{name}.fifo"), "Attributes": fifo });
        let url = |answer: Value| answer["QueueUrl"].as_str().unwrap().to_owned();
        (url(self.sqs("CreateQueue", messages).await), url(self.sqs("CreateQueue", dead).await))
    }

    async fn ask(&self, method: &str, path: &str, service: &str, headers: &str, body: &str) -> String {
        let host = self.endpoint.strip_prefix("http://").unwrap();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {}\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential=test/20240301/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\
             {headers}\r\n{body}",
            body.len()
        );
        let mut connection = TcpStream::connect(host).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}
