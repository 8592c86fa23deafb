use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use batch::ColumnType;

use super::{FOLDER, Psql};

/// The columns: name, type in SQL, type in a spec, and how the value of row `g` is made in SQL from
/// `h`, 63 bits that depend on the seed and on `g`.
const COLUMNS: [(&str, &str, &str, &str); 12] = [
    ("id", "bigint PRIMARY KEY", "int64!", "g"),
    (
        "customer",
        "text",
        "utf8",
        r#"(ARRAY['Zoë Müller', '李小龙', 'O''Brien "Bob"', E'two\nlines, and a comma', '', ' Ann Smith ', 'Ёлка', '😀 ok'])[1 + (h & 7)::int]"#,
    ),
    (
        "note",
        "text",
        "utf8",
        "CASE (h >> 3) & 7 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'note ' || md5(h::text) || ' on order ' || g END",
    ),
    (
        "amount",
        "numeric(20,4)",
        "decimal(20,4)",
        "CASE WHEN (h >> 6) & 15 > 0 THEN (h % 1000000000000)::numeric / 10000 END",
    ),
    (
        "ordered_at",
        "timestamptz",
        "timestamp(us,UTC)",
        "timestamptz '2020-01-01 00:00:00+00' + (h % 157680000000000) * interval '1 microsecond'",
    ),
    (
        "details",
        "jsonb",
        "json",
        r#"jsonb_build_object('sku', 'SKU-' || (h & 4095), 'tags', jsonb_build_array('a', (h >> 12) & 255), 'gift', (h >> 20) & 1 = 1)"#,
    ),
    ("code", "uuid", "uuid", "md5('code' || h)::uuid"),
    ("paid", "boolean", "bool", "CASE WHEN (h >> 9) & 15 > 0 THEN (h >> 13) & 1 = 1 END"),
    ("quantity", "integer", "int32", "CASE WHEN g % 1000 = 0 THEN -1 ELSE ((h >> 14) & 511)::int END"),
    ("weight", "double precision", "float64", "CASE WHEN (h >> 23) & 15 > 0 THEN (h >> 20)::float8 / 1e6 END"),
    ("shipped", "date", "date", "date '2020-01-01' + ((h >> 27) & 2047)::int"),
    ("status", "text", "utf8", "(ARRAY['new', 'paid', 'shipped', 'returned'])[1 + ((h >> 38) & 3)::int]"),
];

/// One row in so many has a `quantity` below 0, which the checks do not let pass.
const BAD_ONE_IN: u64 = 1000;
const SEED: u32 = 42;

/// The data, as a table and as a CSV file.
pub(crate) struct Data {
    /// Rows of either.
    pub(crate) rows: u64,
    /// The table.
    pub(crate) table: &'static str,
    /// The CSV file: RFC 4180, NULL is nothing, an empty text is `""`.
    pub(crate) csv: PathBuf,
}

impl Data {
    /// Makes both.
    pub(crate) fn make(psql: &Psql, rows: u64) -> anyhow::Result<Self> {
        let declared = COLUMNS.map(|(name, sql_type, _, _)| format!("{name} {sql_type}")).join(", ");
        let values = COLUMNS.map(|(_, _, _, value)| value).join(", ");
        let hashed = format!(
            "SELECT g, hashint8extended(g, {SEED}) & 9223372036854775807 AS h FROM generate_series(1::bigint, {rows}) g"
        );
        psql.run(&[
            "DROP SCHEMA IF EXISTS bench CASCADE",
            "CREATE SCHEMA bench",
            &format!("CREATE TABLE bench.orders ({declared})"),
            &format!("INSERT INTO bench.orders SELECT {values} FROM ({hashed}) rows"),
            "VACUUM ANALYZE bench.orders",
            "CHECKPOINT",
        ])?;
        let csv = Path::new(FOLDER).join("orders.csv");
        let texts = COLUMNS.map(|(name, sql_type, _, _)| match sql_type {
            "timestamptz" => {
                format!(r#"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS {name}"#)
            }
            "boolean" => format!("{name}::text AS {name}"),
            _ => name.to_owned(),
        });
        let query = format!("SELECT {} FROM bench.orders ORDER BY id", texts.join(", "));
        psql.copy_to(&format!("COPY ({query}) TO STDOUT (FORMAT csv, HEADER)"), &csv)?;
        Ok(Self { rows, table: "bench.orders", csv })
    }

    /// Rows the checks let pass.
    pub(crate) fn good_rows(&self) -> u64 {
        self.rows - self.rows / BAD_ONE_IN
    }

    /// The CSV file with its rows so many times over.
    pub(crate) fn repeated(&self, times: u64) -> anyhow::Result<PathBuf> {
        let path = self.csv.with_file_name(format!("orders-{times}-times.csv"));
        let mut file = BufReader::new(File::open(&self.csv).context("open the data")?);
        let mut header = Vec::new();
        let rows_begin = file.read_until(b'\n', &mut header).context("read the data")? as u64;
        let mut repeated = BufWriter::new(File::create(&path).with_context(|| format!("create `{}`", path.display()))?);
        repeated.write_all(&header)?;
        for _ in 0..times {
            file.seek(SeekFrom::Start(rows_begin))?;
            std::io::copy(&mut file, &mut repeated).context("repeat the data")?;
        }
        repeated.flush()?;
        Ok(path)
    }

    /// The columns as a spec has them.
    pub(crate) fn spec_columns() -> String {
        COLUMNS.map(|(name, _, column_type, _)| format!("{name}: \"{column_type}\"")).join(", ")
    }

    /// The columns as a bare CSV reader can read them: UUIDs and JSON as texts, and NULL everywhere,
    /// because it takes an empty text for NULL.
    pub(crate) fn arrow_schema() -> anyhow::Result<SchemaRef> {
        let field = |(name, _, column_type, _): (&str, &str, &str, &str)| {
            let arrow = match column_type.trim_end_matches('!').parse::<ColumnType>()? {
                ColumnType::Uuid => DataType::Utf8,
                ColumnType::Timestamp { zoned: true } => {
                    DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))
                }
                other => other.arrow(),
            };
            Ok(Field::new(name, arrow, true))
        };
        let fields = COLUMNS.into_iter().map(field).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Arc::new(Schema::new(fields)))
    }
}
