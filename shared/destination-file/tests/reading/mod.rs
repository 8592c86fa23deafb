//! Reads a dataset as anybody would: every visible file of its folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, FixedSizeBinaryBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_cast::cast::{CastOptions, cast_with_options};
use arrow_schema::{Field, SchemaRef};
use arrow_select::concat::concat_batches;
use batch::ColumnType;
use destination_file::Format;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::value::RawValue;

type Line = std::collections::HashMap<String, Box<RawValue>>;

/// The rows of the folder's files in the order of their names; `None` when there is no folder.
pub(crate) fn rows(folder: &Path, format: Format, schema: &SchemaRef) -> Option<RecordBatch> {
    let listing = fs::read_dir(folder).ok()?;
    let mut files: Vec<PathBuf> = listing.map(|entry| entry.unwrap().path()).filter(|path| is_seen(path)).collect();
    files.sort();
    assert!(!files.is_empty(), "readers find no file");
    let batches = files.iter().flat_map(|file| match format {
        Format::Parquet => parquet(file, schema),
        Format::Jsonl => vec![lines(&fs::read_to_string(file).unwrap(), schema)],
    });
    Some(concat_batches(schema, &batches.collect::<Vec<_>>()).unwrap())
}

fn is_seen(path: &Path) -> bool {
    !path.file_name().unwrap().to_str().unwrap().starts_with(['.', '_'])
}

fn parquet(file: &Path, schema: &SchemaRef) -> Vec<RecordBatch> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(file).unwrap()).unwrap();
    for (found, wanted) in builder.schema().fields().iter().zip(schema.fields()) {
        assert_eq!(ColumnType::of(found).unwrap(), ColumnType::of(wanted).unwrap(), "{}", wanted.name());
    }
    let batches = builder.build().unwrap().map(Result::unwrap);
    batches.map(|batch| RecordBatch::try_new(schema.clone(), batch.columns().to_vec()).unwrap()).collect()
}

/// Lines as a batch of the schema.
pub(crate) fn lines(text: &str, schema: &SchemaRef) -> RecordBatch {
    let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let columns = schema.fields().iter().map(|field| column(&lines, field)).collect();
    RecordBatch::try_new(schema.clone(), columns).unwrap()
}

fn column(lines: &[Line], field: &Field) -> ArrayRef {
    let column_type = ColumnType::of(field).unwrap();
    let raw = lines.iter().map(|line| line.get(field.name()).map(|value| value.get()));
    if column_type == ColumnType::Json {
        return Arc::new(raw.collect::<StringArray>());
    }
    let values = raw.map(|value| match value.expect("only NULL of json is left out") {
        "null" => None,
        text if text.starts_with('"') => Some(serde_json::from_str::<String>(text).unwrap()),
        number => Some(number.to_owned()),
    });
    let values: Vec<Option<String>> = values.collect();
    match column_type {
        ColumnType::Binary => {
            let mut builder = BinaryBuilder::new();
            values
                .iter()
                .for_each(|value| builder.append_option(value.as_ref().map(|text| hex::decode(text).unwrap())));
            Arc::new(builder.finish())
        }
        ColumnType::Uuid => uuids(&values),
        ColumnType::Timestamp { zoned: true } => {
            let local =
                values.iter().map(|value| value.as_ref().map(|text| text.strip_suffix('Z').expect("ends in Z")));
            let local = cast(local.collect(), ColumnType::Timestamp { zoned: false });
            Arc::new(local.as_primitive::<TimestampMicrosecondType>().clone().with_timezone("UTC"))
        }
        other => cast(StringArray::from(values), other),
    }
}

fn cast(texts: StringArray, column_type: ColumnType) -> ArrayRef {
    let exactly = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(&texts, &column_type.arrow(), &exactly).unwrap()
}

fn uuids(values: &[Option<String>]) -> ArrayRef {
    let mut builder = FixedSizeBinaryBuilder::new(16);
    for value in values {
        match value {
            Some(text) => builder.append_value(hex::decode(text.replace('-', "")).unwrap()).unwrap(),
            None => builder.append_null(),
        }
    }
    Arc::new(builder.finish())
}
