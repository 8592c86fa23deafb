//! Values of columns and constants.

use std::sync::Arc;

use arrow_array::*;
use arrow_schema::{Field, Schema};
use batch::ColumnType;
use fastrand::Rng;
use rules::plan::{Column, Expr, Interval, Kind, Literal};
use rules::value_type::{Held, Type};

use super::Maker;

const TEXTS: [&str; 36] = [
    "",
    " ",
    "a",
    "abc",
    "  Trim me\t",
    "ÄÖÜ straße",
    "İı ſ ß Σς",
    "😀 smile",
    "12.50",
    "-7",
    "+3",
    "1e3",
    "0x1f",
    "9223372036854775808",
    "NaN",
    "-Infinity",
    "1234567890123456789012345678901234567890",
    "2024-02-29",
    "2023-02-29",
    "2024-02-29 12:34:56.789",
    "2024-12-31T23:59:60Z",
    "1999-01-08 04:05:06+02:30",
    "23:59:59.999999",
    "24:00:00",
    "true",
    "f",
    "YES",
    "null",
    "{\"a\": {\"b\": [1, 2]}, \"k\": null}",
    "[1, \"x\", {\"y\": 2.50}]",
    "\"text \\u00e9\"",
    "someone@example.org",
    "6f1ed002-ab5a-4fdb-9c1e-0a3a5a2b2c2d",
    "48656c6c6f",
    "SGVsbG8=",
    "x-y-z--",
];
const JSON: [&str; 9] = [
    "null",
    "1",
    "-2.50e3",
    "\"text\"",
    "\"\\u00e9\\n\"",
    "[]",
    "[1, [2, null], {\"a\": true}]",
    "{\"a\": 1, \"b\": {\"c\": \"x\"}, \"k\": null, \"a b\": [3]}",
    "{\"a\": \"\\ud83d\\ude00\", \"k\": \"v\"}",
];
const NUMERICS: [&str; 8] =
    ["0", "-1.50", "NaN", "Infinity", "-Infinity", "123456789012345678901234567890.123", "0.00000000001", "42"];
const INTS: [i64; 12] = [0, 1, -1, 2, -2, 10, 100, i64::MAX, i64::MIN, i64::MAX - 1, 1 << 32, -(1 << 31)];
const FLOATS: [f64; 14] =
    [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -3.5, 1e300, -1e300, 1e-300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e15];
const DAY: i64 = 86_400_000_000;

/// Rows of these columns; the first column counts through the outputs.
pub(crate) fn batch(rng: &mut Rng, columns: &[Column], rows: usize, outputs: usize) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|column| column.column_type.field(&column.name, column.nullable)).collect();
    let arrays = columns.iter().enumerate().map(|(place, column)| match place {
        0 => Arc::new((0..rows).map(|row| Some((row % outputs) as i32)).collect::<Int32Array>()) as ArrayRef,
        _ => array(rng, column, rows),
    });
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays.collect()).unwrap()
}

fn array(rng: &mut Rng, column: &Column, rows: usize) -> ArrayRef {
    macro_rules! values {
        ($array:ty, $value:expr) => {
            Arc::new((0..rows).map(|_| (!column.nullable || rng.u8(..5) != 0).then(|| $value)).collect::<$array>())
        };
    }
    match column.column_type {
        ColumnType::Bool => values!(BooleanArray, rng.bool()),
        ColumnType::Int8 => values!(Int8Array, int(rng) as i8),
        ColumnType::Int16 => values!(Int16Array, int(rng) as i16),
        ColumnType::Int32 => values!(Int32Array, int(rng) as i32),
        ColumnType::Int64 => values!(Int64Array, int(rng)),
        ColumnType::UInt8 => values!(UInt8Array, int(rng) as u8),
        ColumnType::UInt16 => values!(UInt16Array, int(rng) as u16),
        ColumnType::UInt32 => values!(UInt32Array, int(rng) as u32),
        ColumnType::UInt64 => values!(UInt64Array, int(rng) as u64),
        ColumnType::Float32 => values!(Float32Array, float(rng) as f32),
        ColumnType::Float64 => values!(Float64Array, float(rng)),
        ColumnType::Decimal { precision, scale } => {
            let array: Decimal128Array =
                (0..rows).map(|_| (!column.nullable || rng.u8(..5) != 0).then(|| decimal(rng, precision))).collect();
            Arc::new(array.with_precision_and_scale(precision, scale).unwrap())
        }
        ColumnType::Numeric => values!(StringArray, pick(rng, &NUMERICS)),
        ColumnType::Utf8 => values!(StringArray, text(rng)),
        ColumnType::Json => values!(StringArray, pick(rng, &JSON)),
        ColumnType::Binary => values!(BinaryArray, text(rng).into_bytes()),
        ColumnType::Date => values!(Date32Array, date(rng) as i32),
        ColumnType::Time => values!(Time64MicrosecondArray, rng.i64(0..DAY)),
        ColumnType::Timestamp { zoned } => {
            let array: TimestampMicrosecondArray =
                (0..rows).map(|_| (!column.nullable || rng.u8(..5) != 0).then(|| timestamp(rng))).collect();
            Arc::new(if zoned { array.with_timezone("UTC") } else { array })
        }
        ColumnType::Uuid => {
            let mut array = builder::FixedSizeBinaryBuilder::new(16);
            for _ in 0..rows {
                match column.nullable && rng.u8(..5) == 0 {
                    true => array.append_null(),
                    false => array.append_value(rng.u128(..).to_be_bytes()).unwrap(),
                }
            }
            Arc::new(array.finish())
        }
    }
}

