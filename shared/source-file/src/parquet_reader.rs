//! Parquet as batches: decoded some rows at a time, cut where a batch is full, row by row, so that
//! the batch behind a position is always the same one.

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef};
use arrow_select::{concat::concat_batches, filter::filter_record_batch};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use source::{Error, Pulled, Reject};
use spec::Stream;

use crate::background::Batches;
use crate::block::Room;
use crate::column::row_cost;
use crate::files::{Location, PlannedFile};
use crate::parquet_schema::{self, FileColumn};
use crate::position::{Files, Place};
use crate::{input, names};

/// Rows decoded at once at most. More is hardly faster, and a dictionary can make every row larger
/// than the file's sizes tell.
const DECODED_ROWS: u64 = 1024;

/// The most bytes a batch can hold: offsets of text columns have 31 bits.
const MOST_BYTES: u64 = 1 << 30;

/// The schema of a stream's Parquet files, which must all have the same columns, with the types in
/// the files' own words.
pub(crate) fn schema(
    stream: &Stream,
    location: &Location,
    planned: &[PlannedFile],
) -> Result<(SchemaRef, Vec<String>), Error> {
    let mut columns: Option<Vec<FileColumn>> = None;
    for file in planned {
        let found = open(location, file, stream.name.as_str())?.columns;
        columns = Some(match columns {
            None => found,
            Some(expected) => merged(expected, found, file)?,
        });
    }
    let columns = columns.unwrap_or_default();
    names::check(&columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>(), "the Parquet files")?;
    let fields = columns.iter().map(|column| {
        let declared = stream.columns.get(&column.name);
        check_declared(declared.map(|declared| declared.column_type), column)?;
        Ok(column.column_type.field(&column.name, declared.map_or(column.nullable, |declared| declared.nullable)))
    });
    let schema = Schema::new(fields.collect::<Result<Vec<_>, Error>>()?);
    names::check_declared(stream, &schema)?;
    Ok((schema.into(), columns.into_iter().map(|column| column.source_type).collect()))
}

/// Reads the Parquet files of a part, one after the other.
pub(crate) struct ParquetReader {
    stream: Stream,
    location: Location,
    schema: SchemaRef,
    row_cost: u64,
    files: Files,
    limits: Room,
    place: Place,
    current: Option<Decoder>,
}

impl ParquetReader {
    /// Reads a part from a place on.
    pub(crate) fn new(
        stream: &Stream,
        location: Location,
        schema: SchemaRef,
        files: Files,
        place: Place,
    ) -> Result<Self, Error> {
        let bytes = stream.batch.bytes.0.clamp(1, MOST_BYTES);
        let limits = Room { records: stream.batch.rows.max(1), bytes, is_empty: true };
        let row_cost = row_cost(&schema);
        Ok(Self { stream: stream.clone(), location, schema, row_cost, files, limits, place, current: None })
    }

    /// Takes what is decoded and fits; false at the end of the last file.
    fn advance(&mut self, batch: &mut Batch) -> Result<bool, Error> {
        let Some(mut decoder) = self.take_current()? else { return Ok(false) };
        if !decoder.decode(&self.schema)? {
            self.place = Place { file: self.place.file + 1, ..Place::default() };
            return Ok(true);
        }
        let costs = costs(&decoder.rows, self.row_cost);
        let taken = batch.room.take(&costs);
        let rows = decoder.split_off(taken);
        self.check_nulls(&rows, &decoder.name, batch)?;
        self.place.records += taken as u64;
        self.current = Some(decoder);
        Ok(true)
    }

    /// Takes the rows with a NULL where none may be out of what goes into the batch.
    fn check_nulls(&self, rows: &RecordBatch, file: &str, batch: &mut Batch) -> Result<(), Error> {
        let mandatory = self.schema.fields().iter().zip(rows.columns()).filter(|(field, _)| !field.is_nullable());
        let with_nulls: Vec<_> = mandatory.filter(|(_, column)| column.null_count() > 0).collect();
        let mut is_good = vec![true; if with_nulls.is_empty() { 0 } else { rows.num_rows() }];
        for (row, is_good) in is_good.iter_mut().enumerate() {
            let Some((field, _)) = with_nulls.iter().find(|(_, column)| column.is_null(row)) else { continue };
            *is_good = false;
            batch.rejects.push(Reject {
                code: "not_null",
                column: Some(field.name().clone()),
                reason: "expected a value, found NULL".to_owned(),
                value: None,
                record: as_json(&rows.slice(row, 1)),
                place: format!("{file} row {}", self.place.records + row as u64 + 1),
            });
        }
        let good = if with_nulls.is_empty() {
            Ok(rows.clone())
        } else {
            filter_record_batch(rows, &BooleanArray::from(is_good))
        };
        let good = good.and_then(|good| with_schema(self.schema.clone(), &good)).map_err(build_failed)?;
        batch.slices.push(good);
        Ok(())
    }

