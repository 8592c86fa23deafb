//! Figures: as a table for people, as JSON lines for programs.

use std::path::Path;

use anyhow::Context;
use serde_json::json;

use super::{Bench, FOLDER};

/// One figure.
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) bench: Bench,
    /// Of value and floor.
    pub(crate) unit: &'static str,
    /// What the binary took.
    pub(crate) value: f64,
    /// The least it could have been.
    pub(crate) floor: f64,
    /// Peak of the binary's resident memory.
    pub(crate) peak_mib: f64,
    /// Rows read.
    pub(crate) rows: u64,
}

/// Writes one JSON object a figure to `results.jsonl`, in place of what was there.
pub(crate) fn write(figures: &[Figure]) -> anyhow::Result<()> {
    let line = |figure: &Figure| {
        let object = json!({
            "name": figure.bench.name(),
            "unit": figure.unit,
            "value": figure.value,
            "floor": figure.floor,
            "ratio": figure.value / figure.floor,
            "peak_mib": figure.peak_mib,
            "rows": figure.rows,
        });
        format!("{object}\n")
    };
    std::fs::create_dir_all(FOLDER).with_context(|| format!("create `{FOLDER}`"))?;
    let path = Path::new(FOLDER).join("results.jsonl");
    let lines: String = figures.iter().map(line).collect();
    std::fs::write(&path, lines).with_context(|| format!("write `{}`", path.display()))
}

/// One line a figure, and below what the floors are.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut text = format!(
        "{:<32} {:>9} {:>9} {:>7} {:>9} {:>9} {:>10}  unit\n",
        "bench", "value", "floor", "ratio", "peak MiB", "rows", "rows/s"
    );
    for Figure { bench, unit, value, floor, peak_mib, rows } in figures {
        let pace = if *unit == "s" { format!("{:.0}", *rows as f64 / value) } else { "-".to_owned() };
        text.push_str(&format!(
            "{:<32} {value:>9.2} {floor:>9.2} {:>7.2} {peak_mib:>9.0} {rows:>9} {pace:>10}  {unit}\n",
            bench.name(),
            value / floor
        ));
    }
    text.push('\n');
    for Figure { bench, .. } in figures {
        text.push_str(&format!("{}: {}\n", bench.name(), bench.note()));
    }
    text
}
