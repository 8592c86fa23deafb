use crate::Fault;

/// As its name in PostgreSQL.
pub fn add(left: i128, right: i128, precision: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn subtract(left: i128, right: i128, precision: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn multiply(left: i128, right: i128, precision: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn divide(
    left: i128,
    left_scale: u8,
    right: i128,
    right_scale: u8,
    precision: u8,
    scale: u8,
) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn remainder(left: i128, right: i128) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn rescale(value: i128, from: u8, to: u8, precision: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn sign(value: i128, scale: u8) -> i128 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn round(value: i128, from: u8, to: u8, precision: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn round_left(value: i128, scale: u8, places: u8, precision: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn trunc(value: i128, from: u8, to: u8, precision: u8) -> Result<i128, Fault> {
    todo!()
}

/// As its name in PostgreSQL.
pub fn trunc_left(value: i128, scale: u8, places: u8) -> i128 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn floor(value: i128, scale: u8) -> i128 {
    todo!()
}

/// As its name in PostgreSQL.
pub fn ceil(value: i128, scale: u8) -> i128 {
    todo!()
}
