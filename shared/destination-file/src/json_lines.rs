//! JSON lines: how rows become text, and how a merge reads the lines again.

mod keys;
mod row;
mod text;
mod time;

pub(crate) use keys::{Keys, Lines};
pub(crate) use row::encode;
