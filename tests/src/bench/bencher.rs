use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use parquet::file::reader::{FileReader, SerializedFileReader};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::data::Data;
use super::figure::Figure;
use super::millstream::{Millstream, Taken};
use super::specs::Destined;
use super::{Bench, Psql, TIMES, floor};

/// How many times over the rows are repeated to see memory grow.
const GROWN: u64 = 5;
const MIB: f64 = 1024.0;

/// Measures figures on one set of data.
pub(crate) struct Bencher {
    psql: Psql,
    millstream: Millstream,
    module: PathBuf,
    data: Data,
    /// The three syncs of PostgreSQL have one floor.
    postgres_floor: Option<Duration>,
}

impl Bencher {
    /// Makes the data, in the folder of the results.
    pub(crate) fn new(psql: Psql, millstream: PathBuf, module: PathBuf, rows: u64) -> anyhow::Result<Self> {
        let millstream = Millstream::new(millstream)?;
        println!("making {rows} rows of 12 columns in PostgreSQL and as CSV");
        let data = Data::make(&psql, rows)?;
        Ok(Self { psql, millstream, module, data, postgres_floor: None })
    }

    /// Measures one figure; what cannot be measured is an error.
    pub(crate) fn measure(&mut self, bench: Bench) -> anyhow::Result<Figure> {
        let figure = match bench {
            Bench::MemoryGrowth => self.growth(),
            _ => self.time(bench),
        };
        figure.with_context(|| format!("bench `{}`", bench.name()))
    }

    fn time(&mut self, bench: Bench) -> anyhow::Result<Figure> {
        let floor = self.floor(bench)?;
        let taken = self.run(bench, &self.data.csv, self.data.rows)?;
        let (value, rows) = (taken.wall.as_secs_f64(), self.data.rows);
        let peak_mib = taken.peak_kib as f64 / MIB;
        Ok(Figure { bench, unit: "s", value, floor: floor.as_secs_f64(), peak_mib, rows })
    }

    fn growth(&self) -> anyhow::Result<Figure> {
        let bench = Bench::MemoryGrowth;
        let once = self.run(bench, &self.data.csv, self.data.rows)?;
        let rows = self.data.rows * GROWN;
        println!("{}: making {rows} rows of CSV", bench.name());
        let grown = self.data.repeated(GROWN)?;
        let many = self.run(bench, &grown, rows);
        std::fs::remove_file(&grown)?;
        let many = many?;
        let value = many.peak_kib as f64 / once.peak_kib as f64;
        Ok(Figure { bench, unit: "times the peak", value, floor: 1.0, peak_mib: many.peak_kib as f64 / MIB, rows })
    }

    fn floor(&mut self, bench: Bench) -> anyhow::Result<Duration> {
        let mut best = match (bench.destination(), self.postgres_floor) {
            (Destined::Postgres, Some(known)) => return Ok(known),
            _ => Duration::MAX,
        };
        for time in 1..=TIMES {
            let took = match bench.destination() {
                Destined::Sqlite(_) => floor::csv_sqlite(&self.data),
                Destined::Parquet(_) => floor::csv_parquet(&self.data),
                Destined::Postgres => floor::postgres(&self.psql, &self.data),
            };
            let took = took.context("measure the floor")?;
            println!("{}: floor {time} of {TIMES} took {:.2} s", bench.name(), took.as_secs_f64());
            best = best.min(took);
        }
        if bench.destination() == Destined::Postgres {
            self.postgres_floor = Some(best);
        }
        Ok(best)
    }

    /// The shortest time and the highest peak.
    fn run(&self, bench: Bench, csv: &Path, rows: u64) -> anyhow::Result<Taken> {
        let expected = if bench.has_checks() { self.data.good_rows() } else { rows };
        let spec = bench.write_spec(&self.psql, &self.data, csv)?;
        let module = bench.has_module().then_some(self.module.as_path());
        let mut best = Taken { wall: Duration::MAX, peak_kib: 0 };
        for time in 1..=TIMES {
            self.clear(&bench.destination())?;
            let taken = self.millstream.run(&spec, module)?;
            let written = self.written(&bench.destination())?;
            ensure!(written == expected, "{written} rows were written, not {expected}");
            let (seconds, peak) = (taken.wall.as_secs_f64(), taken.peak_kib as f64 / MIB);
            println!("{}: run {time} of {TIMES} took {seconds:.2} s, peak {peak:.0} MiB", bench.name());
            best = Taken { wall: best.wall.min(taken.wall), peak_kib: best.peak_kib.max(taken.peak_kib) };
        }
        self.clear(&bench.destination())?;
        Ok(best)
    }

    /// Takes away what an earlier run wrote.
    fn clear(&self, destination: &Destined) -> anyhow::Result<()> {
        match destination {
            Destined::Postgres => self.psql.run(&["DROP SCHEMA IF EXISTS bench_out CASCADE", "CHECKPOINT"]),
            Destined::Parquet(folder) if folder.exists() => Ok(std::fs::remove_dir_all(folder)?),
            Destined::Parquet(_) => Ok(()),
            Destined::Sqlite(file) => {
                let beside = ["", "-wal", "-shm"].map(|ending| format!("{}{ending}", file.display()));
                let mut there = beside.iter().filter(|path| Path::new(path).exists());
                there.try_for_each(|path| Ok(std::fs::remove_file(path)?))
            }
        }
    }

    /// Rows that are there.
    fn written(&self, destination: &Destined) -> anyhow::Result<u64> {
        match destination {
            Destined::Postgres => self.psql.number("SELECT count(*) FROM bench_out.orders"),
            Destined::Parquet(folder) => rows_of_files(folder),
            Destined::Sqlite(file) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(rows_of_table(file))
            }
        }
    }
}

async fn rows_of_table(file: &Path) -> anyhow::Result<u64> {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await?;
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM orders").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(u64::try_from(rows)?)
}

fn rows_of_files(folder: &Path) -> anyhow::Result<u64> {
    let mut rows = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("read `{}`", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            rows += rows_of_files(&path)?;
        } else if path.extension().is_some_and(|ending| ending == "parquet") {
            let reader = SerializedFileReader::new(File::open(&path)?)?;
            rows += u64::try_from(reader.metadata().file_metadata().num_rows())?;
        }
    }
    Ok(rows)
}
