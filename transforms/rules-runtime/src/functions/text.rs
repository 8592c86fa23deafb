//! Text functions. Letters are Unicode scalar values; a text without letters beyond ASCII, the
//! usual one, is worked on by its bytes.

mod case;
mod cut;
mod make;
mod search;
mod words;

pub use case::{initcap, lower, lower_letter, upper, upper_letter};
pub use cut::{left, right, split_part, substr, substr_from, trim};
pub use make::{concat, concat_ws, join, join_bytes, lpad, repeat, replace, reverse, rpad, translate};
pub(super) use search::find;
pub use search::{length, octet_length, position, starts_with};
