//! Expressions and rows made by chance, for holding one way of computing a rule against another.
#![allow(dead_code, reason = "no test uses everything")]
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod choices;
mod expressions;
mod rows;

pub use expressions::{Expression, Generator};
pub use rows::{COLUMNS, Table, columns, text_at};
