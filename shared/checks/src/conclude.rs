//! Verdicts that fall at the end of a run, and the limit of errors a stream bears.

use std::time::Duration;

use flow::{Span, Timestamp};

use crate::Suite;
use crate::quality::ErrorLimit;
use crate::suite::Kind;

/// What a run had in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunTotals {
    /// Rows of the stream.
    pub rows: u64,
}

/// A run-wide check that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    /// The check, by its number in the suite.
    pub check: usize,
    /// Stable code.
    pub code: &'static str,
    /// Why.
    pub reason: String,
}

impl Suite {
    /// The run-wide checks that fail. `measures` gives everything measured for a check by its
    /// number, in any order, repeats included; `now` is the run's clock.
    ///
    /// Freshness without any value, of an empty run too, fails: nothing tells how fresh the data is.
    pub fn conclude(
        &self,
        totals: RunTotals,
        measures: impl Fn(usize) -> Vec<String>,
        now: Timestamp,
    ) -> Vec<Conclusion> {
        let conclude = |(check, kind): (usize, &Kind)| {
            let (code, reason) = match kind {
                Kind::RowCount { min, max } => row_count(totals.rows, *min, *max)?,
                Kind::Freshness { column, max_age } => freshness(&column.name, *max_age, &measures(check), now)?,
                Kind::Rows { .. } | Kind::Unique { .. } => return None,
            };
            Some(Conclusion { check, code, reason })
        };
        self.checks().map(|compiled| &compiled.kind).enumerate().filter_map(conclude).collect()
    }
}

/// Why a stream's error limit is broken; `None` while it holds. Without any limit no quarantined
/// row is borne.
#[must_use]
pub fn over_limit(limit: &ErrorLimit, read: u64, quarantined: u64) -> Option<String> {
    if limit.rows.is_none() && limit.percentage.is_none() {
        return (quarantined > 0)
            .then(|| format!("{quarantined} of {read} rows quarantined; without an error_limit none is borne"));
    }
    let rows = limit
        .rows
        .filter(|most| quarantined > *most)
        .map(|most| format!("{quarantined} of {read} rows quarantined, more than error_limit.rows {most}"));
    let percentage = || {
        let most = limit.percentage?;
        let share = share(read, quarantined);
        (share > most).then(|| {
            format!("{quarantined} of {read} rows quarantined ({share:.2} %), more than error_limit.percentage {most}")
        })
    };
    rows.or_else(percentage)
}

fn row_count(rows: u64, min: Option<u64>, max: Option<u64>) -> Option<(&'static str, String)> {
    if let Some(min) = min.filter(|min| rows < *min) {
        return Some(("too_few_rows", format!("{rows} rows, fewer than the minimum {min}")));
    }
    let max = max.filter(|max| rows > *max)?;
    Some(("too_many_rows", format!("{rows} rows, more than the maximum {max}")))
}

fn freshness(column: &str, max_age: Duration, measures: &[String], now: Timestamp) -> Option<(&'static str, String)> {
    let newest = measures.iter().map(|measure| measure.parse::<i128>()).collect::<Result<Vec<_>, _>>();
    let newest = match newest.map(|newest| newest.into_iter().max()) {
        Ok(Some(newest)) => newest,
        Ok(None) => return Some(("freshness_unknown", format!("no value in `{column}` in the whole run"))),
        Err(_) => return Some(("freshness_unknown", format!("what was measured of `{column}` cannot be read"))),
    };
    let age = i128::from(now.timestamp_micros()) - newest;
    let most = i128::try_from(max_age.as_micros()).unwrap_or(i128::MAX);
    (age > most).then(|| {
        let reason = format!("the newest `{column}` is {} old, more than {}", rough(age), Span(max_age));
        ("not_fresh", reason)
    })
}

/// An age in its greatest whole unit: enough to act on, and no record's value.
fn rough(micros: i128) -> String {
    let seconds = micros / 1_000_000;
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let unit = units.iter().find(|(_, length)| seconds >= *length);
    unit.map_or_else(|| "under 1s".to_owned(), |(name, length)| format!("{}{name}", seconds / length))
}

/// Percent of the rows read. Records that never became a row may be quarantined without being
/// counted as read; a share is never above 100.
fn share(read: u64, quarantined: u64) -> f64 {
    let whole = read.max(quarantined);
    if whole == 0 { 0.0 } else { as_float(quarantined) * 100.0 / as_float(whole) }
}

#[expect(clippy::cast_precision_loss, reason = "a share of more than 2^53 rows may be a little off")]
fn as_float(rows: u64) -> f64 {
    rows as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_broken_by_the_first_row_beyond_it() {
        let limit = |percentage, rows| ErrorLimit { percentage, rows };
        for (limit, read, quarantined, expected) in [
            (limit(None, None), 10, 0, None),
            (limit(None, None), 10, 1, Some("1 of 10 rows quarantined; without an error_limit none is borne")),
            (limit(None, Some(2)), 10, 2, None),
            (limit(None, Some(2)), 10, 3, Some("3 of 10 rows quarantined, more than error_limit.rows 2")),
            (limit(Some(1.0), None), 1000, 10, None),
            (
                limit(Some(1.0), None),
                1000,
                11,
                Some("11 of 1000 rows quarantined (1.10 %), more than error_limit.percentage 1"),
            ),
            (limit(Some(50.0), Some(2)), 10, 3, Some("3 of 10 rows quarantined, more than error_limit.rows 2")),
            (limit(Some(100.0), None), 0, 5, None),
            (limit(Some(0.0), None), 0, 0, None),
            (
                limit(Some(0.0), None),
                0,
                1,
                Some("1 of 0 rows quarantined (100.00 %), more than error_limit.percentage 0"),
            ),
        ] {
            assert_eq!(over_limit(&limit, read, quarantined).as_deref(), expected);
        }
    }
}
