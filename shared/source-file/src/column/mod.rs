//! Columns in the making: a block's fields are turned into values column by column, each in one
//! tight loop of its type.

mod sink;

use std::collections::BTreeMap;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use batch::ColumnType;
use chrono_tz::Tz;
use source::Error;
use spec::Stream;

use crate::block::{Block, Cell, Form, single_quotes, unescaped};
use crate::column::sink::{Bits, Bytes, JsonText, Numerics, Primitive, Sink, Strings, Uuids};
use crate::values::{Mismatch, Strictness, decimal, moment, number};

/// What is wrong with a row: its first bad column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadValue {
    pub(crate) column: usize,
    pub(crate) problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It is NULL and must not be.
    Null,
    /// It is no value of the column's type.
    Mismatch(Mismatch),
}

/// Bad rows of a block.
pub(crate) type BadRows = BTreeMap<usize, BadValue>;

/// The columns of a batch in the making.
pub(crate) struct Columns {
    schema: SchemaRef,
    columns: Vec<Box<dyn Column>>,
    rows: usize,
}

impl Columns {
    /// Empty columns; what the stream declares is taken in every notation, the rest strictly.
    pub(crate) fn new(schema: SchemaRef, stream: &Stream, zone: Option<Tz>) -> Result<Self, Error> {
        let columns = schema.fields().iter().map(|field| {
            let column_type = ColumnType::of(field).map_err(|cause| Error::Build(Box::new(cause)))?;
            let is_declared = stream.columns.contains_key(field.name());
            let strictness = if is_declared { Strictness::Declared } else { Strictness::Inferred };
            Ok(column(column_type, Rules { strictness, is_nullable: field.is_nullable(), zone }))
        });
        let columns = columns.collect::<Result<Vec<_>, Error>>()?;
        Ok(Self { schema, columns, rows: 0 })
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Appends the block's good rows and takes the bad ones out of the block.
    pub(crate) fn append(&mut self, block: &mut Block, text: &[u8]) -> Vec<(crate::block::Record, BadValue, Cell)> {
        let bad = self.try_append(block, text);
        let mut taken_out = Vec::with_capacity(bad.len());
        if !bad.is_empty() {
            for (row, value) in &bad {
                if let Some(record) = block.rows.get(*row) {
                    taken_out.push((*record, *value, block.cell(*row, value.column)));
                }
            }
            block.remove_rows(|row| bad.contains_key(&row));
            self.columns.iter_mut().for_each(|column| column.truncate(self.rows));
            self.try_append(block, text);
        }
        self.rows += block.rows.len();
        taken_out
    }

    /// Gives the batch and begins the next.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, Error> {
        let arrays = self.columns.iter_mut().map(|column| column.finish()).collect::<Result<Vec<_>, _>>();
        self.rows = 0;
        arrays
            .and_then(|arrays| RecordBatch::try_new(self.schema.clone(), arrays))
            .map_err(|cause| Error::Build(Box::new(cause)))
    }

    fn try_append(&mut self, block: &Block, text: &[u8]) -> BadRows {
        let mut bad = BadRows::new();
        for (place, column) in self.columns.iter_mut().enumerate() {
            column.append(block, text, place, &mut bad);
        }
        bad
    }
}

/// One column in the making.
trait Column: Send {
    /// Appends the field of every row, NULL for a bad one.
    fn append(&mut self, block: &Block, text: &[u8], place: usize, bad: &mut BadRows);
    /// Forgets all but the first rows.
    fn truncate(&mut self, rows: usize);
    /// Gives the values and begins anew.
    fn finish(&mut self) -> Result<ArrayRef, arrow_schema::ArrowError>;
}

#[derive(Clone, Copy)]
struct Rules {
    strictness: Strictness,
    is_nullable: bool,
    zone: Option<Tz>,
}

struct Typed<S> {
    column_type: ColumnType,
    rules: Rules,
    sink: S,
    scratch: Vec<u8>,
}

impl<S: Sink> Column for Typed<S> {
    fn append(&mut self, block: &Block, text: &[u8], place: usize, bad: &mut BadRows) {
        for row in 0..block.rows.len() {
            let cell = block.cell(row, place);
            let outcome = match cell.form {
                Form::Plain => self.sink.push(cell.of(text)).map_err(Problem::Mismatch),
                Form::Null if self.rules.is_nullable => {
                    self.sink.push_null();
                    continue;
                }
                Form::Null => Err(Problem::Null),
                _ => self.push_other(cell, text).map_err(Problem::Mismatch),
            };
            if let Err(problem) = outcome {
                bad.entry(row).or_insert(BadValue { column: place, problem });
                self.sink.push_null();
            }
        }
    }

    fn truncate(&mut self, rows: usize) {
        self.sink.truncate(rows);
    }

    fn finish(&mut self) -> Result<ArrayRef, arrow_schema::ArrowError> {
        self.sink.finish(self.column_type.arrow())
    }
}

