//! Expressions and rows made by chance, for holding one way of computing a rule against another.
#![allow(dead_code, reason = "no test uses everything")]

mod choices;
mod documents;
mod expressions;
mod numbers;
mod rows;
mod spellings;
mod texts;
mod times;
mod truths;

pub(crate) use expressions::Generator;
pub(crate) use rows::{COLUMNS, Table, columns, text_at};
pub(crate) use spellings::Expression;
