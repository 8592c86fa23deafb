//! `range`: a column between two bounds, both included.

use std::cmp::Ordering;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::i256;
use batch::ColumnType;

use crate::Error;
use crate::column::Column;
use crate::exact::{Exact, Rounding, Scaled};
use crate::quality::Range;
use crate::row_test::{OtherType, RowTest, failing_texts, failing_values};
use crate::units::Units;
use crate::written_value::{WrittenValue, shown};

const FITS: &str = "numbers, dates, times and timestamps";
const NOT_A_NUMBER: &str = "NaN where a range is set";

/// Binds a range to its column.
pub(crate) fn compile(check: &str, range: &Range, column: &Column) -> Result<Box<dyn RowTest>, Error> {
    let bounds = Bounds { check, range, column };
    match column.column_type {
        ColumnType::Int8 => bounds.units::<Int8Type>(0),
        ColumnType::Int16 => bounds.units::<Int16Type>(0),
        ColumnType::Int32 => bounds.units::<Int32Type>(0),
        ColumnType::Int64 => bounds.units::<Int64Type>(0),
        ColumnType::UInt8 => bounds.units::<UInt8Type>(0),
        ColumnType::UInt16 => bounds.units::<UInt16Type>(0),
        ColumnType::UInt32 => bounds.units::<UInt32Type>(0),
        ColumnType::UInt64 => bounds.units::<UInt64Type>(0),
        ColumnType::Decimal { precision, scale } if precision <= 38 => bounds.units::<Decimal128Type>(scale),
        ColumnType::Decimal { scale, .. } => bounds.units::<Decimal256Type>(scale),
        ColumnType::Float32 => bounds.floats::<Float32Type>(f32::NEG_INFINITY, f32::INFINITY),
        ColumnType::Float64 => bounds.floats::<Float64Type>(f64::NEG_INFINITY, f64::INFINITY),
        ColumnType::Date => bounds.moments::<Date32Type>(),
        ColumnType::Time => bounds.moments::<Time64MicrosecondType>(),
        ColumnType::Timestamp { .. } => bounds.moments::<TimestampMicrosecondType>(),
        ColumnType::Numeric => bounds.numerics(),
        ColumnType::Bool | ColumnType::Utf8 | ColumnType::Binary | ColumnType::Json | ColumnType::Uuid => {
            Err(column.mismatch(check, "range", FITS))
        }
    }
}

struct Bounds<'a> {
    check: &'a str,
    range: &'a Range,
    column: &'a Column,
}

