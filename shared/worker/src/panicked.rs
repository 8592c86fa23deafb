//! What is said of a step that panicked.

use std::any::Any;

use flow::{Fault, FaultKind};

/// The fault of a step that panicked. Only a message without values is repeated: one that was put
/// together may hold what a record holds.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Fault {
    let message = match panic.downcast_ref::<&'static str>() {
        Some(said) => format!("the step panicked: {said}"),
        None => "the step panicked".to_owned(),
    };
    Fault::new(FaultKind::Bug, "step_panicked", message)
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn what_a_panic_says_is_repeated_when_it_can_hold_no_values() {
        let said = |panic: fn()| panicked(catch_unwind(panic).unwrap_err().as_ref()).message;
        assert_eq!(said(|| panic!("no lane")), "the step panicked: no lane");
        let value = std::hint::black_box("a card's number");
        assert_eq!(panicked(catch_unwind(|| panic!("met {value}")).unwrap_err().as_ref()).message, "the step panicked");
    }
}
