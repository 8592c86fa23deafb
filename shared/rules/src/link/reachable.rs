//! Which of the runtime's functions a rule needs: the others are left out.

use std::collections::BTreeSet;

use crate::link::template::Template;

/// The functions that can be called once these can.
pub(crate) fn reachable(template: &Template, roots: impl IntoIterator<Item = u32>) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut open: Vec<u32> = roots.into_iter().chain(template.addressed.iter().copied()).collect();
    while let Some(function) = open.pop() {
        if found.insert(function) {
            let own = usize::try_from(function).ok().and_then(|index| index.checked_sub(template.imports.len()));
            open.extend(own.and_then(|own| template.calls.get(own)).into_iter().flatten());
        }
    }
    found
}
