//! A compiled rule at work in the sandbox.
#![allow(dead_code, reason = "no test uses everything")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use batch::ColumnType;
use flow::{StreamName, SyncName, Timestamp};
use rules::plan::{Column, Plan};
use sandbox::{Context, Guest, Limits, Output, Sandbox};
use serde_json::Value;

/// Columns by their notation: `id:int64,name:utf8?`.
pub(crate) fn columns(notation: &str) -> Vec<Column> {
    let schema = batch::schema::parse_notation(notation).unwrap();
    let column = |field: &arrow_schema::FieldRef| Column {
        name: field.name().clone(),
        column_type: ColumnType::of(field).unwrap(),
        nullable: field.is_nullable(),
    };
    schema.fields().iter().map(column).collect()
}

pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let field = |column: &Column| column.column_type.field(&column.name, column.nullable);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// The plan of a rule's text.
pub(crate) fn plan(text: &str, input: &str) -> Plan {
    rules::compile_sql(text, &columns(input)).unwrap_or_else(|error| panic!("{error}"))
}

/// The compiled plan, opened for its input.
pub(crate) fn open(plan: &Plan) -> Guest {
    open_for(plan, &schema(&plan.input), &Value::Null, Limits::default()).unwrap()
}

pub(crate) fn open_for(
    plan: &Plan,
    input: &SchemaRef,
    config: &Value,
    limits: Limits,
) -> Result<Guest, sandbox::Error> {
    let component = rules::component(plan).unwrap();
    let prepared = sandbox_compiler::prepare(&component).unwrap();
    let sandbox = Sandbox::new(limits).unwrap();
    let module = sandbox.load(&prepared.artifact, &prepared.artifact_digest, &prepared.digest).unwrap();
    module.open(input, config, &context())
}

/// The run's clock in all tests.
pub(crate) const CLOCK: &str = "2026-03-01T12:30:00Z";

pub(crate) fn context() -> Context {
    let run_clock: Timestamp = CLOCK.parse().unwrap();
    Context { sync: SyncName::new("orders").unwrap(), stream: StreamName::new("orders").unwrap(), run_clock }
}

/// Rows written as text, `∅` for NULL: a column of any type that can be read from its text.
pub(crate) fn rows(columns: &[Column], table: &[&[&str]]) -> RecordBatch {
    let arrays = columns.iter().enumerate().map(|(place, column)| {
        let texts: Vec<Option<&str>> =
            table.iter().map(|row| row[place]).map(|text| (text != "∅").then_some(text)).collect();
        array(column.column_type, &texts)
    });
    let arrays = arrays.collect();
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(table.len()));
    RecordBatch::try_new_with_options(schema(columns), arrays, &options).unwrap()
}

fn array(column_type: ColumnType, texts: &[Option<&str>]) -> arrow_array::ArrayRef {
    use arrow_array::*;
    macro_rules! numbers {
        ($array:ty) => {
            Arc::new(texts.iter().map(|text| text.map(|text| text.parse().unwrap())).collect::<$array>()) as ArrayRef
        };
    }
    match column_type {
        ColumnType::Bool => {
            Arc::new(texts.iter().map(|text| text.map(|text| text == "true")).collect::<BooleanArray>())
        }
        ColumnType::Int8 => numbers!(Int8Array),
        ColumnType::Int16 => numbers!(Int16Array),
        ColumnType::Int32 => numbers!(Int32Array),
        ColumnType::Int64 => numbers!(Int64Array),
        ColumnType::UInt8 => numbers!(UInt8Array),
        ColumnType::UInt16 => numbers!(UInt16Array),
        ColumnType::UInt32 => numbers!(UInt32Array),
        ColumnType::UInt64 => numbers!(UInt64Array),
        ColumnType::Float32 => numbers!(Float32Array),
        ColumnType::Float64 => numbers!(Float64Array),
        ColumnType::Date => numbers!(Date32Array),
        ColumnType::Time => numbers!(Time64MicrosecondArray),
        ColumnType::Timestamp { zoned } => {
            let array = texts.iter().map(|text| text.map(|text| text.parse::<i64>().unwrap()));
            let array = array.collect::<TimestampMicrosecondArray>();
            Arc::new(if zoned { array.with_timezone("UTC") } else { array })
        }
        ColumnType::Decimal { precision, scale } => {
            let array = texts.iter().map(|text| text.map(|text| text.replace('.', "").parse::<i128>().unwrap()));
            let array = array.collect::<Decimal128Array>();
            Arc::new(array.with_precision_and_scale(precision, scale).unwrap())
        }
        ColumnType::Binary => Arc::new(texts.iter().map(|text| text.map(str::as_bytes)).collect::<BinaryArray>()),
        ColumnType::Uuid => {
            let mut array = arrow_array::builder::FixedSizeBinaryBuilder::new(16);
            for text in texts {
                match text {
                    Some(text) => array.append_value(u128::from_str_radix(text, 16).unwrap().to_be_bytes()).unwrap(),
                    None => array.append_null(),
                }
            }
            Arc::new(array.finish())
        }
        ColumnType::Utf8 | ColumnType::Json | ColumnType::Numeric => {
            Arc::new(texts.iter().copied().collect::<StringArray>())
        }
    }
}

/// The output's rows as texts, `∅` for NULL; decimals as their unscaled numbers.
pub(crate) fn texts(output: &RecordBatch) -> Vec<Vec<String>> {
    (0..output.num_rows())
        .map(|row| output.columns().iter().map(|column| text(column.as_ref(), row)).collect())
        .collect()
}

fn text(array: &dyn arrow_array::Array, row: usize) -> String {
    use arrow_array::cast::AsArray;
    use arrow_array::types::*;
    use arrow_schema::{DataType, TimeUnit};
    if array.is_null(row) {
        return "∅".to_owned();
    }
    match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).to_string(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).to_string(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).to_string(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).to_string(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float32 => array.as_primitive::<Float32Type>().value(row).to_string(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Decimal128(_, _) => array.as_primitive::<Decimal128Type>().value(row).to_string(),
        DataType::Date32 => array.as_primitive::<Date32Type>().value(row).to_string(),
        DataType::Time64(_) => array.as_primitive::<Time64MicrosecondType>().value(row).to_string(),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            array.as_primitive::<TimestampMicrosecondType>().value(row).to_string()
        }
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Binary => String::from_utf8_lossy(array.as_binary::<i32>().value(row)).into_owned(),
        DataType::FixedSizeBinary(_) => {
            array.as_fixed_size_binary().value(row).iter().map(|byte| format!("{byte:02x}")).collect()
        }
        other => panic!("no text for {other}"),
    }
}

/// The rejects as row, code, column.
pub(crate) fn rejects(output: &Output) -> Vec<(u32, &str, Option<&str>)> {
    output.rejects.iter().map(|reject| (reject.row, reject.code.as_str(), reject.column.as_deref())).collect()
}
