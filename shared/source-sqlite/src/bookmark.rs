//! Where a read goes on, and what a part reads, as the texts that others keep.

use flow::Position;
use serde::{Deserialize, Serialize};
use source::{Error, Part};

use crate::value::Scalar;

/// Where a read stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Place {
    /// Behind the row of this key: names and values, in the order of reading.
    Behind(Vec<(String, Scalar)>),
    /// Behind this many rows.
    Rows(u64),
}

impl Place {
    pub(crate) fn position(&self) -> Result<Position, Error> {
        serde_json::to_string(self).map(Position::from_text).map_err(|cause| Error::Build(Box::new(cause)))
    }

    pub(crate) fn of(position: &Position) -> Result<Self, Error> {
        let text = position.as_str();
        serde_json::from_str(text).map_err(|_| Error::BadPosition { text: text.to_owned() })
    }

    /// The values of these keys; `None` when the place is one of another order.
    pub(crate) fn behind(self, keys: &[String]) -> Option<Vec<Scalar>> {
        match self {
            Place::Behind(pairs) if pairs.iter().map(|(name, _)| name).eq(keys) => {
                Some(pairs.into_iter().map(|(_, value)| value).collect())
            }
            _ => None,
        }
    }
}

/// What one part reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cut {
    /// The table or view; `None` for the stream's query.
    pub(crate) table: Option<String>,
    /// The columns (or `rowid`) that give the order and identify a row; none leaves both to SQLite.
    pub(crate) keys: Vec<String>,
    /// Whether the first key is the stream's cursor.
    pub(crate) by_cursor: bool,
    /// Only rows behind this key.
    pub(crate) beyond: Option<Vec<Scalar>>,
    /// Only rows whose cursor is no greater.
    pub(crate) up_to: Option<Scalar>,
}

impl Cut {
    pub(crate) fn part(&self) -> Result<Part, Error> {
        serde_json::to_string(self).map(Part).map_err(|cause| Error::Build(Box::new(cause)))
    }

    pub(crate) fn of(part: &Part) -> Result<Self, Error> {
        serde_json::from_str(&part.0).map_err(|_| Error::BadPosition { text: part.0.clone() })
    }

    /// Whether each batch can be a short query of its own. A query, a view and an order without an
    /// index would be computed from the beginning every time.
    pub(crate) fn is_paged(&self) -> bool {
        !self.keys.is_empty() && !self.by_cursor
    }
}
