//! The kinds of checks, as they are written.

use crate::quality::{Check, Freshness, InSet, Pattern, Range, RowCount, TypeIs};

/// Every kind, for error messages.
pub(crate) const KINDS: &str = "not_null, unique, range, in_set, regex, type, row_count, freshness";

/// What a check is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WrittenKind<'a> {
    NotNull(&'a [String]),
    Unique(&'a [String]),
    Range(&'a Range),
    InSet(&'a InSet),
    Regex(&'a Pattern),
    Type(&'a TypeIs),
    RowCount(&'a RowCount),
    Freshness(&'a Freshness),
}

impl<'a> WrittenKind<'a> {
    /// The kinds a check was given; right is exactly one.
    pub(crate) fn all_of(check: &'a Check) -> Vec<Self> {
        [
            check.not_null.as_deref().map(WrittenKind::NotNull),
            check.unique.as_deref().map(WrittenKind::Unique),
            check.range.as_ref().map(WrittenKind::Range),
            check.in_set.as_ref().map(WrittenKind::InSet),
            check.regex.as_ref().map(WrittenKind::Regex),
            check.type_is.as_ref().map(WrittenKind::Type),
            check.row_count.as_ref().map(WrittenKind::RowCount),
            check.freshness.as_ref().map(WrittenKind::Freshness),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The key it is written under.
    pub(crate) fn key(self) -> &'static str {
        match self {
            WrittenKind::NotNull(_) => "not_null",
            WrittenKind::Unique(_) => "unique",
            WrittenKind::Range(_) => "range",
            WrittenKind::InSet(_) => "in_set",
            WrittenKind::Regex(_) => "regex",
            WrittenKind::Type(_) => "type",
            WrittenKind::RowCount(_) => "row_count",
            WrittenKind::Freshness(_) => "freshness",
        }
    }

    /// The columns it names.
    pub(crate) fn columns(self) -> Vec<&'a str> {
        match self {
            WrittenKind::NotNull(columns) | WrittenKind::Unique(columns) => {
                columns.iter().map(String::as_str).collect()
            }
            WrittenKind::Range(range) => vec![&range.column],
            WrittenKind::InSet(set) => vec![&set.column],
            WrittenKind::Regex(pattern) => vec![&pattern.column],
            WrittenKind::Type(type_is) => vec![&type_is.column],
            WrittenKind::Freshness(freshness) => vec![&freshness.column],
            WrittenKind::RowCount(_) => Vec::new(),
        }
    }

    /// The names of the checks it becomes when it is given none: `not_null` becomes one a column.
    pub(crate) fn default_names(self) -> Vec<String> {
        match self {
            WrittenKind::RowCount(_) => vec![self.key().to_owned()],
            WrittenKind::NotNull(columns) => columns.iter().map(|column| self.name_for(column)).collect(),
            _ => vec![self.name_for(&self.columns().join(", "))],
        }
    }

    /// What is usually meant to be told by such a check.
    pub(crate) fn default_dimension(self) -> &'static str {
        match self {
            WrittenKind::NotNull(_) | WrittenKind::RowCount(_) => "completeness",
            WrittenKind::Unique(_) => "uniqueness",
            WrittenKind::Range(_) | WrittenKind::InSet(_) | WrittenKind::Regex(_) | WrittenKind::Type(_) => "validity",
            WrittenKind::Freshness(_) => "timeliness",
        }
    }

    /// Whether its verdict is about the whole run rather than a row.
    pub(crate) fn is_run_wide(self) -> bool {
        matches!(self, WrittenKind::RowCount(_) | WrittenKind::Freshness(_))
    }

    fn name_for(self, columns: &str) -> String {
        format!("{}({columns})", self.key())
    }
}
