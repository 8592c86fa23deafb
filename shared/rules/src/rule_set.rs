//! Rule sets: business rules of the form when … then, with priorities and dates they are valid
//! within, compiled to one plan and searched for conflicts before they go live.

mod build;
mod conflicts;
mod depend;
mod validate;

pub use build::compile_rule_set;
pub use conflicts::{
    Certainty, Check, Conflict, ConflictKind, Witness, conflicts, conflicts_of_checks, contradictions,
};
pub use spec::rule_set::{Reject, Rule, RuleSet, Then, Validity};
