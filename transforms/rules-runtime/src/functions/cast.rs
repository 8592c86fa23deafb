//! Conversions between types, as PostgreSQL has them; its rules for reading a text and its way of
//! writing one.
//!
//! Dates are read as ISO 8601 writes them; other orders and names need a format (`to_date`).

mod bytes;
mod moment_to_text;
mod number;
mod number_to_text;
mod text_to_moment;
mod text_to_number;

pub use bytes::{bytes_to_text, text_to_bool, text_to_bytes, text_to_json, text_to_uuid, uuid_to_text};
pub use moment_to_text::{date_to_text, interval_to_text, time_to_text, timestamp_to_text};
pub use number::{
    bool_to_int, bool_to_text, decimal_to_decimal, decimal_to_float, decimal_to_int, float_to_decimal, float_to_float,
    float_to_int, int_to_bool, int_to_decimal, int_to_float, int_to_int, numeric_to_int,
};
pub use number_to_text::{decimal_to_text, float_to_numeric, float_to_text, int_to_text};
pub use text_to_moment::{
    date_to_timestamp, text_to_date, text_to_time, text_to_timestamp, text_to_timestamptz, timestamp_to_date,
    timestamp_to_time,
};
pub use text_to_number::{text_to_decimal, text_to_float, text_to_int, text_to_numeric};
