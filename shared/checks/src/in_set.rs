//! `in_set`: a column with one of a few values.

use std::collections::HashSet;
use std::hash::Hash;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use batch::ColumnType;

use crate::Error;
use crate::column::Column;
use crate::exact::Exact;
use crate::quality::InSet;
use crate::row_test::{OtherType, RowTest, failing_texts, failing_values};
use crate::units::Units;
use crate::written_value::WrittenValue;

const FITS: &str = "bool, numbers, text, uuid, dates, times and timestamps";
const REASON: &str = "not one of the values of in_set";

/// Binds a set to its column.
pub(crate) fn compile(check: &str, set: &InSet, column: &Column) -> Result<Box<dyn RowTest>, Error> {
    let values = Values { check, set, column };
    match column.column_type {
        ColumnType::Bool => Ok(Box::new(OneOfTruths { allowed: values.read(|written| written.truth())? })),
        ColumnType::Int8 => values.units::<Int8Type>(0),
        ColumnType::Int16 => values.units::<Int16Type>(0),
        ColumnType::Int32 => values.units::<Int32Type>(0),
        ColumnType::Int64 => values.units::<Int64Type>(0),
        ColumnType::UInt8 => values.units::<UInt8Type>(0),
        ColumnType::UInt16 => values.units::<UInt16Type>(0),
        ColumnType::UInt32 => values.units::<UInt32Type>(0),
        ColumnType::UInt64 => values.units::<UInt64Type>(0),
        ColumnType::Decimal { precision, scale } if precision <= 38 => values.units::<Decimal128Type>(scale),
        ColumnType::Decimal { scale, .. } => values.units::<Decimal256Type>(scale),
        ColumnType::Float32 => values.floats::<Float32Type>(),
        ColumnType::Float64 => values.floats::<Float64Type>(),
        ColumnType::Date => values.moments::<Date32Type>(),
        ColumnType::Time => values.moments::<Time64MicrosecondType>(),
        ColumnType::Timestamp { .. } => values.moments::<TimestampMicrosecondType>(),
        ColumnType::Numeric => values.numerics(),
        ColumnType::Utf8 => Ok(Box::new(OneOfTexts { allowed: values.read(|written| written.text().map(Box::from))? })),
        ColumnType::Uuid => Ok(Box::new(OneOfUuids { allowed: values.read(|written| written.uuid())? })),
        ColumnType::Binary | ColumnType::Json => Err(column.mismatch(check, "in_set", FITS)),
    }
}

struct Values<'a> {
    check: &'a str,
    set: &'a InSet,
    column: &'a Column,
}

impl Values<'_> {
    fn read<T: Eq + Hash>(&self, read: impl Fn(WrittenValue<'_>) -> Result<T, Error>) -> Result<HashSet<T>, Error> {
        let written = |value| WrittenValue { check: self.check, column: self.column, value };
        self.set.values.iter().map(|value| read(written(value))).collect()
    }

    fn units<P>(&self, scale: i8) -> Result<Box<dyn RowTest>, Error>
    where
        P: ArrowPrimitiveType<Native: Eq + Hash + Units>,
    {
        let allowed = self.read(|written| {
            let units = written.whole_units(scale)?;
            P::Native::from_wide(units).ok_or_else(|| written.refused())
        })?;
        Ok(Box::new(OneOf::<P>::new(allowed)))
    }

    fn moments<P>(&self) -> Result<Box<dyn RowTest>, Error>
    where
        P: ArrowPrimitiveType<Native: Eq + Hash + TryFrom<i64>>,
    {
        let allowed = self.read(|written| P::Native::try_from(written.moment()?).map_err(|_| written.refused()))?;
        Ok(Box::new(OneOf::<P>::new(allowed)))
    }

    fn floats<P>(&self) -> Result<Box<dyn RowTest>, Error>
    where
        P: ArrowPrimitiveType<Native: Into<f64> + std::str::FromStr + Send + Sync>,
    {
        let allowed = self.read(|written| written.float::<P::Native>().map(|float| bits(float.into())))?;
        Ok(Box::new(OneOfFloats::<P> { allowed, column: std::marker::PhantomData }))
    }

    fn numerics(&self) -> Result<Box<dyn RowTest>, Error> {
        let allowed = self.read(|written| Ok(canonical(&written.number_text()?)))?;
        Ok(Box::new(OneOfNumerics { allowed }))
    }
}

