//! The world `records`: rows as JSON on their way in and out.

mod cell;
mod column;
mod read;
mod text;
mod write;

pub(crate) use read::{Read, read};
pub(crate) use write::Writer;
