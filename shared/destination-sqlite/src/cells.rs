//! Arrow columns as SQLite values.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, DecimalType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, PrimitiveArray, RecordBatch};
use arrow_schema::{Field, Schema};
use batch::ColumnType;
use destination::Error;
use sqlx::Arguments;
use sqlx::sqlite::SqliteArguments;

use crate::text;

/// The columns of a batch, each with the way its values are bound.
pub(crate) struct Cells<'a> {
    columns: Vec<Cell<'a>>,
}

struct Cell<'a> {
    name: &'a str,
    array: &'a dyn Array,
    bind: Bind<'a>,
}

/// Binds the value of a row that is not NULL.
type Bind<'a> = Box<dyn Fn(&mut SqliteArguments, usize) -> Result<(), Problem> + Send + Sync + 'a>;

/// Why a value is refused, without the value.
#[derive(Debug)]
enum Problem {
    NotANumber,
    YearOutOfRange,
    Encode(sqlx::error::BoxDynError),
}

impl<'a> Cells<'a> {
    /// Takes the columns in the schema's order.
    pub(crate) fn of(schema: &'a Schema, rows: &'a RecordBatch) -> Result<Self, Error> {
        let given = schema.fields().iter().zip(rows.columns());
        let columns: Vec<Cell<'a>> = given.map(|(field, array)| cell(field, array)).collect::<Result<_, _>>()?;
        if columns.len() == schema.fields().len() && columns.len() == rows.num_columns() {
            Ok(Self { columns })
        } else {
            let (found, expected) = (rows.num_columns(), schema.fields().len());
            Err(Error::Refused { problem: format!("the batch has {found} columns, not {expected}"), cause: None })
        }
    }

    /// The values of these rows, row by row.
    pub(crate) fn arguments(&self, rows: Range<usize>) -> Result<SqliteArguments, Error> {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(rows.len() * self.columns.len(), 0);
        for row in rows {
            for cell in &self.columns {
                cell.bind(&mut arguments, row).map_err(|problem| refused(cell.name, problem))?;
            }
        }
        Ok(arguments)
    }
}

impl Cell<'_> {
    fn bind(&self, arguments: &mut SqliteArguments, row: usize) -> Result<(), Problem> {
        if self.array.is_null(row) { add(arguments, None::<i64>) } else { (self.bind)(arguments, row) }
    }
}

fn cell<'a>(field: &'a Field, array: &'a dyn Array) -> Result<Cell<'a>, Error> {
    let fits = ColumnType::of(field).ok().filter(|column_type| column_type.arrow() == *array.data_type());
    let bind = fits.and_then(|column_type| bind(column_type, array)).ok_or_else(|| {
        let problem = format!("column `{}` came as {}, not {}", field.name(), array.data_type(), field.data_type());
        Error::Refused { problem, cause: None }
    })?;
    Ok(Cell { name: field.name(), array, bind })
}

fn bind<'a>(column_type: ColumnType, array: &'a dyn Array) -> Option<Bind<'a>> {
    match column_type {
        ColumnType::Bool => {
            let array = array.as_boolean_opt()?;
            Some(Box::new(move |arguments, row| add(arguments, i64::from(array.value(row)))))
        }
        ColumnType::Int8 => integers::<Int8Type>(array),
        ColumnType::Int16 => integers::<Int16Type>(array),
        ColumnType::Int32 => integers::<Int32Type>(array),
        ColumnType::Int64 => integers::<Int64Type>(array),
        ColumnType::UInt8 => integers::<UInt8Type>(array),
        ColumnType::UInt16 => integers::<UInt16Type>(array),
        ColumnType::UInt32 => integers::<UInt32Type>(array),
        ColumnType::UInt64 => texts(primitive::<UInt64Type>(array)?, |value| Some(value.to_string())),
        ColumnType::Float32 => floats::<Float32Type>(array),
        ColumnType::Float64 => floats::<Float64Type>(array),
        ColumnType::Decimal { precision, scale } if precision <= 38 => {
            texts(primitive::<Decimal128Type>(array)?, move |value| {
                Some(Decimal128Type::format_decimal(value, precision, scale))
            })
        }
        ColumnType::Decimal { precision, scale } => texts(primitive::<Decimal256Type>(array)?, move |value| {
            Some(Decimal256Type::format_decimal(value, precision, scale))
        }),
        ColumnType::Numeric | ColumnType::Utf8 | ColumnType::Json => {
            let array = array.as_string_opt::<i32>()?;
            Some(Box::new(move |arguments, row| add(arguments, array.value(row))))
        }
        ColumnType::Binary => {
            let array = array.as_binary_opt::<i32>()?;
            Some(Box::new(move |arguments, row| add(arguments, array.value(row))))
        }
        ColumnType::Date => texts(primitive::<Date32Type>(array)?, text::date),
        ColumnType::Time => texts(primitive::<Time64MicrosecondType>(array)?, text::time),
        ColumnType::Timestamp { zoned: false } => texts(primitive::<TimestampMicrosecondType>(array)?, text::timestamp),
        ColumnType::Timestamp { zoned: true } => {
            texts(primitive::<TimestampMicrosecondType>(array)?, text::zoned_timestamp)
        }
        ColumnType::Uuid => {
            let array = array.as_fixed_size_binary_opt()?;
            Some(Box::new(move |arguments, row| add(arguments, text::uuid(array.value(row)))))
        }
    }
}

fn primitive<T: ArrowPrimitiveType>(array: &dyn Array) -> Option<&PrimitiveArray<T>> {
    array.as_primitive_opt::<T>()
}

fn integers<'a, T: ArrowPrimitiveType>(array: &'a dyn Array) -> Option<Bind<'a>>
where
    i64: From<T::Native>,
{
    let array = primitive::<T>(array)?;
    Some(Box::new(move |arguments, row| add(arguments, i64::from(array.value(row)))))
}

fn floats<'a, T: ArrowPrimitiveType>(array: &'a dyn Array) -> Option<Bind<'a>>
where
    f64: From<T::Native>,
{
    let array = primitive::<T>(array)?;
    Some(Box::new(move |arguments, row| {
        let value = f64::from(array.value(row));
        if value.is_nan() { Err(Problem::NotANumber) } else { add(arguments, value) }
    }))
}

/// Values as texts; `None` stands for a time that has none.
fn texts<'a, T: ArrowPrimitiveType>(
    array: &'a PrimitiveArray<T>,
    text_of: impl Fn(T::Native) -> Option<String> + Send + Sync + 'a,
) -> Option<Bind<'a>> {
    Some(Box::new(move |arguments, row| add(arguments, text_of(array.value(row)).ok_or(Problem::YearOutOfRange)?)))
}

fn add<'q, T: sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>>(
    arguments: &mut SqliteArguments,
    value: T,
) -> Result<(), Problem> {
    arguments.add(value).map_err(Problem::Encode)
}

fn refused(column: &str, problem: Problem) -> Error {
    let (reason, cause) = match problem {
        Problem::NotANumber => ("SQLite cannot hold NaN", None),
        Problem::YearOutOfRange => ("a year is before 0000 or after 9999", None),
        Problem::Encode(cause) => ("a value cannot be bound", Some(cause)),
    };
    Error::Refused { problem: format!("column `{column}`: {reason}"), cause }
}
