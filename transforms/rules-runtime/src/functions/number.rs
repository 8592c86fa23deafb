use crate::Fault;
use std::cmp::Ordering;

/// As its name in PostgreSQL.
pub fn add(left: i64, right: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn subtract(left: i64, right: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn multiply(left: i64, right: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn divide(left: i64, right: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn remainder(left: i64, right: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn negate(value: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn abs(value: i64) -> Result<i64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_add(left: f64, right: f64) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_subtract(left: f64, right: f64) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_multiply(left: f64, right: f64) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_divide(left: f64, right: f64) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_compare(left: f64, right: f64) -> Ordering {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_sign(value: f64) -> f64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_round(value: f64) -> f64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_trunc(value: f64) -> f64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_floor(value: f64) -> f64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn float_ceil(value: f64) -> f64 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn power(base: f64, exponent: f64) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn sqrt(value: f64) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn exp(value: f64) -> Result<f64, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn ln(value: f64) -> Result<f64, Fault> {
    todo!()
}
