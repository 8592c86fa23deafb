use std::sync::Arc;

use anyhow::Context;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::Schema;
use batch::ColumnType;
use destination::memory::MemoryDestination;
use flow::{ManualClock, QueueName, StreamName, SyncName, Timestamp};
use queue::{Limits, Memory, Queue};
use source::memory::MemorySource;
use store::Store;
use store::record::{QuarantineFilter, SpecVersion, Totals};
use tempfile::TempDir;

/// What outlives a process: queue, store, stage, source, destination and the time.
pub struct World {
    /// The time, turned by hand.
    pub clock: Arc<ManualClock>,
    /// The queues.
    pub queue: Arc<Memory>,
    /// The store.
    pub store: Arc<store::Sqlite>,
    /// The stage.
    pub staging: Arc<staging::Memory>,
    /// What is read.
    pub source: Arc<MemorySource>,
    /// What is written.
    pub destination: Arc<MemoryDestination>,
    /// The saved spec.
    pub spec: SpecVersion,
    /// How rows are written.
    pub written: Written,
    /// What the transform of processes that start from here on does.
    pub rule: Rule,
    _folder: TempDir,
}

/// How rows are written in a world, and what its destination held before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Added.
    Append,
    /// Merged by id.
    Merge,
    /// In place of what is there.
    Replace,
}

impl Written {
    /// Every way.
    pub const ALL: [Written; 3] = [Written::Append, Written::Merge, Written::Replace];

    fn word(self) -> &'static str {
        match self {
            Written::Append => "append",
            Written::Merge => "merge",
            Written::Replace => "replace",
        }
    }
}

/// What the transform does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Names in capitals; row 7 is refused.
    Right,
    /// As somebody broke it: names as they are, row 11 without one, and row 3 under id 103.
    Broken,
}

/// What a run must leave behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destined {
    /// Ids and names in the destination, in order of ids; an id that is there twice stands twice.
    pub rows: Vec<(i64, String)>,
    /// Rows in quarantine, by rule.
    pub quarantined: Vec<(String, u64)>,
    /// Rows read, delivered and in quarantine, as the run's totals have them.
    pub totals: (u64, u64, u64),
}

/// Rows of the source. Few, and many batches: what is tried is the number of hops.
const ROWS: i64 = 18;

/// The stream's name.
const STREAM: &str = "orders";

impl World {
    /// A world whose source has 18 rows in two parts and batches of three: row 5 has no name, row 7
    /// is refused by the transform, row 11 is a repeat of row 2's id only where ids may repeat.
    pub async fn new(written: Written) -> anyhow::Result<Self> {
        let folder = folder()?;
        let clock = Arc::new(ManualClock::at("2024-03-01T00:00:00Z".parse::<Timestamp>()?));
        let store = Arc::new(store::Sqlite::open(&folder.path().join("state.db")).await?);
        let sync = SyncName::new("shop")?;
        let loaded = spec::load::text_at(&spec_text(written), folder.path())?;
        let pinned = loaded.pin(|_| Ok(flow::Digest::of(b"doubler")))?;
        let spec = store.save_spec(&sync, &pinned.digest, &pinned.text, Timestamp::UNIX_EPOCH).await?;
        Ok(Self {
            queue: Arc::new(Memory::new(Limits::default(), clock.clone())),
            store,
            staging: Arc::new(staging::Memory::new()),
            source: Arc::new(MemorySource::new().with(STREAM, &["id"], vec![rows()?]).split_into(2)),
            destination: Arc::new(MemoryDestination::new()),
            spec,
            written,
            rule: Rule::Right,
            clock,
            _folder: folder,
        })
    }

    /// What one run of this world must leave behind.
    #[must_use]
    pub fn destined() -> Destined {
        let rows: Vec<(i64, String)> =
            (0..ROWS).filter(|id| !matches!(id, 5 | 7)).map(|id| (id, format!("NAME {id}"))).collect();
        let delivered = rows.len() as u64;
        Destined {
            rows,
            quarantined: vec![("doubler".to_owned(), 1), ("not_null(name)".to_owned(), 1)],
            totals: (ROWS as u64, delivered, 2),
        }
    }

