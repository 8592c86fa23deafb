//! What a function is told by its environment, read once, at its start, and here alone.
//!
//! | variable | what it names |
//! | --- | --- |
//! | `MILLSTREAM_STORE` | the PostgreSQL URL of the store |
//! | `MILLSTREAM_BUCKET`, `MILLSTREAM_PREFIX` | the bucket of the stage, and what its keys are put below (optional) |
//! | `MILLSTREAM_QUEUE_SLICES` … `_SIGNALS` | the URLs of the queues the function receives from or sends to |
//! | `MILLSTREAM_DEAD_LETTERS_SLICES` … | the URLs of the queues of dead letters it writes or tends |
//! | `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | as Lambda sets them |
//! | `AWS_ENDPOINT_URL` | another address for S3 and SQS, as an emulator's (optional) |
//!
//! A variable that is empty counts as not set. What a function does not need may be left out.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_types::region::Region;
use flow::{Fault, FaultKind, QueueName};
use queue::sqs::Addresses;
use spec::Resolver;
use staging::s3::{Address, Bucket};
use worker::ProcessResolver;

/// What a function needs to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// The queue whose messages Lambda delivers to it; it also gives back to it, and buries in its
    /// dead letters.
    pub receives: Option<QueueName>,
    /// The queues it sends to.
    pub sends: &'static [QueueName],
    /// The queues whose dead letters it tends.
    pub tends: &'static [QueueName],
    /// Whether it reads or writes the stage.
    pub stage: bool,
}

/// What a function is told. It holds secrets, and so is never shown.
#[derive(Clone)]
pub struct Settings {
    /// The URL of the store.
    pub store: String,
    /// Where the stage is; `None` for a function that needs none and was told of none.
    pub bucket: Option<Bucket>,
    /// Where the queues are.
    pub addresses: Addresses,
    /// The region of S3 and SQS.
    pub region: Region,
    /// What requests are signed with. Lambda gives a process new ones by starting another.
    pub credentials: Credentials,
    /// The address to ask instead of the region's own.
    pub endpoint: Option<String>,
    /// Looks up references to secrets.
    pub resolver: Arc<dyn Resolver>,
}

impl Settings {
    /// Reads what a function needs, and what else is set.
    ///
    /// # Errors
    /// `setting_missing` and `setting_invalid`, both for a person to mend, naming the variable and
    /// what was expected. No value of a secret is repeated.
    pub fn read(environment: ProcessResolver, needs: &Needs) -> Result<Self, Fault> {
        let variables = Variables(&environment);
        let endpoint = variables.url("AWS_ENDPOINT_URL", "the address of an emulator")?;
        let settings = Self {
            store: variables.required("MILLSTREAM_STORE", STORE)?.to_owned(),
            bucket: variables.bucket(needs, endpoint.as_deref())?,
            addresses: variables.addresses(needs, endpoint.as_deref())?,
            region: Region::new(variables.required("AWS_REGION", "the region of the function")?.to_owned()),
            credentials: variables.credentials()?,
            endpoint,
            resolver: Arc::new(environment),
        };
        Ok(settings)
    }
}

/// What the store's setting must be.
const STORE: &str = "`postgres://USER:PASSWORD@HOST:PORT/DATABASE`, the URL of the store";

/// What a prefix must be.
pub(crate) const PREFIX: &str = "letters, digits, `-`, `_` and `.` in parts that `/` separates, 120 bytes at most";

/// What a queue's setting must be.
const QUEUE: &str = "the URL of a queue, as `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME.fifo`";

/// A setting that cannot be used. `what` says what is wrong without repeating a secret.
pub(crate) fn invalid(name: &str, what: &str, expected: &str) -> Fault {
    Fault::new(FaultKind::Config, "setting_invalid", format!("{name} is {what}; expected {expected}"))
}

fn missing(name: &str, expected: &str) -> Fault {
    Fault::new(FaultKind::Config, "setting_missing", format!("{name} is not set; expected {expected}"))
}

/// The environment, looked up with a word on what is expected.
struct Variables<'a>(&'a ProcessResolver);

