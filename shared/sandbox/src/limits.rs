//! How much a guest may use.

use std::ops::RangeInclusive;
use std::time::Duration;

use flow::span::{Size, Span};
use flow::{Fault, FaultKind};

/// What a module may use. A module that reaches one of these is stopped, and its instance is
/// thrown away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory, all memories of an instance together. Default 64 MiB: a batch of
    /// 8 MiB in and out, and room to work.
    pub memory: u64,
    /// Wall time of one call. Default 5 s: a net for loops, hundreds of times what an honest
    /// batch takes, because a busy machine makes honest modules slow.
    pub time: Duration,
    /// Bytes of native stack. Default 512 KiB: a quarter of what a blocking task's thread has.
    pub stack: usize,
    /// Bytes a call may give beyond four times what the batch weighs. Default 16 MiB.
    pub output_bytes: u64,
    /// Entries of all tables of an instance together. Default 200,000: a language runtime has
    /// some 20,000.
    pub table_entries: usize,
    /// Wall time the search for offending rows may take. Default 60 s.
    pub isolation_time: Duration,
    /// Offending rows of one batch that are set aside; with more, the module is at fault, not
    /// the rows. Default 64.
    pub isolation_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            time: Duration::from_secs(5),
            stack: 512 << 10,
            output_bytes: 16 << 20,
            table_entries: 200_000,
            isolation_time: Duration::from_secs(60),
            isolation_rows: 64,
        }
    }
}

impl Limits {
    /// What a call on a batch of this weight may give, in bytes.
    pub(crate) fn output_for(&self, input_bytes: usize) -> usize {
        let limit = u64::try_from(input_bytes).unwrap_or(u64::MAX).saturating_mul(4).saturating_add(self.output_bytes);
        usize::try_from(limit).unwrap_or(usize::MAX)
    }
}

/// A limit that cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLimit {
    /// No limit has this name.
    #[error("no limit is called `{name}`; there are {}", known())]
    Unknown {
        /// The name.
        name: String,
    },
    /// Its value cannot be read.
    #[error("limit `{name}`: {reason}")]
    Unreadable {
        /// The limit.
        name: String,
        /// What was expected.
        reason: String,
    },
    /// Its value is out of range.
    #[error("limit `{name}` is `{value}`; expected {least} to {most}")]
    OutOfRange {
        /// The limit.
        name: String,
        /// What was given.
        value: String,
        /// The least it may be.
        least: String,
        /// The most it may be.
        most: String,
    },
}

impl From<BadLimit> for Fault {
    fn from(error: BadLimit) -> Fault {
        Fault::from_error(FaultKind::Config, "limit_invalid", &error)
    }
}

/// The limits a module may have of its own. The stack is the same for all: it belongs to the
/// engine.
const OF_A_MODULE: [&str; 6] = ["memory", "time", "output_bytes", "table_entries", "isolation_time", "isolation_rows"];

/// Prefix of limits on compiling, which stand beside these and are not ours.
pub const COMPILE_PREFIX: &str = "compile_";

fn known() -> String {
    OF_A_MODULE.map(|name| format!("`{name}`")).join(", ")
}

impl Limits {
    /// These limits, with those set that a module has of its own: texts by name, as people give
    /// them (`64MiB`, `10s`, `1000`). Those on compiling are passed over.
    pub fn with_own<'a>(mut self, own: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, BadLimit> {
        for (name, text) in own {
            if !name.starts_with(COMPILE_PREFIX) {
                self.set(name, text)?;
            }
        }
        Ok(self)
    }

    /// Sets one limit from its text.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), BadLimit> {
        match name {
            // A page at least; a 32-bit memory at most.
            "memory" => self.memory = size(name, text, (64 << 10)..=(4 << 30))?,
            // A tick of the clock that ends calls at least; a message is worked on for ten
            // minutes at most.
            "time" => self.time = span(name, text, Duration::from_millis(10)..=Duration::from_secs(300))?,
            "output_bytes" => self.output_bytes = size(name, text, 1..=(4 << 30))?,
            "table_entries" => self.table_entries = count(name, text, 1..=10_000_000)?,
            "isolation_time" => {
                self.isolation_time = span(name, text, Duration::from_millis(10)..=Duration::from_secs(500))?;
            }
            "isolation_rows" => self.isolation_rows = count(name, text, 0..=1_000_000)?,
            _ => return Err(BadLimit::Unknown { name: name.chars().take(80).collect() }),
        }
        Ok(())
    }
}

/// A size within a range, from its text.
pub fn size(name: &str, text: &str, range: RangeInclusive<u64>) -> Result<u64, BadLimit> {
    let Size(bytes) = text.parse().map_err(|error| unreadable(name, &error))?;
    within(name, text, &bytes, &range, |bytes| Size(*bytes).to_string())?;
    Ok(bytes)
}

/// A length of time within a range, from its text.
pub fn span(name: &str, text: &str, range: RangeInclusive<Duration>) -> Result<Duration, BadLimit> {
    let Span(time) = text.parse().map_err(|error| unreadable(name, &error))?;
    within(name, text, &time, &range, |time| Span(*time).to_string())?;
    Ok(time)
}

fn count(name: &str, text: &str, range: RangeInclusive<usize>) -> Result<usize, BadLimit> {
    let reason = || format!("`{}` is no whole number", text.chars().take(80).collect::<String>());
    let number = text.parse().map_err(|_| BadLimit::Unreadable { name: name.to_owned(), reason: reason() })?;
    within(name, text, &number, &range, usize::to_string)?;
    Ok(number)
}

fn unreadable(name: &str, error: &dyn std::error::Error) -> BadLimit {
    BadLimit::Unreadable { name: name.to_owned(), reason: error.to_string() }
}

fn within<T: PartialOrd>(
    name: &str,
    text: &str,
    value: &T,
    range: &RangeInclusive<T>,
    shown: impl Fn(&T) -> String,
) -> Result<(), BadLimit> {
    match range.contains(value) {
        true => Ok(()),
        false => Err(BadLimit::OutOfRange {
            name: name.to_owned(),
            value: text.to_owned(),
            least: shown(range.start()),
            most: shown(range.end()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_of_a_module_is_set_by_its_name() {
        let own = [
            ("memory", "128MiB"),
            ("time", "10s"),
            ("output_bytes", "1MiB"),
            ("table_entries", "1000"),
            ("isolation_time", "2m"),
            ("isolation_rows", "7"),
            ("compile_time", "1m"),
        ];
        let limits = Limits::default().with_own(own).unwrap();
        let expected = Limits {
            memory: 128 << 20,
            time: Duration::from_secs(10),
            output_bytes: 1 << 20,
            table_entries: 1000,
            isolation_time: Duration::from_secs(120),
            isolation_rows: 7,
            ..Limits::default()
        };
        assert_eq!(limits, expected);
        assert!(OF_A_MODULE.iter().all(|name| own.iter().any(|(set, _)| set == name)));
    }

    #[test]
    fn a_limit_that_cannot_be_set_is_refused_with_what_can() {
        let refused = |name: &str, text: &str| Limits::default().set(name, text).unwrap_err().to_string();
        assert!(refused("stack", "1MiB").contains("`memory`, `time`"));
        assert!(refused("memory", "much").contains("64KiB"));
        assert!(refused("memory", "5GiB").contains("64KiB to 4GiB"));
        assert!(refused("time", "1ms").contains("10ms to 5m"));
        assert!(refused("isolation_rows", "-1").contains("no whole number"));
    }
}