    /// How everything stands, for the message of a test that failed.
    pub async fn standing(&self) -> anyhow::Result<String> {
        let run = self.store.runs(None, 1).await?.into_iter().next().context("no run was opened")?;
        let mut text = format!("run {:?} attempt {} fault {:?}\n", run.state, run.attempt, run.fault);
        for stream in self.store.run_streams(&run.id).await? {
            text.push_str(&format!("stream {} {:?} fault {:?}\n", stream.stream, stream.state, stream.fault));
        }
        for lane in self.store.lanes(&run.id).await? {
            let counts = format!("attempt {} staged {} delivered {}", lane.attempt, lane.staged, lane.delivered);
            text.push_str(&format!("lane {} {:?} {counts} fault {:?}\n", lane.lane, lane.state, lane.fault));
        }
        for queue in QueueName::ALL {
            text.push_str(&format!("queue {queue} {:?}\n", self.queue.depth(queue).await?));
        }
        Ok(text)
    }

    /// What is there.
    pub async fn found(&self) -> anyhow::Result<Destined> {
        let run = self.store.runs(None, 1).await?.into_iter().next().context("no run was opened")?;
        let stream = StreamName::new(STREAM)?;
        let filter = QuarantineFilter { run: Some(run.id.clone()), ..QuarantineFilter::default() };
        let mut quarantined: Vec<(String, u64)> =
            self.store.quarantined(&filter, 1000).await?.into_iter().map(|entry| (entry.rule, entry.rows)).collect();
        quarantined.sort();
        let Totals { read, delivered, quarantined: in_quarantine, .. } = self.store.totals(&run.id, &stream).await?;
        let rows = self.destination.rows(&stream).map(|rows| ids_and_names(&rows)).unwrap_or_default();
        Ok(Destined { rows, quarantined, totals: (read, delivered, in_quarantine) })
    }
}

/// A folder in memory where the machine has one: what is tried here is order, not the disk.
fn folder() -> anyhow::Result<TempDir> {
    let shared_memory = std::path::Path::new("/dev/shm");
    let in_memory = tempfile::Builder::new().tempdir_in(shared_memory);
    in_memory.or_else(|_| tempfile::tempdir()).context("make a temporary folder")
}

fn spec_text(written: Written) -> String {
    format!(
        r#"
version: 1
sync: shop
source: {{ type: sqlite, path: in-memory }}
destination: {{ type: sqlite, path: in-memory }}
retry: {{ max_attempts: 12, initial: 1s, max: 1s, jitter: none }}
streams:
  - name: {STREAM}
    primary_key: [id]
    write_disposition: {}
    batch: {{ rows: 3 }}
    transforms: [{{ module: doubler }}]
    quality:
      checks: [{{ not_null: [name] }}, {{ unique: [id] }}, {{ row_count: {{ min: 17, max: 17 }} }}]
      error_limit: {{ rows: 2 }}
"#,
        written.word()
    )
}

fn rows() -> anyhow::Result<RecordBatch> {
    let schema = Schema::new(vec![ColumnType::Int64.field("id", false), ColumnType::Utf8.field("name", true)]);
    let names = (0..ROWS).map(|id| (id != 5).then(|| format!("name {id}")));
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from_iter_values(0..ROWS)), Arc::new(names.collect::<StringArray>())];
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

fn ids_and_names(rows: &RecordBatch) -> Vec<(i64, String)> {
    let (ids, names) = (rows.column(0).as_primitive::<Int64Type>(), rows.column(1).as_string::<i32>());
    let name = |row: usize| if names.is_null(row) { "NULL" } else { names.value(row) };
    let mut found: Vec<(i64, String)> =
        (0..rows.num_rows()).map(|row| (ids.value(row), name(row).to_owned())).collect();
    found.sort();
    found
}
