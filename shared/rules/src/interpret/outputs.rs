use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, FixedSizeBinaryBuilder, Float32Builder,
    Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow_schema::Schema;
use batch::ColumnType;

use super::error::Error;
use super::row::Stop;
use super::value::Value;
use crate::plan::{Output, Plan};

/// The computed columns as they grow.
pub(super) struct Builders {
    columns: Vec<Builder>,
}

enum Builder {
    Bool(BooleanBuilder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Decimal(Decimal128Builder),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Timestamp(TimestampMicrosecondBuilder),
    Uuid(FixedSizeBinaryBuilder),
    /// A type no expression has.
    None,
}

impl Builders {
    pub(super) fn of(plan: &Plan) -> Self {
        let columns = plan.outputs.iter().filter_map(|output| match output {
            Output::Computed { column_type, .. } => Some(Builder::of(*column_type)),
            Output::Passed { .. } => None,
        });
        Builders { columns: columns.collect() }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, values: &[Value<'_>]) -> Result<(), Error> {
        for (builder, value) in self.columns.iter_mut().zip(values) {
            builder.push(*value)?;
        }
        Ok(())
    }

    /// The output: computed columns, and passed ones of the rows that stay.
    pub(super) fn finish(self, plan: &Plan, input: &RecordBatch, rows: &UInt32Array) -> Result<RecordBatch, Error> {
        let mut computed = self.columns.into_iter();
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for output in &plan.outputs {
            match output {
                Output::Passed { name, column } => {
                    let (Some(array), Some(field)) = (input.columns().get(*column), plan.input.get(*column)) else {
                        return Err(Error::Plan("a passed column that is not there"));
                    };
                    fields.push(field.column_type.field(name, field.nullable));
                    arrays.push(arrow_select::take::take(array, rows, None).map_err(Error::Output)?);
                }
                Output::Computed { name, column_type, nullable, .. } => {
                    let builder = computed.next().ok_or(Error::Plan("a column without values"))?;
                    fields.push(column_type.field(name, *nullable));
                    arrays.push(builder.finish()?);
                }
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).map_err(Error::Output)
    }
}

impl Builder {
    fn of(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Bool => Builder::Bool(BooleanBuilder::new()),
            ColumnType::Int16 => Builder::Int16(Int16Builder::new()),
            ColumnType::Int32 => Builder::Int32(Int32Builder::new()),
            ColumnType::Int64 => Builder::Int64(Int64Builder::new()),
            ColumnType::Float32 => Builder::Float32(Float32Builder::new()),
            ColumnType::Float64 => Builder::Float64(Float64Builder::new()),
            ColumnType::Decimal { precision: ..=38, .. } => {
                Builder::Decimal(Decimal128Builder::new().with_data_type(column_type.arrow()))
            }
            ColumnType::Numeric | ColumnType::Utf8 | ColumnType::Json => Builder::Text(StringBuilder::new()),
            ColumnType::Binary => Builder::Bytes(BinaryBuilder::new()),
            ColumnType::Date => Builder::Date(Date32Builder::new()),
            ColumnType::Time => Builder::Time(Time64MicrosecondBuilder::new()),
            ColumnType::Timestamp { .. } => {
                Builder::Timestamp(TimestampMicrosecondBuilder::new().with_data_type(column_type.arrow()))
            }
            ColumnType::Uuid => Builder::Uuid(FixedSizeBinaryBuilder::new(16)),
            ColumnType::Int8
            | ColumnType::UInt8
            | ColumnType::UInt16
            | ColumnType::UInt32
            | ColumnType::UInt64
            | ColumnType::Decimal { .. } => Builder::None,
        }
    }

    fn push(&mut self, value: Value<'_>) -> Result<(), Error> {
        const TOO_LARGE: Error = Error::Plan("a number beyond its column");
        let given = |value: Value<'_>| !value.is_null();
        let wrong = |stop: Stop| match stop {
            Stop::Plan(what) => Error::Plan(what),
            Stop::Fault { .. } => Error::Plan("a fault where none can be"),
        };
        let int = |value: Value<'_>| given(value).then(|| value.int()).transpose().map_err(wrong);
        let float = |value: Value<'_>| given(value).then(|| value.float()).transpose().map_err(wrong);
        match self {
            Builder::Bool(builder) => builder.append_option(value.truth().map_err(wrong)?),
            Builder::Int16(builder) => {
                let value = int(value)?.map(i16::try_from).transpose().map_err(|_| TOO_LARGE)?;
                builder.append_option(value);
            }
            Builder::Int32(builder) => {
                let value = int(value)?.map(i32::try_from).transpose().map_err(|_| TOO_LARGE)?;
                builder.append_option(value);
            }
            Builder::Int64(builder) => builder.append_option(int(value)?),
            // Every NaN is the same one.
            Builder::Float32(builder) => {
                builder.append_option(float(value)?.map(|value| if value.is_nan() { f32::NAN } else { value as f32 }));
            }
            Builder::Float64(builder) => {
                builder.append_option(float(value)?.map(|value| if value.is_nan() { f64::NAN } else { value }));
            }
            Builder::Decimal(builder) => {
                builder.append_option(given(value).then(|| value.decimal()).transpose().map_err(wrong)?);
            }
            Builder::Text(builder) => {
                builder.append_option(given(value).then(|| value.text()).transpose().map_err(wrong)?);
            }
            Builder::Bytes(builder) => {
                builder.append_option(given(value).then(|| value.bytes()).transpose().map_err(wrong)?);
            }
            Builder::Date(builder) => {
                let value = int(value)?.map(i32::try_from).transpose().map_err(|_| TOO_LARGE)?;
                builder.append_option(value);
            }
            Builder::Time(builder) => builder.append_option(int(value)?),
            Builder::Timestamp(builder) => builder.append_option(int(value)?),
            Builder::Uuid(builder) if value.is_null() => builder.append_null(),
            Builder::Uuid(builder) => {
                builder.append_value(value.bytes().map_err(wrong)?).map_err(Error::Output)?;
            }
            Builder::None => return Err(Error::Plan("a computed column of a type no expression has")),
        }
        Ok(())
    }

    fn finish(self) -> Result<ArrayRef, Error> {
        Ok(match self {
            Builder::Bool(mut builder) => Arc::new(builder.finish()),
            Builder::Int16(mut builder) => Arc::new(builder.finish()),
            Builder::Int32(mut builder) => Arc::new(builder.finish()),
            Builder::Int64(mut builder) => Arc::new(builder.finish()),
            Builder::Float32(mut builder) => Arc::new(builder.finish()),
            Builder::Float64(mut builder) => Arc::new(builder.finish()),
            Builder::Decimal(mut builder) => Arc::new(builder.finish()),
            Builder::Text(mut builder) => Arc::new(builder.finish()),
            Builder::Bytes(mut builder) => Arc::new(builder.finish()),
            Builder::Date(mut builder) => Arc::new(builder.finish()),
            Builder::Time(mut builder) => Arc::new(builder.finish()),
            Builder::Timestamp(mut builder) => Arc::new(builder.finish()),
            Builder::Uuid(mut builder) => Arc::new(builder.finish()),
            Builder::None => return Err(Error::Plan("a computed column of a type no expression has")),
        })
    }
}
