//! When a sync is due: cron expressions in a time zone, windows, overlap. Pure: the clock is passed in.

mod schedule;

pub use schedule::{Overlap, Schedule, Window};
