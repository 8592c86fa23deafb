//! The fingerprints of one call, before anybody looks for them in a database.

/// A fingerprint of the call, with the first row that has it.
pub(crate) struct Asked {
    pub(crate) key: u128,
    /// Who has it, as far as is known.
    pub(crate) owner: Option<u32>,
    pub(crate) row: usize,
}

/// The fingerprints in order, each once, and the answers so far: true for every later row of one.
pub(crate) fn sort(keys: &[u128]) -> (Vec<Asked>, Vec<bool>) {
    let mut answers = vec![false; keys.len()];
    let mut asked: Vec<Asked> =
        keys.iter().enumerate().map(|(row, key)| Asked { key: *key, owner: None, row }).collect();
    asked.sort_unstable_by_key(|asked| (asked.key, asked.row));
    asked.dedup_by(|later, first| {
        let is_same = later.key == first.key;
        if is_same && let Some(answer) = answers.get_mut(later.row) {
            *answer = true;
        }
        is_same
    });
    (asked, answers)
}
