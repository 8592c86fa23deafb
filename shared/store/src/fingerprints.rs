//! The fingerprints of one call, before anybody looks for them in a database.

/// A fingerprint of the call, with the first row that has it.
pub(crate) struct First {
    pub(crate) key: u128,
    pub(crate) row: usize,
}

/// The fingerprints in order, each once, and the answers so far: true for every later row of one.
pub(crate) fn sort(keys: &[u128]) -> (Vec<First>, Vec<bool>) {
    let mut answers = vec![false; keys.len()];
    let mut firsts: Vec<First> = keys.iter().enumerate().map(|(row, key)| First { key: *key, row }).collect();
    firsts.sort_unstable_by_key(|first| (first.key, first.row));
    firsts.dedup_by(|later, first| {
        let is_same = later.key == first.key;
        if is_same && let Some(answer) = answers.get_mut(later.row) {
            *answer = true;
        }
        is_same
    });
    (firsts, answers)
}
