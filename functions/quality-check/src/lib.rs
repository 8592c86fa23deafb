//! `quality-check`: judges transformed batches and quarantines what fails.
//!
//! Owns what follows from a verdict ([`QualityCheck`]). Does not own the verdicts: that is `checks`.
//! Start reading at [`QualityCheck`].

mod conclude;
mod judge;
mod step;

pub use step::QualityCheck;
