//! The written form of case files. Unknown keys are refused; every place is told by its line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flow::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::Failure;

/// A case file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    /// Version of this format: 1.
    version: Spanned<u32>,
    /// The cases.
    cases: Vec<WrittenCase>,
}

/// One case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenCase {
    /// What the case shows.
    pub(crate) name: Spanned<String>,
    /// A module: a `.wasm` file beside the case file, or `name@version` of an added one.
    pub(crate) module: Option<String>,
    /// Its config.
    #[serde(default)]
    pub(crate) config: Value,
    /// In place of a module: a spec beside the case file, whose stream's transforms and checks are tried.
    pub(crate) spec: Option<PathBuf>,
    /// The stream of the spec. Default: the only one.
    pub(crate) stream: Option<String>,
    /// When the run was due: the modules' clock. Default 1970-01-01T00:00:00Z.
    pub(crate) run_clock: Option<Timestamp>,
    /// Columns of the given rows: `id:int64,name:utf8?`.
    pub(crate) schema: Spanned<String>,
    /// The rows; a column that is not named is NULL.
    pub(crate) given: Vec<Spanned<Row>>,
    /// What must come of them.
    pub(crate) expect: Expect,
}

/// A row: every value as its text, so that no digit is lost.
pub(crate) type Row = BTreeMap<String, Spanned<Option<String>>>;

/// What must come of the rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    /// The columns that come out. Default: not compared.
    pub(crate) schema: Option<Spanned<String>>,
    /// The rows that go on, in their order; columns a row does not name are not compared.
    #[serde(default)]
    pub(crate) rows: Vec<Spanned<Row>>,
    /// The rows that do not, in any order.
    #[serde(default)]
    pub(crate) rejected: Vec<ExpectedReject>,
    /// In place of both: the code of the fault with which the transforms fail.
    pub(crate) fails: Option<String>,
}

/// A row that is refused or fails a check.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedReject {
    /// Its number among the given rows, from 0.
    pub(crate) row: u64,
    /// The code.
    pub(crate) code: String,
    /// The column. Default: any.
    pub(crate) column: Option<String>,
    /// The module or check. Default: any.
    pub(crate) rule: Option<String>,
    /// A part of what is said of it. Default: anything.
    pub(crate) message: Option<String>,
}

/// Reads a case file.
pub(crate) fn read(path: &Path) -> Result<Vec<WrittenCase>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::input("cases_unreadable", format!("read `{}`: {error}", path.display())))?;
    let written: Written = serde_saphyr::from_str(&text).map_err(|error| {
        let text = error.to_string();
        let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        malformed(path, &spec::with_nearest(line))
    })?;
    if written.version.value != 1 {
        let message = format!("version {} of case files is not known: expected 1", written.version.value);
        return Err(at(path, &written.version, &message));
    }
    for case in &written.cases {
        let problem = match (&case.module, &case.spec, &case.stream) {
            (Some(_), Some(_), _) => "a case has a `module` or a `spec`, not both",
            (None, None, _) => "a case needs a `module` or a `spec`",
            (Some(_), None, Some(_)) => "`stream` goes with `spec`",
            (None, Some(_), _) if !case.config.is_null() => "`config` goes with `module`; a spec has its own",
            _ => continue,
        };
        return Err(at(path, &case.name, problem));
    }
    Ok(written.cases)
}

/// A problem at a place of the file.
pub(crate) fn at<T>(path: &Path, place: &Spanned<T>, problem: &str) -> Failure {
    let location = place.referenced;
    malformed(path, &format!("line {} column {}: {problem}", location.line(), location.column()))
}

fn malformed(path: &Path, message: &str) -> Failure {
    Failure::input("cases_malformed", format!("{}: {message}", path.display()))
}
