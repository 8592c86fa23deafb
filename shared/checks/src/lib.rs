//! Quality checks over batches: pure, values in, verdicts out.
//!
//! Owns how checks are written ([`Quality`]), what is wrong with them before and after the columns
//! are known ([`Quality::problems`], [`Suite::compile`]), which rows of a batch fail
//! ([`Suite::judge`], [`Suite::duplicates`]) and which runs do ([`Suite::conclude`], [`over_limit`]).
//! Does not own what was seen in other batches nor where failing rows are kept: that is the
//! `quality-check` function with the store.
//! Start reading at [`Suite::judge`].

mod column;
mod conclude;
mod error;
mod exact;
mod in_set;
mod judge;
mod kind;
mod moment;
mod pattern;
mod problems;
mod quality;
mod range;
mod row_test;
mod suite;
mod type_is;
mod unique;
mod units;
mod value_text;
mod written_value;

pub use conclude::{Conclusion, RunTotals, over_limit};
pub use error::Error;
pub use judge::{Failure, Judgement, Measure};
pub use quality::{Check, ErrorLimit, Freshness, InSet, OnFailure, Pattern, Quality, Range, RowCount, TypeIs};
pub use suite::{CompiledCheck, Suite};
pub use unique::UniqueKeys;
pub use value_text::value_text;
