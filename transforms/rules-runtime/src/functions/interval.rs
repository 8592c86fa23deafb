use crate::Fault;
use crate::constants::{Interval, Unit};
use bumpalo::Bump;
use std::cmp::Ordering;

/// As its name in PostgreSQL.
pub fn add_to_timestamp(micros: i64, interval: Interval) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn add_to_time(micros: i64, interval: Interval) -> i64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn between(left: i64, right: i64) -> Result<Interval, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn age(left: i64, right: i64) -> Result<Interval, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn add(left: Interval, right: Interval) -> Result<Interval, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn multiply(interval: Interval, factor: i64) -> Result<Interval, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn negate(interval: Interval) -> Result<Interval, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn compare(left: Interval, right: Interval) -> Ordering {
    todo!()
}

/// As its name in PostgreSQL.
pub fn extract(interval: Interval, unit: Unit) -> i128 {
    todo!()
}
