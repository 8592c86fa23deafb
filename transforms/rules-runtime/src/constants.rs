//! What functions take that is a constant of the rule: patterns, formats, zones and units.
//!
//! Each has an owned form, for whoever compiles a rule, and a run of bytes that the owned form is
//! encoded to and that functions read where it lies, without allocating ([`LikeView`],
//! [`FormatView`], [`ZoneView`]). Bytes that no owned form was encoded to are read as far as they
//! make sense: never a panic.

mod date_format;
mod like_pattern;
mod unit;
mod zone;

pub use date_format::{Case, DateFormat, DatePart, FormatItem, FormatView};
pub use like_pattern::{LikeItem, LikePart, LikePattern, LikeView};
pub use unit::Unit;
pub use zone::{Zone, ZoneView};

/// An interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interval {
    /// Months.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}

/// Where `trim` works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TrimSide {
    /// Both ends.
    Both = 0,
    /// The beginning.
    Leading = 1,
    /// The end.
    Trailing = 2,
}

impl TrimSide {
    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The side of a number; both for one that stands for none.
    #[must_use]
    pub fn of_number(number: u8) -> Self {
        match number {
            1 => TrimSide::Leading,
            2 => TrimSide::Trailing,
            _ => TrimSide::Both,
        }
    }
}

/// A regular expression of the syntax of the `regex` crate. Its bytes are its pattern's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regexp {
    /// The pattern, flags written into it (`(?i)`).
    pub pattern: String,
}

impl Regexp {
    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.pattern.as_bytes().to_vec()
    }
}
