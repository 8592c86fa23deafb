//! Streams of files in a temporary folder, and what reading them gives.
#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its part, and says what failed by panicking")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use flow::{Position, Size, StreamName};
use source::{Error, Plan, PlanRequest, Pulled, ReadRequest, Reject, Source};
use source_file::FileSource;
use spec::validated::{BatchLimits, DeclaredColumn};
use spec::{Compression, Disposition, FileFormat, FileStream, Resolver, Secret, Stream, StreamFrom, SyncMode};
use tempfile::TempDir;

struct Nothing;
impl Resolver for Nothing {
    fn env(&self, _: &str) -> Option<String> {
        None
    }
    fn file(&self, _: &str) -> std::io::Result<String> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// A folder with files, and the stream that reads them.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) stream: Stream,
    pub(crate) source: FileSource,
}

impl Fixture {
    /// A stream of all files that match the pattern.
    pub(crate) fn new(pattern: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = Secret::new(folder.path().join(pattern).to_str().unwrap());
        let files = FileStream {
            path,
            format: None,
            compression: None,
            encoding: "utf-8".into(),
            delimiter: b',',
            header: true,
            null_values: vec![String::new()],
            timezone: None,
        };
        let stream = Stream {
            name: StreamName::new("files").unwrap(),
            from: StreamFrom::Files(files),
            columns: BTreeMap::new(),
            sync_mode: SyncMode::FullRefresh,
            cursor_field: None,
            primary_key: vec![],
            write_disposition: Disposition::Append,
            transforms: vec![],
            quality: checks::Quality::default(),
            batch: BatchLimits::default(),
        };
        Self { folder, stream, source: FileSource::new(Arc::new(Nothing)) }
    }

    pub(crate) fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(name, bytes);
        self
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn declare(mut self, columns: &[(&str, &str)]) -> Self {
        for (name, notation) in columns {
            let column_type = notation.trim_end_matches(['!', '?']).parse().unwrap();
            let nullable = !notation.ends_with('!');
            self.stream.columns.insert((*name).into(), DeclaredColumn { column_type, nullable });
        }
        self
    }

    pub(crate) fn files(mut self, change: impl FnOnce(&mut FileStream)) -> Self {
        if let StreamFrom::Files(files) = &mut self.stream.from {
            change(files);
        }
        self
    }

    pub(crate) fn format(self, format: FileFormat) -> Self {
        self.files(|files| files.format = Some(format))
    }

    pub(crate) fn compression(self, compression: Compression) -> Self {
        self.files(|files| files.compression = Some(compression))
    }

    pub(crate) fn limits(mut self, rows: u64, bytes: u64) -> Self {
        self.stream.batch = BatchLimits { rows, bytes: Size(bytes) };
        self
    }

    pub(crate) async fn plan(&self) -> Result<Plan, Error> {
        self.source.plan(PlanRequest { stream: &self.stream, bookmark: None }).await
    }

    pub(crate) async fn read(&self, plan: &Plan, position: Option<&Position>) -> Result<Vec<Pulled>, Error> {
        let part = plan.parts.first().unwrap();
        let request = ReadRequest { stream: &self.stream, schema: plan.schema.clone(), part, position };
        let mut reader = self.source.read(request).await?;
        let mut pulled = Vec::new();
        while let Some(next) = reader.next().await? {
            pulled.push(next);
        }
        Ok(pulled)
    }

    /// All rows as text, and all rejects.
    pub(crate) async fn all(&self) -> (Vec<String>, Vec<Reject>) {
        let plan = self.plan().await.unwrap();
        let pulled = self.read(&plan, None).await.unwrap();
        (rows(&pulled), pulled.into_iter().flat_map(|pulled| pulled.rejects).collect())
    }

    /// `name type, name type!, …`
    pub(crate) async fn schema(&self) -> String {
        let plan = self.plan().await.unwrap();
        let columns = plan.schema.fields().iter().map(|field| {
            let column_type = batch::ColumnType::of(field).unwrap();
            format!("{} {column_type}{}", field.name(), if field.is_nullable() { "" } else { "!" })
        });
        columns.collect::<Vec<_>>().join(", ")
    }

    /// Code and message of what planning or reading fails with.
    pub(crate) async fn failure(&self) -> (String, String) {
        let outcome = match self.plan().await {
            Ok(plan) => self.read(&plan, None).await.map(|_| ()),
            Err(error) => Err(error),
        };
        let fault = flow::Fault::from(outcome.unwrap_err());
        (fault.code, fault.message)
    }
}

/// Each row as `value|value`, NULL where there is none.
pub(crate) fn rows(pulled: &[Pulled]) -> Vec<String> {
    pulled.iter().flat_map(|pulled| batch_rows(&pulled.rows)).collect()
}

fn batch_rows(batch: &RecordBatch) -> Vec<String> {
    let text = |value: &Option<String>| value.as_deref().unwrap_or("NULL").to_owned();
    printed(batch).iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect()
}

/// Every value as text, row by row.
pub(crate) fn printed(batch: &RecordBatch) -> Vec<Vec<Option<String>>> {
    let columns: Vec<ArrayRef> = batch.columns().iter().map(with_plain_offset).collect();
    let options = FormatOptions::new();
    let printers: Vec<_> = columns.iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    let value = |row, place: usize| columns[place].is_valid(row).then(|| printers[place].value(row).to_string());
    (0..batch.num_rows()).map(|row| (0..columns.len()).map(|place| value(row, place)).collect()).collect()
}

/// Arrow prints a named zone only with a zone database of its own.
fn with_plain_offset(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Timestamp(unit, Some(_)) => cast(column, &DataType::Timestamp(*unit, Some("+00:00".into()))).unwrap(),
        _ => column.clone(),
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(bytes, 3).unwrap()
}