    fn take_current(&mut self) -> Result<Option<Decoder>, Error> {
        if let Some(decoder) = self.current.take() {
            return Ok(Some(decoder));
        }
        let Some(file) = self.files.files.get(self.place.file) else { return Ok(None) };
        self.location.check_unchanged(file)?;
        let opened = open(&self.location, file, self.stream.name.as_str())?;
        let expected = self.schema.fields().iter().map(|field| {
            let column_type = batch::ColumnType::of(field).map_err(|cause| Error::Build(Box::new(cause)))?;
            Ok(shown(field.name(), column_type))
        });
        names::check_same(&expected.collect::<Result<Vec<_>, Error>>()?, &all_shown(&opened.columns), &file.name)?;
        Decoder::new(opened, file, &self.limits, self.place.records).map(Some)
    }
}

impl Batches for ParquetReader {
    fn next_batch(&mut self) -> Result<Option<Pulled>, Error> {
        let mut batch = Batch { room: self.limits, slices: Vec::new(), rejects: Vec::new() };
        while !batch.room.is_used_up() && self.advance(&mut batch)? {}
        let rows = concat_batches(&self.schema, &batch.slices).map_err(build_failed)?;
        if rows.num_rows() == 0 && batch.rejects.is_empty() {
            return Ok(None);
        }
        Ok(Some(Pulled { rows, rejects: batch.rejects, position: self.place.to_position()? }))
    }
}

struct Batch {
    room: Room,
    slices: Vec<RecordBatch>,
    rejects: Vec<Reject>,
}

impl Room {
    /// Takes as many rows as fit, by what each costs; nothing fits any more when not all do.
    fn take(&mut self, costs: &[u64]) -> usize {
        let mut taken = 0;
        for cost in costs {
            if self.records == 0 || (*cost > self.bytes && !self.is_empty) {
                self.records = 0;
                break;
            }
            self.records -= 1;
            self.bytes = self.bytes.saturating_sub(*cost);
            self.is_empty = false;
            taken += 1;
        }
        taken
    }
}

/// An open file, and rows of it that are decoded and not taken.
struct Decoder {
    name: String,
    reader: ParquetRecordBatchReader,
    rows: RecordBatch,
}

impl Decoder {
    fn new(opened: Opened, file: &PlannedFile, limits: &Room, skipped: u64) -> Result<Self, Error> {
        let rows = (limits.bytes / average_row(&opened.metadata).max(1)).clamp(1, DECODED_ROWS.min(limits.records));
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(opened.file, opened.metadata)
            .with_batch_size(usize::try_from(rows).unwrap_or(1))
            .with_offset(usize::try_from(skipped).unwrap_or(usize::MAX));
        let reader = builder.build().map_err(|cause| parquet_error(&file.name, cause))?;
        Ok(Self { name: file.name.clone(), reader, rows: RecordBatch::new_empty(Schema::empty().into()) })
    }

    /// Makes sure that there are rows to take; false at the end of the file.
    fn decode(&mut self, schema: &SchemaRef) -> Result<bool, Error> {
        while self.rows.num_rows() == 0 {
            let Some(next) = self.reader.next() else { return Ok(false) };
            let rows = next.map_err(|cause| corrupt(&self.name, Box::new(cause)))?;
            self.rows = cast(&rows, schema).map_err(|cause| corrupt(&self.name, Box::new(cause)))?;
        }
        Ok(true)
    }

    fn split_off(&mut self, taken: usize) -> RecordBatch {
        let rows = self.rows.slice(0, taken);
        self.rows = self.rows.slice(taken, self.rows.num_rows() - taken);
        rows
    }
}

struct Opened {
    file: File,
    metadata: ArrowReaderMetadata,
    columns: Vec<FileColumn>,
}

fn open(location: &Location, planned: &PlannedFile, stream: &str) -> Result<Opened, Error> {
    let file = input::open_file(&location.path(planned), &planned.name)?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(|cause| parquet_error(&planned.name, cause))?;
    let columns = parquet_schema::columns(&metadata, stream)?;
    Ok(Opened { file, metadata, columns })
}

/// Columns of several files: the same, NULL where one of them has it.
fn merged(expected: Vec<FileColumn>, found: Vec<FileColumn>, file: &PlannedFile) -> Result<Vec<FileColumn>, Error> {
    names::check_same(&all_shown(&expected), &all_shown(&found), &file.name)?;
    let pairs = expected.into_iter().zip(found);
    Ok(pairs.map(|(first, other)| FileColumn { nullable: first.nullable || other.nullable, ..first }).collect())
}

