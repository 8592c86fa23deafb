//! Reading lines again: line by line, and of each only the key.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use batch::ColumnType;
use destination::Cause;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::failure::{Doing, Result};

/// The lines of a file, one at a time; empty ones are passed over.
pub(crate) struct Lines<'a> {
    path: &'a Path,
    file: BufReader<File>,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub(crate) fn open(path: &'a Path) -> Result<Self> {
        let file = File::open(path).doing(|| format!("open `{}`", path.display()))?;
        Ok(Self { path, file: BufReader::with_capacity(1 << 18, file), line: Vec::new() })
    }

    /// The next line without its end; none at the end of the file.
    pub(crate) fn next_line(&mut self) -> Result<Option<&[u8]>> {
        loop {
            self.line.clear();
            let read = self.file.read_until(b'\n', &mut self.line);
            if read.doing(|| format!("read `{}`", self.path.display()))? == 0 {
                return Ok(None);
            }
            while matches!(self.line.last(), Some(b'\n' | b'\r')) {
                self.line.pop();
            }
            if !self.line.is_empty() {
                return Ok(Some(&self.line));
            }
        }
    }
}

/// The columns of a key, in the key's order.
pub(crate) struct Keys {
    columns: Vec<(String, ColumnType)>,
}

impl Keys {
    pub(crate) fn new(columns: Vec<(String, ColumnType)>) -> Self {
        Self { columns }
    }

    /// Calls `take` with each key column's place, type and JSON text, in the line's order.
    pub(crate) fn read(
        &self,
        line: &[u8],
        mut take: impl FnMut(usize, ColumnType, &str),
    ) -> std::result::Result<(), Cause> {
        let line = std::str::from_utf8(line)?;
        let mut deserializer = serde_json::Deserializer::from_str(line);
        let visitor = LineVisitor { columns: &self.columns, take: &mut take };
        deserializer.deserialize_map(visitor)?;
        deserializer.end()?;
        Ok(())
    }
}

struct LineVisitor<'a, F> {
    columns: &'a [(String, ColumnType)],
    take: &'a mut F,
}

impl<'de, F: FnMut(usize, ColumnType, &str)> Visitor<'de> for LineVisitor<'_, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON object with every column of the key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut line: A) -> std::result::Result<(), A::Error> {
        let mut found = 0;
        while let Some(place) = line.next_key_seed(Place { columns: self.columns })? {
            match place.and_then(|place| self.columns.get(place).map(|(_, column_type)| (place, *column_type))) {
                Some((place, column_type)) => {
                    let value: &RawValue = line.next_value()?;
                    (self.take)(place, column_type, value.get());
                    found += 1;
                }
                None => {
                    line.next_value::<IgnoredAny>()?;
                }
            }
        }
        if found == self.columns.len() { Ok(()) } else { Err(A::Error::custom("a column of the key is missing")) }
    }
}

/// Finds the place of a name among the key's columns without keeping the name.
struct Place<'a> {
    columns: &'a [(String, ColumnType)],
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> std::result::Result<Option<usize>, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Place<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the name of a column")
    }

    fn visit_str<E>(self, name: &str) -> std::result::Result<Option<usize>, E> {
        Ok(self.columns.iter().position(|(column, _)| column == name))
    }
}