/// A handful of values is searched faster one by one than by hash.
const FEW: usize = 8;

struct OneOf<P: ArrowPrimitiveType> {
    few: Vec<P::Native>,
    many: HashSet<P::Native>,
}

impl<P: ArrowPrimitiveType<Native: Eq + Hash>> OneOf<P> {
    fn new(allowed: HashSet<P::Native>) -> Self {
        if allowed.len() <= FEW {
            Self { few: allowed.into_iter().collect(), many: HashSet::new() }
        } else {
            Self { few: Vec::new(), many: allowed }
        }
    }
}

impl<P: ArrowPrimitiveType<Native: Eq + Hash>> RowTest for OneOf<P> {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        let array = array.as_primitive_opt::<P>().ok_or(OtherType)?;
        let passes = |value| self.few.contains(&value) || self.many.contains(&value);
        failing_values(array.values(), array.nulls(), passes, |row, _| fail(row, REASON));
        Ok(())
    }
}

/// Floats by their bits; both zeros are one value, and so is every NaN.
struct OneOfFloats<P> {
    allowed: HashSet<u64>,
    column: std::marker::PhantomData<fn() -> P>,
}

impl<P: ArrowPrimitiveType<Native: Into<f64>>> RowTest for OneOfFloats<P> {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        let array = array.as_primitive_opt::<P>().ok_or(OtherType)?;
        let passes = |value: P::Native| self.allowed.contains(&bits(value.into()));
        failing_values(array.values(), array.nulls(), passes, |row, _| fail(row, REASON));
        Ok(())
    }
}

/// The bits of a float such that equal values have equal bits.
pub(crate) fn bits(float: f64) -> u64 {
    if float.is_nan() {
        return f64::NAN.to_bits();
    }
    if float == 0.0 { 0.0_f64.to_bits() } else { float.to_bits() }
}

struct OneOfTruths {
    allowed: HashSet<bool>,
}

impl RowTest for OneOfTruths {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        let array = array.as_boolean_opt().ok_or(OtherType)?;
        let fails = |truth: Option<bool>| truth.is_some_and(|truth| !self.allowed.contains(&truth));
        array.iter().enumerate().filter(|(_, truth)| fails(*truth)).for_each(|(row, _)| fail(row, REASON));
        Ok(())
    }
}

struct OneOfTexts {
    allowed: HashSet<Box<str>>,
}

impl RowTest for OneOfTexts {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        failing_texts(array, |text| self.allowed.contains(text), |row, _| fail(row, REASON))
    }
}

struct OneOfNumerics {
    allowed: HashSet<Vec<u8>>,
}

impl RowTest for OneOfNumerics {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        let mut form = Vec::new();
        let passes = |text: &str| {
            form.clear();
            Exact::parse(text).is_some_and(|number| {
                number.push_canonical(&mut form);
                self.allowed.contains(&form)
            })
        };
        failing_texts(array, passes, |row, _| fail(row, REASON))
    }
}

fn canonical(number: &str) -> Vec<u8> {
    let mut form = Vec::new();
    if let Some(number) = Exact::parse(number) {
        number.push_canonical(&mut form);
    }
    form
}

struct OneOfUuids {
    allowed: HashSet<[u8; 16]>,
}

impl RowTest for OneOfUuids {
    fn judge(&self, array: &ArrayRef, fail: &mut dyn FnMut(usize, &str)) -> Result<(), OtherType> {
        let array = array.as_fixed_size_binary_opt().ok_or(OtherType)?;
        let fails = |uuid: Option<&[u8]>| uuid.is_some_and(|uuid| !self.allowed.contains(uuid));
        array.iter().enumerate().filter(|(_, uuid)| fails(*uuid)).for_each(|(row, _)| fail(row, REASON));
        Ok(())
    }
}
