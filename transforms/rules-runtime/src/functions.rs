//! What a rule's functions and casts do: on plain values, results in an arena, natively and in
//! WASM alike.
//!
//! Text results are borrowed from the arguments where they are a part of them. A decimal is its
//! unscaled number, a date days since 1970, a time microseconds since midnight, a timestamp
//! microseconds since 1970; `bits` is a number's width. What cannot be computed is a
//! [`Fault`](crate::Fault), never a panic, whatever the values are.

mod ascii;
pub mod cast;
mod civil;
pub mod date;
pub mod decimal;
pub mod digest;
pub mod encoding;
pub mod format;
pub mod interval;
pub mod json;
pub mod like;
pub mod number;
pub mod privacy;
#[cfg(feature = "regex")]
pub mod regexp;
pub mod text;
pub mod zone;

/// The longest text or run of bytes a function makes, in bytes: a row that needs more is rejected,
/// so that one value cannot take the memory of all.
pub const LONGEST: usize = 16 * 1024 * 1024;
