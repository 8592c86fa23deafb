//! Case files: given rows, and what transforms must make of them.
//!
//! [`written`] is what people write, [`case`] what it means once its columns are known, [`compare`]
//! what differs. Start reading at [`case::Case::run`].

pub(crate) mod case;
mod compare;
pub(crate) mod written;

pub(crate) use compare::Problem;
