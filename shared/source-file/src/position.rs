//! What is stored between runs: the part (all files) and the position in it.

use flow::Position;
use serde::{Deserialize, Serialize};
use source::{Error, Part};
use spec::FileFormat;

use crate::files::PlannedFile;

/// The one part of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Files {
    pub(crate) format: FileFormat,
    /// In the order they are read.
    pub(crate) files: Vec<PlannedFile>,
}

/// How far a part has been read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// The file, from 0.
    pub(crate) file: usize,
    /// Records (Parquet: rows) read of it, broken ones included.
    pub(crate) records: u64,
    /// Lines read of it.
    #[serde(default)]
    pub(crate) lines: u64,
    /// Bytes read of it, where it can be opened there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) offset: Option<u64>,
}

impl Files {
    /// The part as it is stored.
    pub(crate) fn to_part(&self) -> Result<Part, Error> {
        serde_json::to_string(self).map(Part).map_err(|cause| Error::Build(Box::new(cause)))
    }

    /// Reads a stored part.
    pub(crate) fn from_part(part: &Part) -> Result<Self, Error> {
        serde_json::from_str(&part.0).map_err(|_| Error::BadPosition { text: part.0.clone() })
    }
}

impl Place {
    /// The position as it is stored.
    pub(crate) fn to_position(self) -> Result<Position, Error> {
        serde_json::to_string(&self).map(Position::from_text).map_err(|cause| Error::Build(Box::new(cause)))
    }

    /// Reads a stored position in a part of so many files.
    pub(crate) fn from_position(position: &Position, files: usize) -> Result<Self, Error> {
        let place: Option<Place> = serde_json::from_str(position.as_str()).ok();
        let bad = || Error::BadPosition { text: position.as_str().to_owned() };
        place.filter(|place| place.file <= files).ok_or_else(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_parts_and_positions_are_read_as_they_were_first_written() {
        let part =
            Part(r#"{"format":"csv","files":[{"name":"a.csv","bytes":5,"modified":1356998400000000000}]}"#.into());
        assert_eq!(Files::from_part(&part).unwrap().to_part().unwrap(), part);
        for text in [r#"{"file":1,"records":7,"lines":8,"offset":90}"#, r#"{"file":0,"records":7,"lines":0}"#] {
            let position = Position::from_text(text);
            assert_eq!(Place::from_position(&position, 1).unwrap().to_position().unwrap(), position);
        }
    }

    #[test]
    fn what_is_no_position_is_refused() {
        for text in ["", "7", "{}", r#"{"file":2,"records":0}"#, r#"{"file":-1,"records":0}"#, r#"{"key":1}"#] {
            let error = Place::from_position(&Position::from_text(text), 1).unwrap_err();
            assert!(matches!(error, Error::BadPosition { .. }), "{text}");
        }
        assert!(matches!(Files::from_part(&Part("{}".into())), Err(Error::BadPosition { .. })));
    }
}
