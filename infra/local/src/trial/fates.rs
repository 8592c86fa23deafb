//! What became of each raw row on one side.

use batch::quarantine::Entry;

use crate::lab::Outcome;

/// The outcome of a batch, looked at by raw rows.
pub(super) struct Fates<'a> {
    outcome: &'a Outcome,
    /// Where in `order` the rows of a raw row begin; one more than there are raw rows.
    begins: Vec<u32>,
    /// The rows that were given, by raw row, then in their own order.
    order: Vec<u32>,
    /// For each raw row the number of its rejection and one; 0 for none.
    rejects: Vec<u32>,
}

/// What became of a raw row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate<'a> {
    /// It became these rows.
    Rows(&'a [u32]),
    /// It was refused.
    Refused(Refusal<'a>),
    /// It was passed over.
    Filtered,
}

/// Why a row was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal<'a> {
    pub(super) rule: &'a str,
    pub(super) code: &'a str,
    pub(super) column: Option<&'a str>,
    /// What the module says of this row; it may hold its values.
    pub(super) message: Option<&'a str>,
}

impl Refusal<'_> {
    /// Whether the reason is the same, whatever is said of the row itself.
    pub(super) fn is_like(&self, other: &Refusal<'_>) -> bool {
        (self.code, self.column) == (other.code, other.column)
    }
}

impl<'a> Fates<'a> {
    pub(super) fn of(outcome: &'a Outcome, raw_rows: usize) -> Self {
        let (begins, order) = by_source(&outcome.sources, raw_rows);
        let mut rejects = vec![0; raw_rows];
        for (entry, number) in outcome.rejects.iter().zip(1..) {
            let row = entry.row.and_then(|row| usize::try_from(row).ok());
            if let Some(place) = row.and_then(|row| rejects.get_mut(row)).filter(|place| **place == 0) {
                *place = number;
            }
        }
        Self { outcome, begins, order, rejects }
    }

    pub(super) fn at(&self, row: usize) -> Fate<'_> {
        if let Some(fault) = &self.outcome.fault {
            let refusal =
                Refusal { rule: "batch", code: &fault.code, column: None, message: Some(fault.message.as_str()) };
            return Fate::Refused(refusal);
        }
        let range = self.begins.get(row).zip(self.begins.get(row + 1));
        let rows = range.and_then(|(from, to)| self.order.get(*from as usize..*to as usize)).unwrap_or(&[]);
        if !rows.is_empty() {
            return Fate::Rows(rows);
        }
        let number = self.rejects.get(row).copied().unwrap_or(0) as usize;
        match number.checked_sub(1).and_then(|number| self.outcome.rejects.get(number)) {
            Some(entry) => Fate::Refused(refusal(entry)),
            None => Fate::Filtered,
        }
    }
}

fn refusal(entry: &Entry) -> Refusal<'_> {
    Refusal { rule: &entry.rule, code: &entry.code, column: entry.column.as_deref(), message: entry.value.as_deref() }
}

/// Counts, then places: the rows of each raw row lie side by side.
fn by_source(sources: &[u64], raw_rows: usize) -> (Vec<u32>, Vec<u32>) {
    let place = |source: &u64| usize::try_from(*source).ok().filter(|source| *source < raw_rows);
    let mut begins = vec![0u32; raw_rows + 1];
    for source in sources.iter().filter_map(place) {
        if let Some(count) = begins.get_mut(source + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for begin in &mut begins {
        sum += *begin;
        *begin = sum;
    }
    let mut next = begins.clone();
    let mut order = vec![0u32; sum as usize];
    for (row, source) in sources.iter().enumerate() {
        let Some(next) = place(source).and_then(|source| next.get_mut(source)) else { continue };
        if let Some(slot) = order.get_mut(*next as usize) {
            *slot = u32::try_from(row).unwrap_or(u32::MAX);
            *next += 1;
        }
    }
    (begins, order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lie_by_their_raw_row_in_their_own_order() {
        let (begins, order) = by_source(&[2, 0, 2, 9], 3);
        assert_eq!(begins, [0, 1, 1, 3]);
        assert_eq!(order, [1, 0, 2]);
    }
}
