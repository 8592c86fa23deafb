//! Text constants that become constants of another type when the rule is compiled.

use crate::error::{Code, Mistake};
use crate::formats::{dates, interval, numbers};
use crate::plan::{Expr, Kind, Literal, Span};
use crate::value_type::Type;

/// Reads a text constant as a constant of a type.
pub(crate) fn read(text: &str, ty: Type, span: Span) -> Result<Expr, Mistake> {
    let (literal, ty) = parse(text, ty).ok_or_else(|| {
        let message = format!("`{}` is no {ty}: expected {}", shown(text), expected(ty));
        Mistake::new(Code::InvalidLiteral, span, message)
    })?;
    Ok(constant(literal, ty))
}

/// A constant expression.
pub(crate) fn constant(literal: Literal, ty: Type) -> Expr {
    Expr { kind: Kind::Literal(literal), ty, nullable: false }
}

/// NULL of a type.
pub(crate) fn null(ty: Type) -> Expr {
    Expr { kind: Kind::Null, ty, nullable: true }
}

fn parse(text: &str, ty: Type) -> Option<(Literal, Type)> {
    let literal = match ty {
        Type::Bool => Literal::Bool(boolean(text)?),
        Type::Int(bits) => Literal::Int(integer(text, bits)?),
        Type::Float(bits) => Literal::Float(float(text, bits)?),
        Type::Decimal { precision, scale } => {
            let exact = numbers::Decimal::parse(text)?.rescale(scale)?;
            if numbers::digits(exact.unscaled) > precision {
                return None;
            }
            Literal::Decimal(exact.unscaled)
        }
        Type::Numeric => {
            numbers::Decimal::parse(text)?;
            Literal::Text(text.trim().to_owned())
        }
        Type::Text => Literal::Text(text.to_owned()),
        Type::Bytes => Literal::Bytes(hex(text.strip_prefix("\\x")?)?),
        Type::Date => Literal::Int(dates::parse_date(text)?),
        Type::Time => Literal::Int(dates::parse_time(text)?),
        Type::Timestamp { zoned } => Literal::Int(dates::parse_timestamp(text, zoned)?),
        Type::Interval => Literal::Interval(interval::parse(text, None)?),
        // Whether a document is well-formed is judged in one place, the runtime's.
        Type::Json => return None,
        Type::Uuid => Literal::Bytes(uuid(text)?),
    };
    Some((literal, ty))
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Some(true),
        "f" | "false" | "n" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn integer(text: &str, bits: u8) -> Option<i64> {
    let text = text.trim();
    let plain = text.strip_prefix('+').unwrap_or(text);
    if !plain.strip_prefix('-').unwrap_or(plain).bytes().all(|letter| letter.is_ascii_digit()) {
        return None;
    }
    let number: i64 = plain.parse().ok()?;
    fits(number, bits).then_some(number)
}

/// Whether a number fits so many bits.
pub(crate) fn fits(number: i64, bits: u8) -> bool {
    match bits {
        16 => i16::try_from(number).is_ok(),
        32 => i32::try_from(number).is_ok(),
        _ => true,
    }
}

fn float(text: &str, bits: u8) -> Option<f64> {
    let number = numbers::parse_float(text)?;
    if bits == 64 {
        return Some(number);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a real is the nearest of 32 bits")]
    let narrow = number as f32;
    (narrow.is_finite() || !number.is_finite()).then_some(f64::from(narrow))
}

/// Bytes in hex, blanks between them allowed.
pub(crate) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|letter| !letter.is_ascii_whitespace()).collect();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

fn nibble(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn uuid(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let text = text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(text);
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    let bytes = hex(&digits)?;
    (bytes.len() == 16 && digits.len() == 32).then_some(bytes)
}

fn expected(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "`true` or `false`",
        Type::Int(_) => "a whole number within its range",
        Type::Float(_) => "a number such as `1.5e3`",
        Type::Decimal { .. } | Type::Numeric => "a number such as `12.50` that fits its digits",
        Type::Text => "text",
        Type::Bytes => "bytes in hex such as `\\x00ff`",
        Type::Date => "a date such as `2024-01-31`",
        Type::Time => "a time such as `10:20:30`",
        Type::Timestamp { zoned: false } => "a timestamp without an offset such as `2024-01-31 10:20:30`",
        Type::Timestamp { zoned: true } => "a timestamp such as `2024-01-31 10:20:30+02`",
        Type::Interval => "an interval such as `1 day 02:30:00`",
        Type::Json => "a text column cast to json",
        Type::Uuid => "a uuid such as `6f9619ff-8b86-d011-b42d-00cf4fc964ff`",
    }
}

/// A constant of the rule, short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    const LETTERS: usize = 40;
    let plain: String =
        text.chars().take(LETTERS).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().count() > LETTERS { format!("{plain}…") } else { plain }
}
