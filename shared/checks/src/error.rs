use flow::{Fault, FaultKind};

/// Why the checks do not fit the stream they are for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A check that has no kind, or several; `problems()` refuses it before.
    #[error("check `{check}` must have exactly one kind, it has {kinds}")]
    NotOneKind {
        /// The check's name.
        check: String,
        /// How many kinds it has.
        kinds: usize,
    },
    /// A check names a column the stream does not have.
    #[error("check `{check}`: the stream has no column `{column}`; {}", way_out(nearest, columns))]
    UnknownColumn {
        /// The check's name.
        check: String,
        /// The column it names.
        column: String,
        /// The column that was probably meant.
        nearest: Option<String>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A kind of check that makes no sense for the column's type.
    #[error("check `{check}`: {kind} does not fit column `{column}` of type {column_type}; it fits {fits}")]
    KindMismatch {
        /// The check's name.
        check: String,
        /// The kind.
        kind: &'static str,
        /// The column.
        column: String,
        /// Its type.
        column_type: String,
        /// The types the kind is for.
        fits: &'static str,
    },
    /// A bound or a value that is none of the column's type.
    #[error("check `{check}`: `{value}` is no value for column `{column}` of type {column_type}; write {expected}")]
    BadValue {
        /// The check's name.
        check: String,
        /// The column.
        column: String,
        /// Its type.
        column_type: String,
        /// What was written.
        value: String,
        /// What could be written.
        expected: &'static str,
    },
    /// A range nothing lies in.
    #[error("check `{check}`: the minimum `{min}` is above the maximum `{max}`")]
    EmptyRange {
        /// The check's name.
        check: String,
        /// The smallest value allowed.
        min: String,
        /// The largest value allowed.
        max: String,
    },
    /// A pattern that is no regular expression, or too large a one.
    #[error("check `{check}`: the pattern cannot be used: {reason}")]
    BadPattern {
        /// The check's name.
        check: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A type that is not known.
    #[error("check `{check}`")]
    BadType {
        /// The check's name.
        check: String,
        /// What is wrong with it.
        #[source]
        source: batch::Error,
    },
    /// A column of a type the path does not carry.
    #[error("bind the checks to the stream's columns")]
    UnsupportedColumn(#[source] batch::Error),
}

fn way_out(nearest: &Option<String>, columns: &[String]) -> String {
    const SHOWN: usize = 20;
    if let Some(nearest) = nearest {
        return format!("did you mean `{nearest}`?");
    }
    let shown = columns.iter().take(SHOWN).map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
    match columns.len() {
        0 => "it has no columns at all".to_owned(),
        many if many > SHOWN => format!("it has {shown} and {} more", many - SHOWN),
        _ => format!("it has {shown}"),
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let code = match &error {
            Error::NotOneKind { .. } => "check_kind_count",
            Error::UnknownColumn { .. } => "check_column_unknown",
            Error::KindMismatch { .. } => "check_kind_mismatch",
            Error::BadValue { .. } => "check_value_invalid",
            Error::EmptyRange { .. } => "check_range_empty",
            Error::BadPattern { .. } => "check_pattern_invalid",
            Error::BadType { .. } => "check_type_unknown",
            Error::UnsupportedColumn(_) => "check_column_unsupported",
        };
        Fault::from_error(FaultKind::Config, code, &error)
    }
}
