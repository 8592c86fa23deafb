//! Values that stand in JSON as texts of their own kind.

use std::fmt::Display;
use std::io::Write;

use serde::de::IgnoredAny;

/// A decimal from its unscaled number: -12345 with scale 2 is `"-123.45"`.
pub(super) fn decimal(out: &mut Vec<u8>, unscaled: impl Display, scale: i8) -> Result<(), &'static str> {
    out.push(b'"');
    let start = out.len();
    write!(out, "{unscaled}").map_err(|_| "cannot be written in decimal digits")?;
    let first_digit = start + usize::from(out.get(start) == Some(&b'-'));
    match usize::try_from(scale) {
        Ok(0) => {}
        Ok(scale) => point(out, first_digit, scale),
        Err(_) if out.get(first_digit) == Some(&b'0') => {}
        Err(_) => out.resize(out.len() + usize::from(scale.unsigned_abs()), b'0'),
    }
    out.push(b'"');
    Ok(())
}

/// Puts the point before the last `scale` digits, and zeros where there are too few.
fn point(out: &mut Vec<u8>, first_digit: usize, scale: usize) {
    let missing = (scale + 1).saturating_sub(out.len() - first_digit);
    out.splice(first_digit..first_digit, std::iter::repeat_n(b'0', missing));
    out.insert(out.len() - scale, b'.');
}

/// A JSON document as it is, on one line.
pub(super) fn document(out: &mut Vec<u8>, document: &str) -> Result<(), &'static str> {
    let valid: Result<IgnoredAny, _> = serde_json::from_str(document);
    valid.map_err(|_| "has type json and holds a text that is not a JSON document")?;
    let start = out.len();
    out.extend_from_slice(document.as_bytes());
    // In a valid document, line ends stand between tokens only: inside texts they are escaped.
    for byte in out.iter_mut().skip(start).filter(|byte| matches!(**byte, b'\n' | b'\r')) {
        *byte = b' ';
    }
    Ok(())
}

/// Bytes as lowercase hexadecimal digits.
pub(super) fn hexadecimal(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), &'static str> {
    out.push(b'"');
    digits(out, bytes)?;
    out.push(b'"');
    Ok(())
}

/// `"6f9619ff-8b86-d011-b42d-00cf4fc964ff"`.
pub(super) fn uuid(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), &'static str> {
    let mut separator = b'"';
    let mut rest = bytes;
    for length in [4, 2, 2, 2, 6] {
        let (group, after) =
            rest.split_at_checked(length).ok_or("has type uuid and holds another number of bytes than 16")?;
        out.push(separator);
        digits(out, group)?;
        separator = b'-';
        rest = after;
    }
    out.push(b'"');
    Ok(())
}

fn digits(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), &'static str> {
    let start = out.len();
    out.resize(start + bytes.len() * 2, 0);
    let place = out.get_mut(start..).unwrap_or_default();
    hex::encode_to_slice(bytes, place).map_err(|_| "cannot be written in hexadecimal")
}
