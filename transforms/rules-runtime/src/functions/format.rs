//! `to_char`, `to_timestamp` and `to_date` with a format.

mod read;
mod write;

pub use read::{parse_date, parse_timestamp};
pub use write::format_timestamp;

#[cfg(test)]
mod tests;
