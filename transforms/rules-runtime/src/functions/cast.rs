use crate::Fault;
use crate::constants::Interval;
use bumpalo::Bump;

/// As its name in PostgreSQL.
pub fn text_to_bool(text: &str) -> Result<bool, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_int(text: &str, bits: u8) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_float(text: &str, bits: u8) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_decimal(text: &str, precision: u8, scale: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_numeric<'a>(text: &'a str, arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_date(text: &str) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_time(text: &str) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_timestamp(text: &str) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_timestamptz(text: &str) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_uuid<'a>(text: &str, arena: &'a Bump) -> Result<&'a [u8], Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_bytes<'a>(text: &'a str, arena: &'a Bump) -> Result<&'a [u8], Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn text_to_json(text: &str) -> Result<&str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn bool_to_text(value: bool) -> &'static str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn bool_to_int(value: bool) -> i64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn int_to_bool(value: i64) -> bool {
    todo!()
}

/// As its name in PostgreSQL.
pub fn int_to_text(value: i64, arena: &Bump) -> &str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn int_to_int(value: i64, bits: u8) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn int_to_float(value: i64, bits: u8) -> f64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn int_to_decimal(value: i64, precision: u8, scale: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_to_text(value: f64, bits: u8, arena: &Bump) -> &str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_to_int(value: f64, bits: u8) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_to_float(value: f64, bits: u8) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_to_decimal(value: f64, bits: u8, precision: u8, scale: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn decimal_to_text(value: i128, scale: u8, arena: &Bump) -> &str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn decimal_to_int(value: i128, scale: u8, bits: u8) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn decimal_to_float(value: i128, scale: u8, bits: u8) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn decimal_to_decimal(value: i128, from: u8, precision: u8, scale: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn numeric_to_int(text: &str, bits: u8) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn date_to_text(days: i64, arena: &Bump) -> Result<&str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn date_to_timestamp(days: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn time_to_text(micros: i64, arena: &Bump) -> &str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn timestamp_to_text(micros: i64, zoned: bool, arena: &Bump) -> Result<&str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn timestamp_to_date(micros: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn timestamp_to_time(micros: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn uuid_to_text<'a>(bytes: &[u8], arena: &'a Bump) -> &'a str {
    todo!()
}

/// As its name in PostgreSQL.
pub fn bytes_to_text<'a>(bytes: &[u8], arena: &'a Bump) -> Result<&'a str, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn interval_to_text(interval: Interval, arena: &Bump) -> &str {
    todo!()
}