impl Maker<'_> {
    /// A constant of a type.
    pub(crate) fn literal(&mut self, ty: Type) -> Expr {
        let rng = &mut *self.rng;
        let literal = match ty.held() {
            Held::Bool => Literal::Bool(rng.bool()),
            Held::Float => match ty {
                Type::Float(32) => Literal::Float(f64::from(float(rng) as f32)),
                _ => Literal::Float(float(rng)),
            },
            Held::Decimal => match ty {
                Type::Decimal { precision, .. } => Literal::Decimal(decimal(rng, precision)),
                _ => unreachable!(),
            },
            Held::Int => Literal::Int(match ty {
                Type::Int(16) => i64::from(int(rng) as i16),
                Type::Int(32) => i64::from(int(rng) as i32),
                Type::Date => date(rng),
                Type::Time => rng.i64(0..DAY),
                Type::Timestamp { .. } => timestamp(rng),
                _ => int(rng),
            }),
            Held::Text => Literal::Text(match ty {
                Type::Json => pick(rng, &JSON).to_owned(),
                Type::Numeric => pick(rng, &NUMERICS).to_owned(),
                _ => text(rng),
            }),
            Held::Bytes => Literal::Bytes(match ty {
                Type::Uuid => rng.u128(..).to_be_bytes().to_vec(),
                _ => text(rng).into_bytes(),
            }),
            Held::Interval => Literal::Interval(Interval {
                months: rng.i32(-30..30),
                days: rng.i32(-70..70),
                micros: int(rng) % (3 * DAY),
            }),
        };
        Expr { kind: Kind::Literal(literal), ty, nullable: false }
    }

    pub(crate) fn int(&mut self, value: i64, ty: Type) -> Expr {
        Expr { kind: Kind::Literal(Literal::Int(value)), ty, nullable: false }
    }

    pub(crate) fn small(&mut self, from: i64, to: i64) -> Expr {
        let value = self.rng.i64(from..to);
        self.int(value, Type::Int(64))
    }

    pub(crate) fn text(&mut self, text: &str) -> Expr {
        Expr { kind: Kind::Literal(Literal::Text(text.to_owned())), ty: Type::Text, nullable: false }
    }
}

fn int(rng: &mut Rng) -> i64 {
    match rng.u8(..4) {
        0 => pick(rng, &INTS),
        1 => rng.i64(..),
        _ => rng.i64(-40..40),
    }
}

fn float(rng: &mut Rng) -> f64 {
    match rng.u8(..3) {
        0 => pick(rng, &FLOATS),
        1 => rng.i64(-1000..1000) as f64 / 8.0,
        _ => (rng.f64() - 0.5) * 10_f64.powi(rng.i32(-12..18)),
    }
}

fn decimal(rng: &mut Rng, precision: u8) -> i128 {
    let most = 10_i128.pow(u32::from(precision)) - 1;
    match rng.u8(..6) {
        0 => 0,
        1 => pick(rng, &[most, -most, 1, -1, most / 2]),
        2 => rng.i128(-most..=most),
        _ => i128::from(rng.i64(-100_000..100_000)).clamp(-most, most),
    }
}

fn date(rng: &mut Rng) -> i64 {
    match rng.u8(..6) {
        0 => pick(rng, &[0, -719_162, 2_932_896, i64::from(i32::MAX), i64::from(i32::MIN)]),
        _ => rng.i64(-20_000..40_000),
    }
}

fn timestamp(rng: &mut Rng) -> i64 {
    match rng.u8(..8) {
        0 => pick(rng, &[0, -1, i64::MAX, i64::MIN, -62_135_596_800_000_000, 253_402_300_799_999_999]),
        _ => rng.i64(-2_000_000_000_000_000..4_000_000_000_000_000),
    }
}

fn text(rng: &mut Rng) -> String {
    match rng.u8(..8) {
        0 => format!("{}{}", pick(rng, &TEXTS), pick(rng, &TEXTS)),
        1 => rng.i64(-1000..100_000).to_string(),
        _ => pick(rng, &TEXTS).to_owned(),
    }
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
