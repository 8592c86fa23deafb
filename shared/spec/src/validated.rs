//! The validated form: what the rest of the project works with. It cannot be wrong.

use std::collections::BTreeMap;

use flow::{Digest, ModuleDigest, StreamName, SyncName};
use serde::Serialize;
use serde_json::Value;

use crate::field_map::FieldMap;
use crate::rule_set::RuleSet;
use crate::secret::Secret;
use crate::written::Transform;
pub use crate::written::{
    BatchLimits, Compression, Delivery, FileFormat, Raw, SyncMode, WriteDisposition as Disposition,
};

/// A sync that cannot be wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Sync {
    /// Its name.
    pub name: SyncName,
    /// Where the data comes from.
    pub source: SourceSpec,
    /// Where the data goes.
    pub destination: DestinationSpec,
    /// When it runs by itself.
    pub schedule: Option<calendar::Schedule>,
    /// How failures are tried again.
    pub retry: retry::Policy,
    /// What the destination is promised.
    pub delivery: Delivery,
    /// At least one; names are unique.
    pub streams: Vec<Stream>,
    /// How long raw batches stay.
    pub raw: Raw,
    /// Who is told.
    pub alerts: Option<alerting::Alerts>,
}

/// Where the data comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceSpec {
    /// Files.
    File,
    /// A SQLite file.
    Sqlite {
        /// The file.
        path: Secret,
    },
    /// A PostgreSQL server.
    Postgres {
        /// Its address.
        url: Secret,
    },
}

/// Where the data goes.
#[derive(Debug, Clone, PartialEq)]
pub enum DestinationSpec {
    /// A SQLite file.
    Sqlite {
        /// The file.
        path: Secret,
    },
    /// A PostgreSQL server.
    Postgres {
        /// Its address.
        url: Secret,
        /// Schema of the tables.
        schema: String,
    },
    /// Parquet files.
    Parquet {
        /// The folder.
        path: Secret,
    },
    /// JSON-lines files.
    Jsonl {
        /// The folder.
        path: Secret,
    },
}

/// A stream that cannot be wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// Its name; also the destination's table or folder.
    pub name: StreamName,
    /// What is read.
    pub from: StreamFrom,
    /// Declared types by column, in the notation of [`batch::ColumnType`](../batch) with `?` or `!` behind.
    pub columns: BTreeMap<String, DeclaredColumn>,
    /// What a run reads.
    pub sync_mode: SyncMode,
    /// Incremental: the column that only grows; always there when `sync_mode` is incremental.
    pub cursor_field: Option<String>,
    /// The columns that identify a row, as declared; empty leaves it to the source.
    pub primary_key: Vec<String>,
    /// How rows are written.
    pub write_disposition: Disposition,
    /// Modules, in order.
    pub transforms: Vec<TransformSpec>,
    /// Checks.
    pub quality: checks::Quality,
    /// How much goes into one batch.
    pub batch: BatchLimits,
}

/// A declared column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredColumn {
    /// Its type.
    pub column_type: batch::ColumnType,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// What a stream reads.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamFrom {
    /// A table, `table` or `schema.table`.
    Table(String),
    /// A query.
    Query(String),
    /// Files.
    Files(FileStream),
}

/// Files and how to read them.
#[derive(Debug, Clone, PartialEq)]
pub struct FileStream {
    /// Path or pattern.
    pub path: Secret,
    /// Format; `None` goes by the name's ending.
    pub format: Option<FileFormat>,
    /// Compression; `None` goes by the name's ending.
    pub compression: Option<Compression>,
    /// WHATWG label; known to be one.
    pub encoding: String,
    /// CSV: one ASCII character between fields.
    pub delimiter: u8,
    /// CSV: whether the first record names the columns.
    pub header: bool,
    /// CSV: unquoted fields that stand for NULL.
    pub null_values: Vec<String>,
    /// Zone of clock times without one.
    pub timezone: Option<chrono_tz::Tz>,
}

/// A transform: a module, or a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformSpec {
    /// A module as written: `name`, `name@version` or `name@sha256:…`; a rule's name.
    pub module: String,
    /// The digest the module's name was pinned to when the spec was saved; a rule's own digest.
    pub digest: Option<ModuleDigest>,
    /// Whether it was named by its bare name: it follows what is active under that name, and
    /// `digest` is what was when the spec was saved.
    pub follows: bool,
    /// The rule, where it is one.
    pub rule: Option<Rule>,
    /// Handed to the module as JSON.
    pub config: Value,
}

/// A rule as written. It is compiled for the columns it meets.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// `SELECT … FROM input WHERE …`.
    Sql(String),
    /// A field map.
    Map(FieldMap),
    /// A rule set.
    RuleSet(RuleSet),
}

impl Rule {
    /// Stands for the rule's text: another rule has another digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match self {
            Rule::Sql(text) => Digest::of(format!("sql:{text}").as_bytes()),
            Rule::Map(map) => Digest::of(format!("map:{}", json(map)).as_bytes()),
            Rule::RuleSet(rules) => Digest::of(format!("rule_set:{}", json(rules)).as_bytes()),
        }
    }

    /// The rule as a transform of a spec.
    #[must_use]
    pub fn written(self, name: String) -> Transform {
        let named = Transform { name: Some(name), ..Transform::default() };
        match self {
            Rule::Sql(text) => Transform { sql: Some(text), ..named },
            Rule::Map(map) => Transform { map: Some(map), ..named },
            Rule::RuleSet(rules) => Transform { rule_set: Some(rules), ..named },
        }
    }
}

fn json(written: &impl Serialize) -> String {
    serde_json::to_string(written).unwrap_or_default()
}

impl TransformSpec {
    /// The module's or rule's name, without version or digest.
    #[must_use]
    pub fn name(&self) -> &str {
        self.module.split('@').next().unwrap_or_default()
    }
}

impl Sync {
    /// The stream of this name.
    #[must_use]
    pub fn stream(&self, name: &StreamName) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.name == *name)
    }
    /// Every text with references, to see that they can be resolved.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        let source = match &self.source {
            SourceSpec::File => None,
            SourceSpec::Sqlite { path } => Some(path.clone()),
            SourceSpec::Postgres { url } => Some(url.clone()),
        };
        let destination = match &self.destination {
            DestinationSpec::Sqlite { path } | DestinationSpec::Parquet { path } | DestinationSpec::Jsonl { path } => {
                path
            }
            DestinationSpec::Postgres { url, .. } => url,
        };
        let paths = self.streams.iter().filter_map(|stream| match &stream.from {
            StreamFrom::Files(files) => Some(files.path.clone()),
            StreamFrom::Table(_) | StreamFrom::Query(_) => None,
        });
        let receivers = self.alerts.iter().flat_map(|alerts| &alerts.receivers);
        let webhooks =
            receivers.filter_map(|receiver| receiver.webhook.as_ref()).map(|webhook| Secret::new(&webhook.url));
        source.into_iter().chain([destination.clone()]).chain(paths).chain(webhooks).collect()
    }
}
