//! `type`: a text column whose values read as a type.

use arrow_array::ArrayRef;
use batch::ColumnType;

use crate::Error;
use crate::column::Column;
use crate::exact::Exact;
use crate::moment;
use crate::quality::TypeIs;
use crate::row_test::{OtherType, RowTest, failing_texts};
use crate::written_value::parse_uuid;

/// Binds a type to its column.
pub(crate) fn compile(check: &str, type_is: &TypeIs, column: &Column) -> Result<Box<dyn RowTest>, Error> {
    let wanted = read(&type_is.is).map_err(|source| Error::BadType { check: check.to_owned(), source })?;
    if column.column_type != ColumnType::Utf8 {
        return Err(column.mismatch(check, "type", "utf8: a typed column holds nothing else"));
    }
    Ok(Box::new(ReadsAs { wanted, reason: format!("does not read as {wanted}") }))
}

/// Reads the notation of a type.
pub(crate) fn read(notation: &str) -> Result<ColumnType, batch::Error> {
    notation.parse()
}

/// Whether every text reads as the type, so that a check for it could not fail.
pub(crate) fn always_reads(wanted: ColumnType) -> bool {
    matches!(wanted, ColumnType::Utf8 | ColumnType::Binary)
}

struct ReadsAs {
    wanted: ColumnType,
    reason: String,
}

impl RowTest for ReadsAs {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        failing_texts(array, |text| reads_as(text, self.wanted), |row, _| fail(row, &self.reason))
    }
}

/// Whether the whole text, blanks included, is one value of the type.
fn reads_as(text: &str, wanted: ColumnType) -> bool {
    match wanted {
        ColumnType::Bool => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        ColumnType::Int8 => text.parse::<i8>().is_ok(),
        ColumnType::Int16 => text.parse::<i16>().is_ok(),
        ColumnType::Int32 => text.parse::<i32>().is_ok(),
        ColumnType::Int64 => text.parse::<i64>().is_ok(),
        ColumnType::UInt8 => text.parse::<u8>().is_ok(),
        ColumnType::UInt16 => text.parse::<u16>().is_ok(),
        ColumnType::UInt32 => text.parse::<u32>().is_ok(),
        ColumnType::UInt64 => text.parse::<u64>().is_ok(),
        ColumnType::Float32 => reads_as_float(text, |text| text.parse().is_ok_and(f32::is_finite)),
        ColumnType::Float64 => reads_as_float(text, |text| text.parse().is_ok_and(f64::is_finite)),
        ColumnType::Decimal { precision, scale } => {
            Exact::parse(text).is_some_and(|number| number.fits(precision, scale))
        }
        ColumnType::Numeric => Exact::parse(text).is_some() || is_beyond_numbers(text),
        ColumnType::Date => moment::parse_date(text).is_some(),
        ColumnType::Time => moment::parse_time(text).is_some(),
        ColumnType::Timestamp { zoned } => moment::parse_timestamp(text, zoned).is_some(),
        ColumnType::Json => serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(),
        ColumnType::Uuid => parse_uuid(text).is_some(),
        ColumnType::Utf8 | ColumnType::Binary => true,
    }
}

/// A number that is beyond the type reads as infinity, which is not what was written.
fn reads_as_float(text: &str, reads_finite: impl Fn(&str) -> bool) -> bool {
    reads_finite(text) || is_beyond_numbers(text)
}

fn is_beyond_numbers(text: &str) -> bool {
    let name = text.strip_prefix(['-', '+']).unwrap_or(text);
    ["inf", "infinity", "nan"].iter().any(|beyond| name.eq_ignore_ascii_case(beyond))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_takes_its_own_texts_and_no_others() {
        for (notation, good, bad) in [
            ("bool", &["true", "FALSE"][..], &["", "1", "yes", " true"][..]),
            ("int8", &["-128", "127", "+5"], &["128", "1.0", "1e2", ""]),
            ("uint64", &["0", "18446744073709551615"], &["18446744073709551616", "-1"]),
            ("float32", &["1.5", "1e38", "NaN", "-Infinity"], &["1e39", "", "1,5"]),
            ("float64", &["1e308", ".5"], &["1e309", "abc"]),
            ("decimal(5,2)", &["999.99", "1e2", "-0.10"], &["1000", "0.001", "NaN"]),
            ("numeric", &["1e400", "123456789012345678901234567890.5", "NaN"], &["", "one"]),
            ("date", &["2012-02-29", "9999-12-31"], &["2013-02-29", "2013-1-1"]),
            ("time", &["05:17", "23:59:59.999999"], &["24:00", "5:17"]),
            ("timestamp", &["2013-01-01 05:17", "2013-01-01"], &["2013-01-01T05:17:00Z"]),
            ("timestamp(us,UTC)", &["2013-01-01T05:17:00+08:00"], &["2013-01-01T05:17:00"]),
            ("json", &["{\"a\": [1, null]}", "\"x\"", "3"], &["", "{", "{} {}"]),
            ("uuid", &["0190a8c4-5b6e-7c3d-8f21-0123456789AB"], &["0190a8c45b6e-7c3d-8f21-0123456789ab-", "x"]),
        ] {
            let wanted = read(notation).unwrap();
            for text in good {
                assert!(reads_as(text, wanted), "{notation} {text}");
            }
            for text in bad {
                assert!(!reads_as(text, wanted), "{notation} {text}");
            }
        }
    }
}
