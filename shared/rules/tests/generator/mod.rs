//! Expressions and rows made by chance, for holding one way of computing a rule against another.
#![allow(dead_code, reason = "no test uses everything")]

mod choices;
mod expressions;
mod rows;

pub(crate) use expressions::{Expression, Generator};
pub(crate) use rows::{COLUMNS, Table, columns, text_at};
