//! The written form: every key a spec may have. Unknown keys are refused.

use std::collections::BTreeMap;

use flow::{Size, Span, StreamName, SyncName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field_map::FieldMap;
use crate::rule_set::RuleSet;
use crate::secret::Secret;

/// One sync.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Version of this format: 1.
    pub version: u32,
    /// Name of the sync.
    pub sync: SyncName,
    /// Where the data comes from.
    pub source: Source,
    /// Where the data goes.
    pub destination: Destination,
    /// When it runs by itself under `millstream dev`. Without it only `millstream run` runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<calendar::Schedule>,
    /// How failures are tried again.
    #[serde(default)]
    pub retry: retry::Policy,
    /// What the destination is promised. Default `effectively_once`.
    #[serde(default)]
    pub delivery: Delivery,
    /// The streams.
    pub streams: Vec<Stream>,
    /// How long raw batches stay.
    #[serde(default)]
    pub raw: Raw,
    /// Who is told when something is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts: Option<alerting::Alerts>,
}

/// Where the data comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// Files: CSV, JSON lines, Parquet. Each stream names its `path`.
    File {},
    /// A SQLite database file.
    Sqlite {
        /// The file.
        path: Secret,
    },
    /// A PostgreSQL server.
    Postgres {
        /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
        url: Secret,
    },
}

/// Where the data goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Destination {
    /// A SQLite database file; made when it is not there.
    Sqlite {
        /// The file.
        path: Secret,
    },
    /// A PostgreSQL server.
    Postgres {
        /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
        url: Secret,
        /// Schema the tables are in; made when it is not there. Default `public`.
        #[serde(default = "public")]
        schema: String,
    },
    /// Parquet files, in one folder a stream.
    Parquet {
        /// The folder the streams' folders are in.
        path: Secret,
    },
    /// JSON-lines files, in one folder a stream.
    Jsonl {
        /// The folder the streams' folders are in.
        path: Secret,
    },
}

fn public() -> String {
    "public".to_owned()
}

/// What the destination is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// A batch that is delivered again changes nothing.
    #[default]
    EffectivelyOnce,
    /// A batch may arrive again.
    AtLeastOnce,
}

/// One stream: a table, a query or a set of files, and what happens to its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Name; also the destination's table or folder.
    pub name: StreamName,
    /// Databases: the table, `table` or `schema.table`. Default: the stream's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Databases: a query in place of a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Files: the path, with `*`, `?` and `**` for several; read in the order of their names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Secret>,
    /// Files: the format. Default: by the name's ending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<FileFormat>,
    /// Files: the compression. Default: by the name's ending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
    /// Text files: any WHATWG encoding label (`utf-8`, `gb18030`, `shift_jis`, `latin1`, …). Default `utf-8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// CSV: the character between fields. Default `,`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// CSV: whether the first record names the columns. Default true; false wants `columns`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// CSV: unquoted fields that stand for NULL. Default `[""]`: nothing between two delimiters is
    /// NULL, `""` is an empty text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub null_values: Option<Vec<String>>,
    /// Text files: IANA zone in which clock times without a zone are read into
    /// `timestamp(us,UTC)` columns. Default: they stay clock times (`timestamp`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Types of columns, by name (`int64`, `decimal(12,2)`, `utf8`, `timestamp(us,UTC)`, …; a `?`
    /// behind allows NULL and is the default, a `!` refuses it). Columns not named are inferred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<String, String>>,
    /// What a run reads. Default `full_refresh`.
    #[serde(default)]
    pub sync_mode: SyncMode,
    /// Incremental: the column that only grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor_field: Option<String>,
    /// The columns that identify a row. Default: the source's own primary key, where it has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub primary_key: Vec<String>,
    /// How rows are written. Default `append`.
    #[serde(default)]
    pub write_disposition: WriteDisposition,
    /// Modules every row goes through, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
    /// Checks.
    #[serde(default)]
    pub quality: checks::Quality,
    /// How much goes into one batch.
    #[serde(default)]
    pub batch: BatchLimits,
}

/// The format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// The compression of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Plain.
    None,
    /// gzip, several members included.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// What a run reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncMode {
    /// Everything.
    #[default]
    FullRefresh,
    /// What is beyond the bookmark, by `cursor_field`.
    Incremental,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteDisposition {
    /// Added to what is there.
    #[default]
    Append,
    /// In place of what is there, all at once when the stream's run is complete.
    Replace,
    /// Inserted, or updated where the primary key is there already.
    Merge,
}

/// One transform: a module with its config, or a rule, which has exactly one of `rule`, `sql`, `map`
/// and `rule_set`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Transform {
    /// `name`, `name@version` or `name@sha256:…` of an added module. A bare name follows the
    /// version that is active; the others are fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// A file that holds a rule: `.sql` holds what `sql` does, `.yaml` has the key `map` or
    /// `rule_set`. Read when the spec is: a later change of the file is a change of the spec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// A rule in SQL: `SELECT … FROM input WHERE …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// A field map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map: Option<FieldMap>,
    /// Business rules with priorities and dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<RuleSet>,
    /// Under which name quarantine keeps what it rejects. Default: the module's name, the rule
    /// file's name, or the key the rule stands under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Handed to a module as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
}

/// How much goes into one batch, whichever is reached first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BatchLimits {
    /// Rows. Default 65,536.
    pub rows: u64,
    /// Bytes in memory. Default 4MiB: a run holds some ten batches at a time.
    pub bytes: Size,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self { rows: 65_536, bytes: Size(4 << 20) }
    }
}

/// How long raw batches stay after their run has ended; the oldest go first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Raw {
    /// How long. Default 7d.
    pub retain: Span,
    /// How much at most, for the whole sync. Default 20GB.
    pub max_bytes: Size,
}

impl Default for Raw {
    fn default() -> Self {
        Self { retain: Span(std::time::Duration::from_secs(7 * 24 * 3600)), max_bytes: Size(20_000_000_000) }
    }
}
