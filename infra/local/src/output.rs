//! Text or JSON on standard output; everything for people only goes to standard error.

use serde::Serialize;

use crate::Failure;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// For people.
    Text,
    /// For programs: one JSON document.
    Json,
}

impl Output {
    /// Prints a result: `json` as it is, or the lines `text` makes.
    pub fn print<T: Serialize>(self, json: &T, text: impl FnOnce(&T) -> String) -> Result<(), Failure> {
        let printed = match self {
            Output::Json => serde_json::to_string_pretty(json).map_err(|error| Failure {
                status: 1,
                code: "output".to_owned(),
                message: error.to_string(),
            })?,
            Output::Text => text(json),
        };
        write_line(&printed);
        Ok(())
    }

    /// Prints how a command failed: on standard error, and as JSON on standard output when asked for.
    pub fn print_failure(self, failure: &Failure) {
        if failure.message.is_empty() {
            return;
        }
        if self == Output::Json {
            let error = serde_json::json!({ "error": { "code": failure.code, "message": failure.message } });
            write_line(&error.to_string());
        }
        note(&format!("error: {} [{}]", failure.message, failure.code));
    }
}

/// Prints a line on standard output. A reader that has gone away is no failure of ours.
pub fn write_line(text: &str) {
    use std::io::Write;
    _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints a line for people on standard error.
pub fn note(text: &str) {
    use std::io::Write;
    _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Lines up columns: the first row is the heading.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
