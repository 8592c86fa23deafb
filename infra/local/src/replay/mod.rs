//! What a replay sends, worked out before it is opened.
//!
//! The destination must end as if the rules of now had always been there. What that takes depends
//! on how the stream is written:
//!
//! - `replace`: all rows of the stream's last run go through again and are swapped in.
//! - `merge`, all rows: they go through again in the order they were read, then those of every later
//!   run, so that the newest row of a key stays the newest. Keys that were delivered and that no row
//!   has any more are taken away ([`withdrawn`]).
//! - `merge` or `append`, quarantined rows: they go through alone. Of a merge, rows whose key came
//!   again later are left out: what is there is newer ([`quarantined`]).
//! - `append`, all rows: refused, for it would add every delivered row once more.
//!
//! Start reading at [`list::of_stream`].

mod history;
mod keys;
pub(crate) mod list;
mod quarantined;
mod withdrawn;

pub(crate) use history::{History, lined};
