//! What of the runtime a rule needs: functions and constants nothing leads to are left out.

use std::collections::BTreeSet;

use crate::link::template::{Item, Template};

/// What stays of the runtime.
#[derive(Debug, Default)]
pub(crate) struct Reachable {
    pub(crate) functions: BTreeSet<u32>,
    pub(crate) segments: BTreeSet<u32>,
}

impl Reachable {
    /// What can be called or read once these functions can be called.
    pub(crate) fn from(template: &Template, roots: impl IntoIterator<Item = u32>) -> Self {
        let mut found = Self::default();
        let mut open: Vec<Item> = roots.into_iter().map(Item::Function).collect();
        while let Some(item) = open.pop() {
            if found.add(item) {
                open.extend(template.uses(item));
            }
        }
        found
    }

    /// Whether it is met for the first time.
    fn add(&mut self, item: Item) -> bool {
        match item {
            Item::Function(function) => self.functions.insert(function),
            Item::Segment(segment) => self.segments.insert(segment),
        }
    }
}