fn check_declared(declared: Option<batch::ColumnType>, column: &FileColumn) -> Result<(), Error> {
    match declared {
        Some(declared) if declared != column.column_type => {
            let FileColumn { name, column_type, .. } = column;
            let problem = format!(
                "column `{name}` is declared as {declared}, but the Parquet files have it as {column_type}; \
                 leave it out of `columns` and convert it in a transform"
            );
            Err(Error::config("type_differs", problem))
        }
        _ => Ok(()),
    }
}

fn all_shown(columns: &[FileColumn]) -> Vec<String> {
    columns.iter().map(|column| shown(&column.name, column.column_type)).collect()
}

fn shown(name: &str, column_type: batch::ColumnType) -> String {
    format!("{name} {column_type}")
}

/// Bytes of a row in the row group with the largest, unpacked as far as the file tells.
fn average_row(metadata: &ArrowReaderMetadata) -> u64 {
    let groups = metadata.metadata().row_groups().iter().filter(|group| group.num_rows() > 0);
    let bytes_of = |group: &parquet::file::metadata::RowGroupMetaData| {
        let texts = group.columns().iter().filter_map(|column| column.unencoded_byte_array_data_bytes()).sum::<i64>();
        group.total_byte_size().max(texts)
    };
    let averages = groups.map(|group| bytes_of(group) / group.num_rows());
    averages.max().and_then(|average| u64::try_from(average).ok()).unwrap_or(0)
}

/// Turns the columns into the schema's types; only changes that keep every value whole get here.
fn cast(rows: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let pairs = rows.columns().iter().zip(schema.fields());
    let columns = pairs.map(|(column, field)| cast_with_options(column, field.data_type(), &options));
    let nullable = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    let nullable = Schema::new(nullable.collect::<Vec<_>>());
    RecordBatch::try_new_with_options(nullable.into(), columns.collect::<Result<_, _>>()?, &options_of(rows))
}

fn with_schema(schema: SchemaRef, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new_with_options(schema, rows.columns().to_vec(), &options_of(rows))
}

fn options_of(rows: &RecordBatch) -> RecordBatchOptions {
    RecordBatchOptions::new().with_row_count(Some(rows.num_rows()))
}

/// What each row takes in memory.
fn costs(rows: &RecordBatch, row_cost: u64) -> Vec<u64> {
    let mut costs = vec![row_cost; rows.num_rows()];
    for column in rows.columns() {
        let offsets: &[i32] = match column.data_type() {
            DataType::Utf8 => column.as_string::<i32>().value_offsets(),
            DataType::Binary => column.as_binary::<i32>().value_offsets(),
            _ => continue,
        };
        for (cost, range) in costs.iter_mut().zip(offsets.windows(2)) {
            *cost += length(range);
        }
    }
    costs
}

fn length(range: &[i32]) -> u64 {
    match range {
        [start, end] => u64::from(end.abs_diff(*start)),
        _ => 0,
    }
}

/// A refused row as JSON. Should a value have no JSON, the row is named by its place alone.
fn as_json(row: &RecordBatch) -> String {
    let mut text = Vec::new();
    let mut writer = arrow_json::WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, arrow_json::writer::LineDelimited>(&mut text);
    let written = with_plain_offsets(row).and_then(|row| writer.write(&row)).and_then(|()| writer.finish());
    drop(writer);
    if written.is_err() {
        tracing::warn!("a refused row has no JSON");
    }
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

/// The same row with `+00:00` for `UTC`: Arrow prints named zones only with a zone database of its own.
fn with_plain_offsets(row: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = row.schema();
    let columns = schema.fields().iter().zip(row.columns()).map(|(field, column)| {
        let DataType::Timestamp(unit, Some(_)) = field.data_type() else { return Ok((field.name(), column.clone())) };
        let plain = DataType::Timestamp(*unit, Some("+00:00".into()));
        Ok((field.name(), cast_with_options(column, &plain, &CastOptions::default())?))
    });
    let columns = columns.collect::<Result<Vec<_>, ArrowError>>()?;
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
}

fn parquet_error(name: &str, cause: ParquetError) -> Error {
    match cause {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(system) => input::read_error(name, *system),
            Err(other) => corrupt(name, other),
        },
        other => corrupt(name, Box::new(other)),
    }
}

fn corrupt(name: &str, cause: source::Cause) -> Error {
    Error::Corrupt { doing: format!("read the Parquet file `{name}`"), cause }
}

fn build_failed(cause: ArrowError) -> Error {
    Error::Build(Box::new(cause))
}
