//! What tests stand on: one stream in a folder of its own, its runs, and what readers see of it.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Schema, SchemaRef};
use batch::ColumnType;
use destination::{Incoming, Outcome, Target};
use flow::{BatchId, Fault, Lane, RunId, StreamName, SyncName};
use spec::Disposition;
use tempfile::TempDir;

use crate::Format;
use crate::delivery::Delivery;
use crate::failure::Result;
use crate::layout::{Layout, Purpose};
use crate::merge::Limits;

pub(crate) const BOTH: [Format; 2] = [Format::Parquet, Format::Jsonl];

pub(crate) type Row = (i64, String);

pub(crate) struct Ground {
    pub(crate) root: TempDir,
    pub(crate) format: Format,
    pub(crate) limits: Limits,
}

impl Ground {
    pub(crate) fn new(format: Format) -> Self {
        Self { root: tempfile::tempdir().unwrap(), format, limits: Limits::default() }
    }

    /// Run `number` of the stream; its key is `id`.
    pub(crate) fn run(&self, number: u32, disposition: Disposition) -> Delivery {
        let target = Target {
            sync: SyncName::new("shop").unwrap(),
            stream: StreamName::new("orders").unwrap(),
            run: RunId::from_text(&format!("shop-{number:04}")),
            schema: schema(),
            disposition,
            primary_key: vec!["id".to_owned()],
        };
        let layout = Layout::new(self.root.path(), self.format, &target);
        Delivery { layout, target, limits: self.limits }
    }

    /// A whole run of one batch.
    pub(crate) fn whole_run(&self, number: u32, disposition: Disposition, ids: &[(i64, &str)]) -> Delivery {
        let run = self.run(number, disposition);
        run.prepare().unwrap();
        run.take(0, 0, ids).unwrap();
        run.finish().unwrap();
        run
    }

    pub(crate) fn live(&self) -> PathBuf {
        self.root.path().join("orders")
    }

    /// Rows of the visible files, in the order of their names.
    pub(crate) fn seen(&self) -> Vec<Row> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.live()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| !path.file_name().unwrap().to_str().unwrap().starts_with('.'));
        files.sort();
        files.iter().flat_map(|path| self.rows(path)).collect()
    }

    /// Names in the root that are not the dataset or the lock.
    pub(crate) fn left_in_root(&self) -> Vec<String> {
        let names = fs::read_dir(self.root.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names = names.map(|name| name.into_string().unwrap());
        names.filter(|name| name != "orders" && name != ".orders-lock").collect()
    }

    fn rows(&self, path: &PathBuf) -> Vec<Row> {
        match self.format {
            Format::Parquet => crate::parquet_file::Reader::open(path)
                .unwrap()
                .rows()
                .unwrap()
                .flat_map(|rows| {
                    let rows = rows.unwrap();
                    let ids = rows.column(0).as_primitive::<Int64Type>().clone();
                    let names = rows.column(1).as_string::<i32>().clone();
                    (0..rows.num_rows())
                        .map(move |row| (ids.value(row), names.value(row).to_owned()))
                        .collect::<Vec<_>>()
                })
                .collect(),
            Format::Jsonl => fs::read_to_string(path)
                .unwrap()
                .lines()
                .map(|line| {
                    let line: serde_json::Value = serde_json::from_str(line).unwrap();
                    (line["id"].as_i64().unwrap(), line["name"].as_str().unwrap().to_owned())
                })
                .collect(),
        }
    }
}

impl Delivery {
    pub(crate) fn take(&self, lane: usize, sequence: u64, rows: &[(i64, &str)]) -> Result<Outcome> {
        self.take_batch(lane, sequence, batch_of(rows))
    }

    pub(crate) fn take_batch(&self, lane: usize, sequence: u64, rows: RecordBatch) -> Result<Outcome> {
        let Target { run, stream, .. } = &self.target;
        let batch = BatchId::from_text(&format!("{lane}-{sequence}"));
        self.deliver(&Incoming { batch, lane: Lane::of_run(run, stream, lane), sequence, rows })
    }

    pub(crate) fn folder(&self, purpose: Purpose) -> PathBuf {
        self.layout.hidden(purpose)
    }
}

pub(crate) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![ColumnType::Int64.field("id", true), ColumnType::Utf8.field("name", true)]))
}

pub(crate) fn batch_of(rows: &[(i64, &str)]) -> RecordBatch {
    let ids: Int64Array = rows.iter().map(|(id, _)| Some(*id)).collect();
    let names: StringArray = rows.iter().map(|(_, name)| Some(*name)).collect();
    let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(names)];
    RecordBatch::try_new(schema(), columns).unwrap()
}

pub(crate) fn owned(rows: &[(i64, &str)]) -> Vec<Row> {
    rows.iter().map(|(id, name)| (*id, (*name).to_owned())).collect()
}

pub(crate) fn code<T: std::fmt::Debug>(result: Result<T>) -> String {
    Fault::from(result.unwrap_err()).code
}
