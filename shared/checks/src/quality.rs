use flow::{Severity, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The checks of a stream and how much failure it bears.
///
/// As in SQL, NULL passes every check but `not_null`, and equals nothing: a row with a NULL in
/// the columns of `unique` is not looked at.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quality {
    /// The checks, in the order they are reported.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// How many rows may be quarantined before the run counts as degraded. Default: none.
    pub error_limit: ErrorLimit,
}

/// How much may be quarantined in one stream of a run. Both given: the first one broken counts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorLimit {
    /// Percent of the rows read (0 to 100).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentage: Option<f64>,
    /// Rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// One check: exactly one of the kinds, and what follows when it fails.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Check {
    /// Columns that may not be NULL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_null: Option<Vec<String>>,
    /// Columns whose values together occur once, in the batch and in the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique: Option<Vec<String>>,
    /// A column between bounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// A column with one of a few values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_set: Option<InSet>,
    /// A text column that matches a pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<Pattern>,
    /// A text column whose values read as a type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_is: Option<TypeIs>,
    /// Rows of the stream in the whole run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_count: Option<RowCount>,
    /// The newest value of a timestamp or date column against the run's clock. A run without any
    /// value in the column fails, for nothing tells how fresh the data is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Freshness>,
    /// Name in reports, unique in its stream. Default: made of the kind and its columns, `range(amount)`;
    /// `not_null` without a name makes one check a column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Dimension in reports (`completeness`, `uniqueness`, `validity`, …). Default: by kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// How bad a failure is. Default `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What happens to a row that fails. Default `quarantine`; `abort` for `row_count` and `freshness`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
}

/// Bounds of a column, both included. At least one is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The column.
    pub column: String,
    /// The smallest value allowed: a number, or a text for dates, timestamps and numbers of more
    /// than 15 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// The largest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
}

/// The values a column may have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InSet {
    /// The column.
    pub column: String,
    /// The values, of the column's kind.
    pub values: Vec<Value>,
}

/// A pattern for a text column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The column.
    pub column: String,
    /// A regular expression (Rust `regex` syntax), searched for anywhere unless anchored by `^` and `$`.
    pub pattern: String,
}

/// The type a text column's values must read as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeIs {
    /// The column.
    pub column: String,
    /// The type, in the notation of `columns:` (`int64`, `decimal(12,2)`, `date`, `timestamp`, …).
    pub is: String,
}

/// How many rows a run's stream must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowCount {
    /// At least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

/// How old the newest row may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    /// A timestamp or date column. A day counts from its midnight, and a clock reading without a
    /// zone as UTC.
    pub column: String,
    /// The greatest age of its newest value.
    pub max_age: Span,
}

/// What happens to rows that fail a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The row goes on; the failure is counted and reported.
    Pass,
    /// The row is kept in quarantine with its reason and does not go on.
    Quarantine,
    /// The stream stops before the batch goes on.
    Abort,
}
