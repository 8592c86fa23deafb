//! Rows made by chance: NULLs, extremes, letters of all lengths, blanks, days at the edges.

use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type, Time64MicrosecondType,
    TimestampMicrosecondType,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int16Array,
    Int32Array, Int64Array, RecordBatch, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Schema};
use batch::ColumnType;
use bumpalo::Bump;
use fastrand::Rng;
use rules::plan::Column;
use rules_runtime::functions::cast;

use super::choices;

/// The columns of every table: name, notation, PostgreSQL's type.
pub(crate) const COLUMNS: &[(&str, &str, &str)] = &[
    ("id", "int64", "bigint"),
    ("small", "int16", "smallint"),
    ("count", "int32", "integer"),
    ("num", "int64", "bigint"),
    ("amount", "decimal(12,2)", "numeric(12,2)"),
    ("price", "decimal(20,6)", "numeric(20,6)"),
    ("big", "decimal(38,10)", "numeric(38,10)"),
    ("loose", "numeric", "numeric"),
    ("rate", "float64", "double precision"),
    ("ratio", "float32", "real"),
    ("flag", "bool", "boolean"),
    ("name", "utf8", "text"),
    ("note", "utf8", "text"),
    ("stamp", "utf8", "text"),
    ("odd", "utf8", "text"),
    ("day", "date", "date"),
    ("clock", "time", "time"),
    ("local", "timestamp", "timestamp"),
    ("at", "timestamp(us,UTC)", "timestamptz"),
    ("doc", "json", "json"),
    ("raw", "binary", "bytea"),
    ("uid", "uuid", "uuid"),
];

/// The columns of a rule over such a table.
pub(crate) fn columns() -> Vec<Column> {
    let column = |(name, notation, _): &(&str, &str, &str)| Column {
        name: (*name).to_owned(),
        column_type: notation.parse().unwrap(),
        nullable: *name != "id",
    };
    COLUMNS.iter().map(column).collect()
}

/// Rows as the texts that PostgreSQL reads, and as a batch.
pub(crate) struct Table {
    /// By row, then by column; none for NULL.
    pub(crate) texts: Vec<Vec<Option<String>>>,
    /// The same rows.
    pub(crate) batch: RecordBatch,
}

impl Table {
    /// So many rows.
    pub(crate) fn new(chance: &mut Rng, rows: usize) -> Self {
        Self::of((0..rows).map(|row| new_row(chance, row)).collect())
    }

    /// A row for each of these values of one column; the others are NULL.
    pub(crate) fn of_column(column: &str, values: &[&str]) -> Self {
        let row = |(row, value): (usize, &&str)| {
            let at = |(name, _, _): &(&str, &str, &str)| match *name {
                "id" => Some(row.to_string()),
                name => (name == column).then(|| (*value).to_owned()),
            };
            COLUMNS.iter().map(at).collect()
        };
        Self::of(values.iter().enumerate().map(row).collect())
    }

    fn of(texts: Vec<Vec<Option<String>>>) -> Self {
        let columns = columns();
        let arrays = columns.iter().enumerate().map(|(place, column)| {
            let values: Vec<Option<&str>> = texts.iter().map(|row| row[place].as_deref()).collect();
            array(column.column_type, &values)
        });
        let arrays = arrays.collect();
        let fields: Vec<_> =
            columns.iter().map(|column| column.column_type.field(&column.name, column.nullable)).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
        Self { texts, batch }
    }

    /// The rows as the list behind `VALUES`, each value a literal of its type.
    pub(crate) fn sql(&self) -> String {
        let rows: Vec<String> = self
            .texts
            .iter()
            .map(|row| {
                let values = row.iter().zip(COLUMNS).map(|(value, (_, _, sql_type))| match value {
                    None => "NULL".to_owned(),
                    Some(text) => format!("{}::{sql_type}", choices::quoted(text)),
                });
                format!("({})", values.collect::<Vec<_>>().join(", "))
            })
            .collect();
        rows.join(",\n")
    }
}

fn new_row(chance: &mut Rng, row: usize) -> Vec<Option<String>> {
    COLUMNS
        .iter()
        .map(|(name, _, _)| {
            if *name == "id" {
                return Some(row.to_string());
            }
            if chance.u8(0..8) == 0 { None } else { Some(choices::value(chance, name)) }
        })
        .collect()
}

