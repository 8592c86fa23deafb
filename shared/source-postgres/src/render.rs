//! Values as PostgreSQL writes them: for positions, for rejected rows. Never for data.

use std::fmt::Write as _;

use crate::civil;
use crate::kind::Kind;
use crate::numeric::Numeric;

/// Appends the value's text, which PostgreSQL reads back as the same value; `None` when the bytes are
/// no value of the kind.
pub(crate) fn render(kind: Kind, bytes: &[u8], text: &mut String) -> Option<()> {
    match kind {
        Kind::Bool => text.push_str(if *bytes.first()? == 0 { "f" } else { "t" }),
        Kind::Int2 => write_number(i16::from_be_bytes(bytes.try_into().ok()?), text),
        Kind::Int4 => write_number(i32::from_be_bytes(bytes.try_into().ok()?), text),
        Kind::Int8 => write_number(i64::from_be_bytes(bytes.try_into().ok()?), text),
        Kind::Float4 => write_float(f32::from_be_bytes(bytes.try_into().ok()?), text),
        Kind::Float8 => write_float(f64::from_be_bytes(bytes.try_into().ok()?), text),
        Kind::Numeric => Numeric::parse(bytes)?.write(text),
        Kind::Text | Kind::Varchar | Kind::Bpchar | Kind::Name | Kind::Json => {
            text.push_str(std::str::from_utf8(bytes).ok()?);
        }
        Kind::Jsonb => text.push_str(std::str::from_utf8(bytes.get(1..)?).ok()?),
        Kind::Bytea => write_hex(bytes, text),
        Kind::Date => match i32::from_be_bytes(bytes.try_into().ok()?) {
            i32::MAX => text.push_str("infinity"),
            i32::MIN => text.push_str("-infinity"),
            days => civil::write_date(i64::from(days), text),
        },
        Kind::Time => civil::write_time(i64::from_be_bytes(bytes.try_into().ok()?), text),
        Kind::Timestamp => write_timestamp(bytes, "", text)?,
        Kind::Timestamptz => write_timestamp(bytes, "+00", text)?,
        Kind::Uuid => write_uuid(bytes.try_into().ok()?, text),
    }
    Some(())
}

/// Like [`render`], but of whatever the bytes are: bytes that are no text are shown in hexadecimal.
pub(crate) fn render_anything(kind: Kind, bytes: &[u8]) -> String {
    let mut text = String::new();
    if render(kind, bytes, &mut text).is_none() {
        text.clear();
        write_hex(bytes, &mut text);
    }
    text
}

fn write_number(number: impl std::fmt::Display, text: &mut String) {
    let _ = write!(text, "{number}");
}

/// The shortest digits that give the same number again.
fn write_float(number: impl Into<f64> + std::fmt::LowerExp + Copy, text: &mut String) {
    let wide: f64 = number.into();
    if wide.is_nan() {
        text.push_str("NaN");
    } else if wide.is_infinite() {
        text.push_str(if wide > 0.0 { "Infinity" } else { "-Infinity" });
    } else {
        let _ = write!(text, "{number:e}");
    }
}

fn write_timestamp(bytes: &[u8], zone: &str, text: &mut String) -> Option<()> {
    match i64::from_be_bytes(bytes.try_into().ok()?) {
        i64::MAX => text.push_str("infinity"),
        i64::MIN => text.push_str("-infinity"),
        micros => civil::write_timestamp(micros, zone, text),
    }
    Some(())
}

fn write_hex(bytes: &[u8], text: &mut String) {
    text.push_str("\\x");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
}

fn write_uuid(bytes: [u8; 16], text: &mut String) {
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_so_that_postgres_reads_them_back() {
        for (kind, bytes, expected) in [
            (Kind::Bool, &[1][..], "t"),
            (Kind::Int8, &i64::MIN.to_be_bytes(), "-9223372036854775808"),
            (Kind::Float8, &0.1_f64.to_be_bytes(), "1e-1"),
            (Kind::Float4, &f32::MAX.to_be_bytes(), "3.4028235e38"),
            (Kind::Float8, &f64::NEG_INFINITY.to_be_bytes(), "-Infinity"),
            (Kind::Bytea, b"\0\xff", "\\x00ff"),
            (Kind::Date, &i32::MAX.to_be_bytes(), "infinity"),
            (Kind::Time, &3_661_000_001_i64.to_be_bytes(), "01:01:01.000001"),
            (Kind::Timestamptz, &i64::MIN.to_be_bytes(), "-infinity"),
            (Kind::Uuid, &[0xab; 16], "abababab-abab-abab-abab-abababababab"),
            (Kind::Jsonb, b"\x01{}", "{}"),
        ] {
            let mut text = String::new();
            render(kind, bytes, &mut text).unwrap();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn bytes_that_are_no_value_are_not_written_as_one() {
        assert!(render(Kind::Int4, b"abc", &mut String::new()).is_none());
        assert_eq!(render_anything(Kind::Text, b"a\xff"), "\\x61ff");
    }
}
