use crate::Fault;
use crate::constants::Unit;

/// As its name in PostgreSQL.
pub fn date_trunc(micros: i64, unit: Unit) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn extract_date(days: i64, unit: Unit) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn extract_time(micros: i64, unit: Unit) -> i128 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn extract_timestamp(micros: i64, unit: Unit) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn make_date(year: i64, month: i64, day: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn make_time(hour: i64, minute: i64, second: f64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn make_timestamp(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: f64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn from_epoch(seconds: f64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn add_days(days: i64, count: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn days_between(left: i64, right: i64) -> Result<i64, Fault> {
    todo!()
}
