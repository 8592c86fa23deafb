//! What the history of a name tells of what was active.

use crate::record::{Activation, ActiveVersion, Cause};

/// What was active before the active version, the last of it at the end. What was taken back is
/// no past to go back to.
pub(crate) fn before_the_active(history: &[Activation]) -> Vec<ActiveVersion> {
    let mut stack: Vec<ActiveVersion> = Vec::new();
    for change in history {
        match (&change.cause, &change.active) {
            (Cause::Activated, Some(active)) => stack.push(active.clone()),
            (Cause::Activated, None) => {}
            // It may have gone back further than one: over versions that were removed.
            (Cause::Deactivated, active) => {
                stack.pop();
                while stack.last().is_some_and(|top| Some(top) != active.as_ref()) {
                    stack.pop();
                }
            }
        }
    }
    stack.pop();
    stack
}
