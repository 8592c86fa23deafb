use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::data::Data;
use super::{FOLDER, Psql};

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bench {
    /// A CSV file into SQLite.
    CsvSqlite,
    /// A CSV file into Parquet.
    CsvParquet,
    /// PostgreSQL into PostgreSQL.
    PostgresPostgres,
    /// The same with five checks.
    PostgresPostgresChecks,
    /// The same with five checks and a module.
    PostgresPostgresChecksModule,
    /// What five times the rows do to the peak of memory, from CSV into Parquet.
    MemoryGrowth,
}

const CHECKS: &str = r#"
    quality:
      checks:
        - { not_null: [id, customer] }
        - { range: { column: quantity, min: 0, max: 511 } }
        - { in_set: { column: status, values: [new, paid, shipped, returned] } }
        - { regex: { column: status, pattern: "^[a-z]+$" } }
        - { unique: [id] }
      error_limit: { percentage: 5 }"#;

impl Bench {
    /// Every figure.
    const ALL: [Bench; 6] = [
        Bench::CsvSqlite,
        Bench::CsvParquet,
        Bench::PostgresPostgres,
        Bench::PostgresPostgresChecks,
        Bench::PostgresPostgresChecksModule,
        Bench::MemoryGrowth,
    ];

    /// The figure of this name, else those whose names begin with it, else an error.
    pub(crate) fn chosen(name: Option<&str>) -> anyhow::Result<Vec<Bench>> {
        let name = name.unwrap_or_default();
        if let Some(exact) = Self::ALL.into_iter().find(|bench| bench.name() == name) {
            return Ok(vec![exact]);
        }
        let chosen: Vec<Bench> = Self::ALL.into_iter().filter(|bench| bench.name().starts_with(name)).collect();
        ensure!(!chosen.is_empty(), "no bench is called `{name}`; there are {}", Self::ALL.map(Bench::name).join(", "));
        Ok(chosen)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Bench::CsvSqlite => "csv_sqlite",
            Bench::CsvParquet => "csv_parquet",
            Bench::PostgresPostgres => "postgres_postgres",
            Bench::PostgresPostgresChecks => "postgres_postgres_checks",
            Bench::PostgresPostgresChecksModule => "postgres_postgres_checks_module",
            Bench::MemoryGrowth => "memory_growth",
        }
    }

    /// What its floor is.
    pub(crate) fn note(self) -> &'static str {
        match self {
            Bench::CsvSqlite => "floor: arrow-csv told the types, INSERTs of 100 rows in one transaction, WAL",
            Bench::CsvParquet => "floor: arrow-csv told the types, one Parquet file, zstd level 1",
            Bench::PostgresPostgres => "floor: psql COPY TO binary | psql COPY FROM binary",
            Bench::PostgresPostgresChecks => "the same floor; 5 checks, one row in 1,000 quarantined",
            Bench::PostgresPostgresChecksModule => "the same floor; 5 checks and a module that writes 2 columns",
            Bench::MemoryGrowth => "peak with 5 times the rows over the peak with all of them once; floor: no growth",
        }
    }

    /// Whether rows go through checks.
    pub(crate) fn has_checks(self) -> bool {
        matches!(self, Bench::PostgresPostgresChecks | Bench::PostgresPostgresChecksModule)
    }

    /// Whether rows go through the module.
    pub(crate) fn has_module(self) -> bool {
        self == Bench::PostgresPostgresChecksModule
    }

    /// Where its rows go.
    pub(crate) fn destination(self) -> Destined {
        let path = |ending: &str| Path::new(FOLDER).join(format!("out-{}{ending}", self.name()));
        match self {
            Bench::CsvSqlite => Destined::Sqlite(path(".db")),
            Bench::CsvParquet | Bench::MemoryGrowth => Destined::Parquet(path("")),
            _ => Destined::Postgres,
        }
    }

    /// Writes its spec, for this CSV file where it reads one.
    pub(crate) fn write_spec(self, psql: &Psql, data: &Data, csv: &Path) -> anyhow::Result<PathBuf> {
        let url = psql.url();
        // Paths of a spec are relative to it.
        let beside = |path: &Path| path.file_name().unwrap_or_default().display().to_string();
        let (source, stream) = match self.destination() {
            Destined::Postgres => (format!("type: postgres, url: \"{url}\""), format!("from: {}", data.table)),
            _ => {
                let read = format!("path: {}\n    columns: {{ {} }}", beside(csv), Data::spec_columns());
                ("type: file".to_owned(), read)
            }
        };
        let destination = match self.destination() {
            Destined::Sqlite(path) => format!("type: sqlite, path: {}", beside(&path)),
            Destined::Parquet(path) => format!("type: parquet, path: {}", beside(&path)),
            Destined::Postgres => format!("type: postgres, url: \"{url}\", schema: bench_out"),
        };
        let transforms = if self.has_module() { "\n    transforms: [{ module: bench-module }]" } else { "" };
        let checks = if self.has_checks() { CHECKS } else { "" };
        let text = format!(
            "version: 1\nsync: {sync}\nsource: {{ {source} }}\ndestination: {{ {destination} }}\nstreams:\n  - name: \
             orders\n    {stream}\n    write_disposition: append{transforms}{checks}\n",
            sync = self.name()
        );
        let spec = Path::new(FOLDER).join(format!("{}.yaml", self.name()));
        std::fs::write(&spec, text).with_context(|| format!("write `{}`", spec.display()))?;
        Ok(spec)
    }
}

/// Where rows go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destined {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A folder of Parquet files.
    Parquet(PathBuf),
    /// A schema of its own.
    Postgres,
}
