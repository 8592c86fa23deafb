//! What the tables hold, in words both databases use: from rows to records and back.

pub(crate) mod columns;
pub(crate) mod rows;
pub(crate) mod sums;
pub(crate) mod words;
