//! When a sync is due: cron expressions in a time zone, windows, overlap. Pure: the clock is passed in.
//!
//! Owns how a schedule is written ([`Schedule`]), what is wrong with it ([`Schedule::problems`])
//! and which moments are due ([`Schedule::due_between`], [`Schedule::next_after`]); and how AWS
//! writes when a rule fires ([`ScheduleExpression`]).
//! Does not own starting runs, nor holding one back while another goes: that is the `schedule` function.
//! Start reading at [`Schedule::due_between`].

mod cron;
mod due;
mod expression;
mod problems;
mod schedule;
mod window;
mod zone;

pub use expression::ScheduleExpression;
pub use schedule::{Overlap, Schedule, Window};
