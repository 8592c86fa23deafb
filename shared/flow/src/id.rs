//! Names people give and ids derived from them. Nothing here is random: the same source position
//! gives the same id on every redelivery.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Timestamp;

/// A name that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("name `{name}` is not allowed: 1 to 64 letters, digits, `_`, `-` or `.`, the first a letter, a digit or `_`")]
pub struct BadName {
    /// What was given.
    pub name: String,
}

fn checked_name(name: &str) -> Result<String, BadName> {
    let mut letters = name.chars();
    let first_is_fine = letters.next().is_some_and(|first| first.is_ascii_alphanumeric() || first == '_');
    let rest_is_fine = letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'));
    if first_is_fine && rest_is_fine && name.len() <= 64 {
        Ok(name.to_owned())
    } else {
        Err(BadName { name: name.chars().take(80).collect() })
    }
}

macro_rules! shown_as_its_text {
    ($name:ident) => {
        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        shown_as_its_text!($name);
    };
}

macro_rules! checked_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the name: it becomes part of keys and paths.
            pub fn new(name: &str) -> Result<Self, BadName> {
                checked_name(name).map(Self)
            }
        }

        shown_as_its_text!($name);

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(name: &str) -> Result<Self, BadName> {
                Self::new(name)
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(name: String) -> Result<Self, BadName> {
                Self::new(&name)
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$" })
            }
        }
    };
}

checked_newtype!(
    /// Name of a sync, unique in one home.
    SyncName
);
checked_newtype!(
    /// Name of a stream, unique in its sync.
    StreamName
);

text_newtype!(
    /// One run of a sync. Derived from the sync and the moment it was due, so that a repeated
    /// tick opens the same run.
    RunId
);
text_newtype!(
    /// What must stay in order: one part of one stream in one run.
    Lane
);
text_newtype!(
    /// Id of a batch: derived from sync, stream, spec version, lane and source position.
    BatchId
);
text_newtype!(
    /// How far a source has been read, in the source's own words. Only the source that wrote it
    /// reads it; everybody else keeps it and hands it back.
    Position
);
text_newtype!(
    /// SHA-256 of some bytes, in lowercase hexadecimal.
    Digest
);

/// Digest of an uploaded module's bytes: its identity.
pub type ModuleDigest = Digest;

impl RunId {
    /// The run of `sync` that was due at `due`.
    #[must_use]
    pub fn derive(sync: &SyncName, due: Timestamp) -> Self {
        Self(format!("{sync}-{}", due.format("%Y%m%dT%H%M%S%3f")))
    }

    /// A run id as a person typed it.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Lane {
    /// The `number`-th lane of a stream in a run.
    #[must_use]
    pub fn of_run(run: &RunId, stream: &StreamName, number: usize) -> Self {
        Self(format!("{run}/{stream}/{number}"))
    }

    /// A lane as it was stored.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Position {
    /// Takes a source's own text.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Digest {
    /// Digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// Reads a digest as people and tables write it: 64 hexadecimal digits, with or without `sha256:`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        let is_digest = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then(|| Self(digits.to_ascii_lowercase()))
    }

    /// The first 12 digits: enough for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// What a batch id is derived from.
#[derive(Debug, Clone, Copy)]
pub struct BatchOrigin<'a> {
    /// The sync.
    pub sync: &'a SyncName,
    /// The stream.
    pub stream: &'a StreamName,
    /// The spec's version.
    pub version: u32,
    /// The lane.
    pub lane: &'a Lane,
    /// Where the source stood before the batch; `None` at the lane's start.
    pub position: Option<&'a Position>,
}

impl BatchId {
    /// Derives the id. Parts are length-prefixed: no two origins run together.
    #[must_use]
    pub fn derive(origin: BatchOrigin<'_>) -> Self {
        let version = origin.version.to_string();
        let position = origin.position.map_or("", Position::as_str);
        let parts = [origin.sync.as_str(), origin.stream.as_str(), &version, origin.lane.as_str(), position];
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let digest = hex::encode(hasher.finalize());
        Self(digest.get(..32).unwrap_or(&digest).to_owned())
    }

    /// A batch id as it was stored or typed.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin<'a>(sync: &'a SyncName, stream: &'a StreamName, lane: &'a Lane) -> BatchOrigin<'a> {
        BatchOrigin { sync, stream, version: 1, lane, position: None }
    }

    #[test]
    fn the_same_origin_gives_the_same_id_and_any_change_another() {
        let sync = SyncName::new("shop").unwrap();
        let stream = StreamName::new("orders").unwrap();
        let lane = Lane::from_text("shop-1/orders/0");
        let position = Position::from_text("17");
        let first = BatchId::derive(origin(&sync, &stream, &lane));
        assert_eq!(first, BatchId::derive(origin(&sync, &stream, &lane)));
        let moved = BatchOrigin { position: Some(&position), ..origin(&sync, &stream, &lane) };
        assert_ne!(first, BatchId::derive(moved));
        let newer = BatchOrigin { version: 2, ..origin(&sync, &stream, &lane) };
        assert_ne!(first, BatchId::derive(newer));
    }

    #[test]
    fn a_name_that_would_leave_its_folder_is_refused() {
        for bad in ["", "../etc", "a/b", ".hidden", "-x", "a b", "ä"] {
            assert!(SyncName::new(bad).is_err(), "{bad:?} was taken");
        }
        assert!(SyncName::new("public.orders_2024-01").is_ok());
    }

    #[test]
    fn a_digest_is_read_with_and_without_its_prefix() {
        let digest = Digest::of(b"millstream");
        assert_eq!(Digest::parse(&format!("sha256:{digest}")), Some(digest.clone()));
        assert_eq!(Digest::parse(digest.as_str()), Some(digest));
        assert_eq!(Digest::parse("sha256:xyz"), None);
    }
}
