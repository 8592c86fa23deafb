//! Where the store is: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?schema=millstream`.

use std::fmt;
use std::str::FromStr as _;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use crate::Error;

/// The schema where the address names none.
const SCHEMA: &str = "millstream";
/// What PostgreSQL keeps of a name, in bytes.
const LONGEST_NAME: usize = 63;

/// A server, a database and a schema of it. Holds the password and shows nothing of it.
#[derive(Clone)]
pub(super) struct Address {
    options: PgConnectOptions,
    schema: String,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(unusable("expected `postgres://USER:PASSWORD@HOST:PORT/DATABASE`"));
        }
        let (url, schema) = take_schema(url);
        let schema = schema.unwrap_or_else(|| SCHEMA.to_owned());
        if !is_plain_name(&schema) {
            return Err(unusable("`schema` takes small letters, digits and `_`, no digit first, 63 at most"));
        }
        // What the library says of a bad URL may quote parts of it.
        let options = PgConnectOptions::from_str(&url).map_err(|_| {
            unusable(
                "expected `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with special characters in the password \
                 percent-encoded",
            )
        })?;
        // No statement is kept prepared: one whose table gets a column from a newer version would fail
        // from then on, and connection poolers do not keep them.
        let options = options
            .disable_statement_logging()
            .statement_cache_capacity(0)
            .extra_float_digits(None)
            .application_name("millstream");
        Ok(Self { options, schema })
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    pub(super) fn schema(&self) -> &str {
        &self.schema
    }
}

/// The server, the database and the schema, for people.
impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = self.options.get_database().unwrap_or_else(|| self.options.get_username());
        match self.options.get_socket() {
            Some(folder) => write!(formatter, "postgres://{}", folder.display())?,
            None => write!(formatter, "postgres://{}:{}", self.options.get_host(), self.options.get_port())?,
        }
        write!(formatter, "/{database}?schema={}", self.schema)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Address({self})")
    }
}

/// The URL without its parameter `schema`, which is ours, and its value; the last one counts.
fn take_schema(url: &str) -> (String, Option<String>) {
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut schema = None;
    let mut others = Vec::new();
    for parameter in query.split('&') {
        match parameter.strip_prefix("schema=") {
            Some(value) => schema = Some(value.to_owned()),
            None => others.push(parameter),
        }
    }
    let url = if others.is_empty() { before.to_owned() } else { format!("{before}?{}", others.join("&")) };
    (url, schema)
}

fn is_plain_name(name: &str) -> bool {
    let is_plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.bytes().all(is_plain)
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

fn unusable(problem: &'static str) -> Error {
    Error::Address { problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, shown: &str) {
        let address = Address::parse(url).unwrap();
        assert_eq!(address.to_string(), shown);
        assert_eq!(format!("{address:?}"), format!("Address({shown})"));
    }

    #[test]
    fn an_address_names_its_schema_and_never_shows_user_or_password() {
        check("postgres://ann:s3cret@db.example:5433/state", "postgres://db.example:5433/state?schema=millstream");
        check("postgresql://ann:s3cret@db/state?schema=blue", "postgres://db:5432/state?schema=blue");
        check("postgres://ann@db/state?sslmode=disable&schema=b_2&port=7", "postgres://db:7/state?schema=b_2");
    }

    #[test]
    fn an_address_that_is_not_usable_is_refused_without_being_quoted() {
        let bad = [
            "mysql://ann:s3cret@db/state",
            "s3cret",
            "postgres://ann:s3cret@db:port/state",
            "postgres://ann:s3cret@db/state?schema=",
            "postgres://ann:x@db/state?schema=s3cret;drop",
            "postgres://ann:x@db/state?schema=S3cret",
            "postgres://ann:x@db/state?schema=3s3cret",
        ];
        for url in bad {
            let error = Address::parse(url).unwrap_err();
            assert!(matches!(error, Error::Address { .. }), "{url}: {error:?}");
            assert!(!format!("{error:?} {error}").contains("3cret"), "{url}: {error:?}");
        }
    }
}