impl Bounds<'_> {
    fn units<P>(&self, scale: i8) -> Result<Box<dyn RowTest>, Error>
    where
        P: ArrowPrimitiveType<Native: Units>,
    {
        let (least, greatest) = self.numbers()?;
        let scaled = |text: &Option<String>, rounding| {
            text.as_deref().and_then(Exact::parse).map(|number| number.scaled(scale, rounding))
        };
        Ok(Box::new(Between::<P>::new(scaled(&least, Rounding::Up), scaled(&greatest, Rounding::Down), self.reasons())))
    }

    fn moments<P>(&self) -> Result<Box<dyn RowTest>, Error>
    where
        P: ArrowPrimitiveType<Native: Units>,
    {
        let least = self.min(|written| written.moment())?;
        let greatest = self.max(|written| written.moment())?;
        self.refuse_empty(&least, &greatest)?;
        let wide = |moment: Option<i64>| moment.map(|moment| Scaled::At(i256::from_i128(i128::from(moment))));
        Ok(Box::new(Between::<P>::new(wide(least), wide(greatest), self.reasons())))
    }

    fn floats<P>(&self, lowest: P::Native, highest: P::Native) -> Result<Box<dyn RowTest>, Error>
    where
        P: ArrowPrimitiveType<Native: PartialOrd + std::str::FromStr + Send + Sync>,
    {
        let float = |written: WrittenValue<'_>| {
            let bound: P::Native = written.float()?;
            // NaN alone is not equal to itself, and bounds nothing.
            if bound.partial_cmp(&bound).is_some() { Ok(bound) } else { Err(written.refused()) }
        };
        let (least, greatest) = (self.min(float)?, self.max(float)?);
        self.refuse_empty(&least, &greatest)?;
        Ok(Box::new(FloatsBetween::<P> {
            least: least.unwrap_or(lowest),
            greatest: greatest.unwrap_or(highest),
            reasons: self.reasons(),
        }))
    }

    fn numerics(&self) -> Result<Box<dyn RowTest>, Error> {
        let (least, greatest) = self.numbers()?;
        Ok(Box::new(NumericsBetween { least, greatest, reasons: self.reasons() }))
    }

    /// The texts of both bounds, checked to be numbers in order.
    fn numbers(&self) -> Result<(Option<String>, Option<String>), Error> {
        let least = self.min(|written| written.number_text())?;
        let greatest = self.max(|written| written.number_text())?;
        self.refuse_empty(&least.as_deref().and_then(Exact::parse), &greatest.as_deref().and_then(Exact::parse))?;
        Ok((least, greatest))
    }

    fn min<T>(&self, read: impl Fn(WrittenValue<'_>) -> Result<T, Error>) -> Result<Option<T>, Error> {
        self.range.min.as_ref().map(|value| read(self.written(value))).transpose()
    }

    fn max<T>(&self, read: impl Fn(WrittenValue<'_>) -> Result<T, Error>) -> Result<Option<T>, Error> {
        self.range.max.as_ref().map(|value| read(self.written(value))).transpose()
    }

    fn written<'a>(&'a self, value: &'a serde_json::Value) -> WrittenValue<'a> {
        WrittenValue { check: self.check, column: self.column, value }
    }

    fn refuse_empty<T: PartialOrd>(&self, least: &Option<T>, greatest: &Option<T>) -> Result<(), Error> {
        match (least, greatest) {
            (Some(min), Some(max)) if min > max => Err(self.empty()),
            _ => Ok(()),
        }
    }

    fn empty(&self) -> Error {
        let text = |value: &Option<serde_json::Value>| value.as_ref().map(shown).unwrap_or_default();
        Error::EmptyRange { check: self.check.to_owned(), min: text(&self.range.min), max: text(&self.range.max) }
    }

    fn reasons(&self) -> Reasons {
        let text = |side: &str, value: &Option<serde_json::Value>| {
            value.as_ref().map(|value| format!("{side} {}", shown(value))).unwrap_or_default()
        };
        Reasons { below: text("below the minimum", &self.range.min), above: text("above the maximum", &self.range.max) }
    }
}

struct Reasons {
    below: String,
    above: String,
}

/// Whole units between two bounds. A bound beyond the native type lets all pass or none.
struct Between<P: ArrowPrimitiveType<Native: Units>> {
    least: P::Native,
    greatest: P::Native,
    all_below: bool,
    all_above: bool,
    reasons: Reasons,
}

impl<P: ArrowPrimitiveType<Native: Units>> Between<P> {
    fn new(least: Option<Scaled>, greatest: Option<Scaled>, reasons: Reasons) -> Self {
        let least = least.map_or(Some(P::Native::LEAST), |bound| match place::<P::Native>(bound) {
            Scaled::BelowAll => Some(P::Native::LEAST),
            Scaled::At(units) => P::Native::from_wide(units),
            Scaled::AboveAll => None,
        });
        let greatest = greatest.map_or(Some(P::Native::GREATEST), |bound| match place::<P::Native>(bound) {
            Scaled::BelowAll => None,
            Scaled::At(units) => P::Native::from_wide(units),
            Scaled::AboveAll => Some(P::Native::GREATEST),
        });
        Self {
            least: least.unwrap_or(P::Native::GREATEST),
            greatest: greatest.unwrap_or(P::Native::LEAST),
            all_below: least.is_none(),
            all_above: greatest.is_none(),
            reasons,
        }
    }
}

/// Where a bound lies when the native type is all there is.
fn place<T: Units>(bound: Scaled) -> Scaled {
    match bound {
        Scaled::At(units) if T::from_wide(units).is_none() && units.is_negative() => Scaled::BelowAll,
        Scaled::At(units) if T::from_wide(units).is_none() => Scaled::AboveAll,
        bound => bound,
    }
}

impl<P: ArrowPrimitiveType<Native: Units>> RowTest for Between<P> {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        let array = array.as_primitive_opt::<P>().ok_or(OtherType)?;
        let (least, greatest, none) = (self.least, self.greatest, self.all_below | self.all_above);
        failing_values(
            array.values(),
            array.nulls(),
            |value| !none & (value >= least) & (value <= greatest),
            |row, value| {
                let is_below = self.all_below || (!self.all_above && value < least);
                fail(row, if is_below { &self.reasons.below } else { &self.reasons.above });
            },
        );
        Ok(())
    }
}

/// Floats between two bounds; NaN is not between any.
struct FloatsBetween<P: ArrowPrimitiveType> {
    least: P::Native,
    greatest: P::Native,
    reasons: Reasons,
}

impl<P: ArrowPrimitiveType<Native: PartialOrd + Send + Sync>> RowTest for FloatsBetween<P> {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        let array = array.as_primitive_opt::<P>().ok_or(OtherType)?;
        failing_values(
            array.values(),
            array.nulls(),
            |value| (value >= self.least) & (value <= self.greatest),
            |row, value| {
                let reason = match value.partial_cmp(&self.least) {
                    None => NOT_A_NUMBER,
                    Some(Ordering::Less) => &self.reasons.below,
                    Some(_) => &self.reasons.above,
                };
                fail(row, reason);
            },
        );
        Ok(())
    }
}

/// Numbers of any size between two bounds. Infinities lie beyond every bound, NaN between none.
struct NumericsBetween {
    least: Option<String>,
    greatest: Option<String>,
    reasons: Reasons,
}

impl NumericsBetween {
    fn failure(&self, text: &str, least: Option<Exact<'_>>, greatest: Option<Exact<'_>>) -> Option<&str> {
        let (is_below, is_above) = match Exact::parse(text) {
            Some(number) => (least.is_some_and(|bound| number < bound), greatest.is_some_and(|bound| number > bound)),
            None => match text.to_ascii_lowercase().as_str() {
                "-infinity" | "-inf" => (least.is_some(), false),
                "infinity" | "inf" | "+infinity" | "+inf" => (false, greatest.is_some()),
                _ => return Some(NOT_A_NUMBER),
            },
        };
        match (is_below, is_above) {
            (true, _) => Some(&self.reasons.below),
            (_, true) => Some(&self.reasons.above),
            _ => None,
        }
    }
}

impl RowTest for NumericsBetween {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        let least = self.least.as_deref().and_then(Exact::parse);
        let greatest = self.greatest.as_deref().and_then(Exact::parse);
        failing_texts(
            array,
            |text| self.failure(text, least, greatest).is_none(),
            |row, text| fail(row, self.failure(text, least, greatest).unwrap_or(NOT_A_NUMBER)),
        )
    }
}