fn array(column_type: ColumnType, texts: &[Option<&str>]) -> ArrayRef {
    let arena = Bump::new();
    macro_rules! read {
        ($array:ty, $read:expr) => {
            texts.iter().map(|text| text.map($read)).collect::<$array>()
        };
    }
    match column_type {
        ColumnType::Bool => Arc::new(read!(BooleanArray, |text| cast::text_to_bool(text).unwrap())),
        ColumnType::Int16 => Arc::new(read!(Int16Array, |text| text.parse().unwrap())),
        ColumnType::Int32 => Arc::new(read!(Int32Array, |text| text.parse().unwrap())),
        ColumnType::Int64 => Arc::new(read!(Int64Array, |text| text.parse().unwrap())),
        ColumnType::Float32 => Arc::new(read!(Float32Array, |text| text.parse().unwrap())),
        ColumnType::Float64 => Arc::new(read!(Float64Array, |text| text.parse().unwrap())),
        ColumnType::Decimal { precision, scale } => {
            let read =
                read!(Decimal128Array, |text| cast::text_to_decimal(text, precision, scale.unsigned_abs()).unwrap());
            Arc::new(read.with_precision_and_scale(precision, scale).unwrap())
        }
        ColumnType::Numeric | ColumnType::Utf8 | ColumnType::Json => {
            Arc::new(texts.iter().copied().collect::<StringArray>())
        }
        ColumnType::Date => {
            Arc::new(read!(Date32Array, |text| i32::try_from(cast::text_to_date(text).unwrap()).unwrap()))
        }
        ColumnType::Time => Arc::new(read!(Time64MicrosecondArray, |text| cast::text_to_time(text).unwrap())),
        ColumnType::Timestamp { zoned } => {
            let read = read!(TimestampMicrosecondArray, |text| cast::text_to_timestamp(text).unwrap());
            Arc::new(if zoned { read.with_timezone("UTC") } else { read })
        }
        ColumnType::Binary => {
            let bytes = texts.iter().map(|text| text.map(|text| cast::text_to_bytes(text, &arena).unwrap()));
            Arc::new(bytes.collect::<BinaryArray>())
        }
        ColumnType::Uuid => {
            let mut builder = FixedSizeBinaryBuilder::new(16);
            for text in texts {
                match text {
                    Some(text) => builder.append_value(cast::text_to_uuid(text, &arena).unwrap()).unwrap(),
                    None => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        other => panic!("no values of {other}"),
    }
}

/// A value as PostgreSQL writes it; none for NULL.
pub(crate) fn text_at(array: &dyn Array, row: usize) -> Option<String> {
    if array.is_null(row) {
        return None;
    }
    let arena = Bump::new();
    let text: &str = match array.data_type() {
        DataType::Boolean => cast::bool_to_text(array.as_boolean().value(row)),
        DataType::Int16 => cast::int_to_text(array.as_primitive::<Int16Type>().value(row).into(), &arena),
        DataType::Int32 => cast::int_to_text(array.as_primitive::<Int32Type>().value(row).into(), &arena),
        DataType::Int64 => cast::int_to_text(array.as_primitive::<Int64Type>().value(row), &arena),
        DataType::Float32 => cast::float_to_text(array.as_primitive::<Float32Type>().value(row).into(), 32, &arena),
        DataType::Float64 => cast::float_to_text(array.as_primitive::<Float64Type>().value(row), 64, &arena),
        DataType::Decimal128(_, scale) => {
            cast::decimal_to_text(array.as_primitive::<Decimal128Type>().value(row), scale.unsigned_abs(), &arena)
        }
        DataType::Date32 => cast::date_to_text(array.as_primitive::<Date32Type>().value(row).into(), &arena).unwrap(),
        DataType::Time64(_) => cast::time_to_text(array.as_primitive::<Time64MicrosecondType>().value(row), &arena),
        DataType::Timestamp(_, zone) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            cast::timestamp_to_text(micros, zone.is_some(), &arena).unwrap()
        }
        DataType::Utf8 => array.as_string::<i32>().value(row),
        DataType::Binary => cast::bytes_to_text(array.as_binary::<i32>().value(row), &arena).unwrap(),
        DataType::FixedSizeBinary(_) => cast::uuid_to_text(array.as_fixed_size_binary().value(row), &arena),
        other => panic!("no text for {other}"),
    };
    Some(text.to_owned())
}
