//! Parquet: how files are written, and how a merge reads them again.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use batch::ColumnType;
use destination::Error;
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::failure::{Doing, Result, unreadable};

/// Rows of a row group: enough to compress well, few enough that a merge holds one in memory.
const ROW_GROUP_ROWS: usize = 131_072;
/// A merge ends a row group of wide rows early, at about this many bytes.
const ROW_GROUP_BYTES: usize = 32 << 20;
/// A merge reads rows in pieces of about this many bytes, and at most this many rows.
const PIECE_BYTES: i64 = 8 << 20;
const PIECE_ROWS: i64 = 8192;
/// What marks a text column as JSON for other readers stands beside the extension's name.
const EXTENSION_METADATA: &str = "ARROW:extension:metadata";

/// The batch as the bytes of one file.
pub(crate) fn encode(rows: &RecordBatch) -> Result<Vec<u8>> {
    let refused = |cause: ParquetError| Error::Refused {
        problem: "the batch cannot be written as Parquet".to_owned(),
        cause: Some(cause.into()),
    };
    let bytes = Vec::with_capacity(rows.get_array_memory_size() / 4 + 4096);
    let mut writer = ArrowWriter::try_new(bytes, annotated(rows.schema_ref()), Some(properties())).map_err(refused)?;
    writer.write(&dressed(rows, &annotated(rows.schema_ref()))?).map_err(refused)?;
    writer.into_inner().map_err(refused)
}

/// A file being written from many batches.
pub(crate) struct Writer<W: Write + Send> {
    inner: ArrowWriter<W>,
    schema: SchemaRef,
}

impl<W: Write + Send> Writer<W> {
    pub(crate) fn begin(sink: W, schema: &Schema) -> Result<Self> {
        let schema = annotated(schema);
        let inner = ArrowWriter::try_new(sink, schema.clone(), Some(properties()));
        Ok(Self { inner: inner.doing(|| "begin a Parquet file".to_owned())?, schema })
    }

    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        let doing = || "write a Parquet file".to_owned();
        self.inner.write(&dressed(rows, &self.schema)?).doing(doing)?;
        if self.inner.in_progress_size() > ROW_GROUP_BYTES {
            self.inner.flush().doing(doing)?;
        }
        Ok(())
    }

    pub(crate) fn bytes(&self) -> u64 {
        (self.inner.bytes_written() + self.inner.in_progress_size()) as u64
    }

    pub(crate) fn end(self) -> Result<W> {
        self.inner.into_inner().doing(|| "end a Parquet file".to_owned())
    }
}

/// A file that is there.
pub(crate) struct Reader<'a> {
    path: &'a Path,
    builder: ParquetRecordBatchReaderBuilder<File>,
}

impl<'a> Reader<'a> {
    pub(crate) fn open(path: &'a Path) -> Result<Self> {
        let file = File::open(path).doing(|| format!("open `{}`", path.display()))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| unreadable(path, error))?;
        Ok(Self { path, builder })
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.builder.schema().clone()
    }

    pub(crate) fn row_count(&self) -> u64 {
        u64::try_from(self.builder.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Reads these columns, in the file's order.
    pub(crate) fn columns(self, columns: &[usize]) -> Result<ParquetRecordBatchReader> {
        let mask = ProjectionMask::roots(self.builder.parquet_schema(), columns.iter().copied());
        let piece = self.piece();
        let path = self.path;
        self.builder.with_projection(mask).with_batch_size(piece).build().map_err(|error| unreadable(path, error))
    }

    /// Reads everything.
    pub(crate) fn rows(self) -> Result<ParquetRecordBatchReader> {
        let piece = self.piece();
        let path = self.path;
        self.builder.with_batch_size(piece).build().map_err(|error| unreadable(path, error))
    }

    fn piece(&self) -> usize {
        let groups = self.builder.metadata().row_groups();
        let bytes: i64 = groups.iter().map(|group| group.total_byte_size()).sum();
        let rows: i64 = groups.iter().map(|group| group.num_rows()).sum();
        let bytes_per_row = (bytes / rows.max(1)).max(1);
        usize::try_from((PIECE_BYTES / bytes_per_row).clamp(1, PIECE_ROWS)).unwrap_or(1)
    }
}

/// Rows under another schema of the same types.
pub(crate) fn dressed(rows: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let refused = |cause: arrow_schema::ArrowError| Error::Refused {
        problem: "the rows do not fit the schema they are written under".to_owned(),
        cause: Some(cause.into()),
    };
    RecordBatch::try_new(schema.clone(), rows.columns().to_vec()).map_err(refused)
}

/// The schema as it stands in the file: JSON columns are marked so that other readers see JSON.
fn annotated(schema: &Schema) -> SchemaRef {
    let annotate = |field: &Arc<Field>| {
        let mut field = Field::clone(field);
        if matches!(ColumnType::of(&field), Ok(ColumnType::Json)) {
            field.metadata_mut().insert(EXTENSION_METADATA, "");
        }
        field
    };
    Arc::new(Schema::new(schema.fields().iter().map(annotate).collect::<Vec<_>>()))
}

fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_created_by("millstream".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(true)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .build()
}