impl<'a> Variables<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).filter(|value| !value.is_empty())
    }

    fn required(&self, name: &str, expected: &str) -> Result<&'a str, Fault> {
        self.get(name).ok_or_else(|| missing(name, expected))
    }

    fn url(&self, name: &str, expected: &str) -> Result<Option<String>, Fault> {
        match self.get(name) {
            Some(value) if !is_url(value) => {
                Err(invalid(name, &format!("`{value}`"), &format!("{expected}: http:// or https:// and a host")))
            }
            value => Ok(value.map(str::to_owned)),
        }
    }

    fn bucket(&self, needs: &Needs, endpoint: Option<&str>) -> Result<Option<Bucket>, Fault> {
        let name = match (self.get("MILLSTREAM_BUCKET"), needs.stage) {
            (None, false) => return Ok(None),
            (None, true) => return Err(missing("MILLSTREAM_BUCKET", "the name of the bucket the stage is in")),
            (Some(name), _) => name,
        };
        if !is_bucket(name) {
            let expected = "the name of a bucket: 3 to 63 lowercase letters, digits, `-` and `.`";
            return Err(invalid("MILLSTREAM_BUCKET", &format!("`{name}`"), expected));
        }
        Ok(Some(Bucket {
            prefix: self.get("MILLSTREAM_PREFIX").unwrap_or_default().to_owned(),
            endpoint: endpoint.map(str::to_owned),
            // An emulator's host has one name.
            address: if endpoint.is_some() { Address::Path } else { Address::Host },
            ..Bucket::named(name)
        }))
    }

    fn addresses(&self, needs: &Needs, endpoint: Option<&str>) -> Result<Addresses, Fault> {
        let mut addresses = Addresses { endpoint: endpoint.map(str::to_owned), ..Addresses::default() };
        for queue in QueueName::ALL {
            let is_needed = needs.receives == Some(queue) || needs.sends.contains(&queue);
            if let Some(url) = self.queue("MILLSTREAM_QUEUE", queue, is_needed)? {
                addresses.messages.insert(queue, url);
            }
            let is_needed = needs.receives == Some(queue) || needs.tends.contains(&queue);
            if let Some(url) = self.queue("MILLSTREAM_DEAD_LETTERS", queue, is_needed)? {
                addresses.dead_letters.insert(queue, url);
            }
        }
        Ok(addresses)
    }

    fn queue(&self, kind: &str, queue: QueueName, is_needed: bool) -> Result<Option<String>, Fault> {
        let name = format!("{kind}_{}", queue.as_str().to_uppercase());
        match self.get(&name) {
            None if is_needed => Err(missing(&name, QUEUE)),
            Some(value) if !is_queue(value) => Err(invalid(&name, &format!("`{value}`"), QUEUE)),
            value => Ok(value.map(str::to_owned)),
        }
    }

    fn credentials(&self) -> Result<Credentials, Fault> {
        let key = self.required("AWS_ACCESS_KEY_ID", "the access key of the function's role")?;
        let secret = self.required("AWS_SECRET_ACCESS_KEY", "the secret key of the function's role")?;
        let token = self.get("AWS_SESSION_TOKEN").map(str::to_owned);
        Ok(Credentials::new(key, secret, token, None, "environment"))
    }
}

/// The host of a URL of HTTP and what follows it.
fn after_scheme(value: &str) -> Option<&str> {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"))?;
    (!rest.starts_with('/') && !rest.is_empty() && !value.contains(char::is_whitespace)).then_some(rest)
}

fn is_url(value: &str) -> bool {
    after_scheme(value).is_some()
}

/// The name of the queue comes last.
fn is_queue(value: &str) -> bool {
    let name = after_scheme(value).and_then(|rest| rest.rsplit_once('/')).map(|(_, name)| name);
    name.is_some_and(|name| !name.is_empty())
}

fn is_bucket(name: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    (3..=63).contains(&name.len()) && name.bytes().all(is_fine)
}

#[cfg(test)]
mod tests;
