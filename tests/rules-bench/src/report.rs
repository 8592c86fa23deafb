//! Figures as JSON lines and as tables.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;
use serde_json::json;

/// What a document has before and after its tables.
const MARKERS: [&str; 2] = ["<!-- begin: made by `make rules-table` -->\n", "<!-- end -->\n"];

/// One figure.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
    pub(crate) floor: f64,
    pub(crate) peak_mib: f64,
    pub(crate) rows: usize,
}

/// A function of rules, compiled and in DataFusion, in nanoseconds a row.
pub(crate) struct FunctionFigure {
    pub(crate) expression: &'static str,
    pub(crate) compiled: f64,
    pub(crate) datafusion: Option<f64>,
}

/// Adds one JSON object a figure to the results.
pub(crate) fn add(results: &Path, figures: &[Figure]) -> anyhow::Result<()> {
    let mut lines = std::fs::read_to_string(results).unwrap_or_default();
    for Figure { name, unit, value, floor, peak_mib, rows } in figures {
        let ratio = value / floor;
        let line = json!({
            "name": name, "unit": unit, "value": value, "floor": floor, "ratio": ratio, "peak_mib": peak_mib, "rows": rows,
        });
        writeln!(lines, "{line}")?;
    }
    if let Some(folder) = results.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(results, lines).with_context(|| format!("write `{}`", results.display()))
}

/// The tables, in Markdown.
pub(crate) fn tables(figures: &[Figure], functions: &[FunctionFigure]) -> String {
    let mut text = String::from("| figure | value | floor | ratio | unit |\n|---|---:|---:|---:|---|\n");
    for Figure { name, unit, value, floor, .. } in figures {
        let _ = writeln!(text, "| `{name}` | {value:.2} | {floor:.2} | {:.2} | {unit} |", value / floor);
    }
    if !functions.is_empty() {
        text.push_str("\n| expression | compiled, ns a row | DataFusion, ns a row |\n|---|---:|---:|\n");
    }
    for FunctionFigure { expression, compiled, datafusion } in functions {
        let datafusion = datafusion.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
        let _ = writeln!(text, "| `{expression}` | {compiled:.1} | {datafusion} |");
    }
    text
}

/// Puts the tables between a document's markers.
pub(crate) fn publish(document: &Path, tables: &str) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(document).with_context(|| format!("read `{}`", document.display()))?;
    let [begin, end] = MARKERS;
    let (before, rest) = text.split_once(begin).context("the document has no place for the tables")?;
    let (_, after) = rest.split_once(end).context("the document's place for the tables has no end")?;
    std::fs::write(document, format!("{before}{begin}\n{tables}\n{end}{after}"))?;
    Ok(())
}