impl<S: Sink> Typed<S> {
    /// A field that is not simply its own text.
    fn push_other(&mut self, cell: Cell, text: &[u8]) -> Result<(), Mismatch> {
        admit(cell.form, self.column_type, self.rules.strictness)?;
        if self.column_type == ColumnType::Json && cell.form != Form::DoubledQuotes {
            return self.sink.push(document(cell).of(text));
        }
        match cell.form {
            Form::DoubledQuotes => {
                single_quotes(cell.of(text), &mut self.scratch);
                self.sink.push(&self.scratch)
            }
            Form::JsonEscaped => {
                let unescaped =
                    unescaped(cell.of(text)).ok_or(Mismatch("a JSON string with an escape that is none"))?;
                self.sink.push(unescaped.as_bytes())
            }
            _ => self.sink.push(cell.of(text)),
        }
    }
}

/// Which JSON values a column of a type takes.
fn admit(form: Form, column_type: ColumnType, strictness: Strictness) -> Result<(), Mismatch> {
    let is_declared = strictness == Strictness::Declared;
    let is_number = matches!(
        column_type,
        ColumnType::Int8
            | ColumnType::Int16
            | ColumnType::Int32
            | ColumnType::Int64
            | ColumnType::UInt8
            | ColumnType::UInt16
            | ColumnType::UInt32
            | ColumnType::UInt64
            | ColumnType::Float32
            | ColumnType::Float64
            | ColumnType::Decimal { .. }
            | ColumnType::Numeric
    );
    let is_text = column_type == ColumnType::Utf8;
    match form {
        _ if column_type == ColumnType::Json => Ok(()),
        Form::JsonString | Form::JsonEscaped if !is_text && !is_declared => Err(Mismatch("a JSON string")),
        Form::JsonNumber if !(is_number || is_text && is_declared) => Err(Mismatch("a JSON number")),
        Form::JsonBool if !(column_type == ColumnType::Bool || is_text && is_declared) => {
            Err(Mismatch("a JSON truth value"))
        }
        Form::JsonNested => Err(Mismatch("a JSON object or array")),
        _ => Ok(()),
    }
}

/// The whole value of a JSON field: a string with its quotes.
pub(crate) fn document(cell: Cell) -> Cell {
    match cell.form {
        Form::JsonString | Form::JsonEscaped => Cell { start: cell.start.saturating_sub(1), end: cell.end + 1, ..cell },
        _ => cell,
    }
}

/// An empty column of a type.
fn column(column_type: ColumnType, rules: Rules) -> Box<dyn Column> {
    use arrow_array::types as arrow;
    let (strictness, zone) = (rules.strictness, rules.zone);
    macro_rules! integer {
        ($type:ty) => {
            typed(column_type, rules, Primitive::<$type, _>::new(move |text| number::integer(text, strictness)))
        };
    }
    macro_rules! primitive {
        ($type:ty, $parse:expr) => {
            typed(column_type, rules, Primitive::<$type, _>::new($parse))
        };
    }
    match column_type {
        ColumnType::Bool => typed(column_type, rules, Bits::new(strictness)),
        ColumnType::Int8 => integer!(arrow::Int8Type),
        ColumnType::Int16 => integer!(arrow::Int16Type),
        ColumnType::Int32 => integer!(arrow::Int32Type),
        ColumnType::Int64 => integer!(arrow::Int64Type),
        ColumnType::UInt8 => integer!(arrow::UInt8Type),
        ColumnType::UInt16 => integer!(arrow::UInt16Type),
        ColumnType::UInt32 => integer!(arrow::UInt32Type),
        ColumnType::UInt64 => integer!(arrow::UInt64Type),
        ColumnType::Float32 => primitive!(arrow::Float32Type, number::float32),
        ColumnType::Float64 => primitive!(arrow::Float64Type, move |text| number::float64(text, strictness)),
        ColumnType::Decimal { precision, scale } if precision <= 38 => {
            primitive!(arrow::Decimal128Type, move |text| decimal::decimal128(text, precision, scale))
        }
        ColumnType::Decimal { precision, scale } => {
            primitive!(arrow::Decimal256Type, move |text| decimal::decimal256(text, precision, scale))
        }
        ColumnType::Numeric => typed(column_type, rules, Numerics::new(strictness)),
        ColumnType::Utf8 => typed(column_type, rules, Strings::default()),
        ColumnType::Binary => typed(column_type, rules, Bytes::default()),
        ColumnType::Date => primitive!(arrow::Date32Type, moment::date),
        ColumnType::Time => primitive!(arrow::Time64MicrosecondType, moment::time),
        ColumnType::Timestamp { zoned: false } => primitive!(arrow::TimestampMicrosecondType, moment::clock_time),
        ColumnType::Timestamp { zoned: true } => {
            primitive!(arrow::TimestampMicrosecondType, move |text| moment::instant(text, zone))
        }
        ColumnType::Json => typed(column_type, rules, JsonText::default()),
        ColumnType::Uuid => typed(column_type, rules, Uuids::default()),
    }
}

fn typed<S: Sink + 'static>(column_type: ColumnType, rules: Rules, sink: S) -> Box<dyn Column> {
    Box::new(Typed { column_type, rules, sink, scratch: Vec::new() })
}

/// What a row takes in memory besides its texts, in bytes.
pub(crate) fn row_cost(schema: &SchemaRef) -> u64 {
    let width = |data_type: &arrow_schema::DataType| match data_type {
        arrow_schema::DataType::FixedSizeBinary(width) => u64::from(width.unsigned_abs()),
        other => other.primitive_width().map_or(4, |width| width as u64),
    };
    schema.fields().iter().map(|field| width(field.data_type())).sum()
}
