//! From a text to a value, exactly or not at all.
//!
//! A column that was inferred takes only texts its type keeps whole: a later `007` in a column of
//! whole numbers is refused, not turned into 7. A declared column takes every text that means a
//! value of its type.

pub(crate) mod bytes;
pub(crate) mod decimal;
pub(crate) mod moment;
pub(crate) mod number;

/// What came instead of a value; completes `expected TYPE, found …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mismatch(pub(crate) &'static str);

/// Which texts a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Inferred: only those the type keeps whole.
    Inferred,
    /// Declared: all that mean a value of the type.
    Declared,
}
