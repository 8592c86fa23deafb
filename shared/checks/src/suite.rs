//! The checks of a stream, bound to its columns.

use std::time::Duration;

use arrow_schema::{Schema, SchemaRef};
use batch::ColumnType;
use flow::Severity;

use crate::column::Column;
use crate::kind::WrittenKind;
use crate::quality::{Check, OnFailure, Quality};
use crate::row_test::{NotNull, RowTest};
use crate::{Error, in_set, pattern, range, type_is, unique};

/// The checks of a stream, bound to its columns once and then put to every batch.
#[derive(Debug)]
pub struct Suite {
    checks: Vec<CompiledCheck>,
}

/// One check, bound to its columns.
pub struct CompiledCheck {
    name: String,
    dimension: String,
    severity: Severity,
    on_failure: OnFailure,
    pub(crate) kind: Kind,
}

/// What a check does.
pub(crate) enum Kind {
    Rows { column: Column, code: &'static str, test: Box<dyn RowTest> },
    Unique { columns: Vec<Column> },
    RowCount { min: Option<u64>, max: Option<u64> },
    Freshness { column: Column, max_age: Duration },
}

impl Suite {
    /// Binds the checks to the columns of a schema. A `not_null` of several columns becomes one
    /// check for each.
    pub fn compile(quality: &Quality, schema: &SchemaRef) -> Result<Self, Error> {
        let mut checks = Vec::with_capacity(quality.checks.len());
        for check in &quality.checks {
            let kinds = WrittenKind::all_of(check);
            let [kind] = kinds.as_slice() else {
                let check = check.name.clone().unwrap_or_default();
                return Err(Error::NotOneKind { check, kinds: kinds.len() });
            };
            checks.extend(bind(check, *kind, schema)?);
        }
        Ok(Self { checks })
    }

    /// The check of this number: every failure, key and conclusion names its check by it.
    ///
    /// # Panics
    /// When the number is not one of this suite's.
    #[must_use]
    pub fn check(&self, number: usize) -> &CompiledCheck {
        &self.checks[number]
    }

    /// Every check, in the order of their numbers.
    pub fn checks(&self) -> impl Iterator<Item = &CompiledCheck> {
        self.checks.iter()
    }

    /// Whether there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }
}

impl CompiledCheck {
    /// Its name in reports.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its dimension in reports.
    #[must_use]
    pub fn dimension(&self) -> &str {
        &self.dimension
    }

    /// How bad a failure is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What happens when it fails.
    #[must_use]
    pub fn on_failure(&self) -> OnFailure {
        self.on_failure
    }

    /// Whether its verdict is about the whole run and falls at its end.
    #[must_use]
    pub fn is_run_wide(&self) -> bool {
        matches!(self.kind, Kind::RowCount { .. } | Kind::Freshness { .. })
    }
}

impl std::fmt::Debug for CompiledCheck {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("CompiledCheck").field(&self.name).finish()
    }
}

fn bind(check: &Check, kind: WrittenKind<'_>, schema: &Schema) -> Result<Vec<CompiledCheck>, Error> {
    let default_on_failure = if kind.is_run_wide() { OnFailure::Abort } else { OnFailure::Quarantine };
    let compiled = |(name, bound): (String, Kind)| CompiledCheck {
        name,
        dimension: check.dimension.clone().unwrap_or_else(|| kind.default_dimension().to_owned()),
        severity: check.severity.unwrap_or(Severity::Error),
        on_failure: check.on_failure.unwrap_or(default_on_failure),
        kind: bound,
    };
    let singles: Vec<WrittenKind<'_>> = match kind {
        WrittenKind::NotNull(columns) => {
            columns.iter().map(|column| WrittenKind::NotNull(std::slice::from_ref(column))).collect()
        }
        other => vec![other],
    };
    let bind = |(kind, default): (WrittenKind<'_>, String)| {
        let name = check.name.clone().unwrap_or(default);
        let bound = bind_kind(&name, kind, schema)?;
        Ok(compiled((name, bound)))
    };
    singles.into_iter().zip(kind.default_names()).map(bind).collect()
}

fn bind_kind(name: &str, kind: WrittenKind<'_>, schema: &Schema) -> Result<Kind, Error> {
    let find = |column: &str| Column::find(name, column, schema);
    let rows = |column: Column, code, test| Kind::Rows { column, code, test };
    match kind {
        WrittenKind::NotNull(columns) => {
            let column = find(columns.first().map_or("", String::as_str))?;
            Ok(rows(column, "null_value", Box::new(NotNull)))
        }
        WrittenKind::Unique(columns) => {
            let columns = columns.iter().map(|column| find(column)).collect::<Result<Vec<_>, _>>()?;
            columns.iter().try_for_each(|column| unique::refuse_unfit(name, column))?;
            Ok(Kind::Unique { columns })
        }
        WrittenKind::Range(written) => {
            let column = find(&written.column)?;
            let test = range::compile(name, written, &column)?;
            Ok(rows(column, "out_of_range", test))
        }
        WrittenKind::InSet(written) => {
            let column = find(&written.column)?;
            let test = in_set::compile(name, written, &column)?;
            Ok(rows(column, "not_in_set", test))
        }
        WrittenKind::Regex(written) => {
            let column = find(&written.column)?;
            let test = pattern::compile(name, written, &column)?;
            Ok(rows(column, "no_match", test))
        }
        WrittenKind::Type(written) => {
            let column = find(&written.column)?;
            let test = type_is::compile(name, written, &column)?;
            Ok(rows(column, "wrong_type", test))
        }
        WrittenKind::RowCount(count) => Ok(Kind::RowCount { min: count.min, max: count.max }),
        WrittenKind::Freshness(freshness) => {
            let column = find(&freshness.column)?;
            match column.column_type {
                ColumnType::Date | ColumnType::Timestamp { .. } => {
                    Ok(Kind::Freshness { column, max_age: freshness.max_age.0 })
                }
                _ => Err(column.mismatch(name, "freshness", "dates and timestamps")),
            }
        }
    }
}
