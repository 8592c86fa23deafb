use std::collections::BTreeMap;
use std::time::Duration;

use alerting::Notification;
use async_trait::async_trait;
use flow::Signal;
use notify::{Error, Notify};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::Serialize;

use crate::{answer, tls};

/// A receiver that takes notifications by HTTP POST, as JSON:
///
/// ```json
/// {"version": 1, "id": "…", "receiver": "on-call", "group": {"sync": "shop"}, "repeated": false,
///  "signals": [{"id": "…", "name": "run_failed", "severity": "error", "sync": "shop", "stream": "orders",
///               "run": "…", "summary": "…", "at": "2024-01-31T01:00:00Z"}]}
/// ```
///
/// The header `Idempotency-Key` holds the id: a receiver that has seen it can drop the request.
/// Redirects are not followed: a notification goes where its owner wrote, and nowhere else.
pub struct Webhook {
    client: Client,
    url: Url,
}

/// Of the body; grows when a field changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Body<'a> {
    version: u32,
    id: &'a str,
    receiver: &'a str,
    group: &'a BTreeMap<String, String>,
    repeated: bool,
    signals: &'a [Signal],
}

impl Webhook {
    /// Prepares for posting to `url`, which may hold a token: it is never shown. `timeout` is for
    /// one POST in all, from the connection to the answer.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, Error> {
        let url = parse(url)?;
        let tls = if url.scheme() == "https" { tls::trusting_the_system() } else { tls::trusting_nobody() };
        let client = Client::builder()
            .tls_backend_preconfigured(tls.map_err(|error| Error::Setup(error.into()))?)
            .user_agent(concat!("millstream/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(timeout)
            // Notifications are rare, and an answer's body is never read: no connection serves twice.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| Error::Setup(error.without_url().into()))?;
        Ok(Self { client, url })
    }
}

#[async_trait]
impl Notify for Webhook {
    async fn send(&self, notification: &Notification) -> Result<(), Error> {
        let body = Body {
            version: VERSION,
            id: &notification.id,
            receiver: &notification.receiver,
            group: &notification.group,
            repeated: notification.repeated,
            signals: &notification.signals,
        };
        let request = self.client.post(self.url.clone()).header("idempotency-key", &notification.id).json(&body);
        let response = request.send().await.map_err(not_sent)?;
        answer::judge(response.status(), response.headers())
    }
}

fn parse(url: &str) -> Result<Url, Error> {
    let bad = Error::BadAddress { expected: "write it as `https://HOST/PATH` or `http://HOST/PATH`" };
    match Url::parse(url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err(bad),
    }
}

fn not_sent(error: reqwest::Error) -> Error {
    let error = error.without_url();
    if error.is_builder() { Error::Encode(error.into()) } else { Error::Unreachable(error.into()) }
}

#[cfg(test)]
mod tests;
