//! Quality checks over batches: pure, values in, verdicts out.

mod quality;

pub use quality::{Check, ErrorLimit, OnFailure, Quality};
