//! A plan as a component for the modules' contract.

use crate::generate;
use crate::link::{self, Template};
use crate::plan::Plan;

/// A plan that cannot be compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One value of the rule is made of too many parts to be compiled as one function.
    #[error("a value of the rule is made of {expressions} parts and at most {limit} can be compiled: divide it")]
    TooLarge {
        /// Its parts.
        expressions: usize,
        /// The most there may be.
        limit: usize,
    },
    /// The plan contradicts itself: whoever made it is at fault.
    #[error("the rule's plan is wrong: {what}")]
    Plan {
        /// What was found.
        what: &'static str,
    },
    /// The template the rule is merged into is not what it should be.
    #[error("the runtime of rules has no `{what}`")]
    Template {
        /// What is missing.
        what: String,
    },
    /// What was put together is no module.
    #[error("the compiled rule is no valid module")]
    Module(#[source] wasmparser::BinaryReaderError),
    /// What was put together could not be written.
    #[error("the compiled rule could not be put together")]
    Merge(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The module could not be made a component.
    #[error("the compiled rule could not be made a component")]
    Wrap(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::TooLarge { .. } => "rule_too_large",
            Error::Plan { .. } => "rule_plan",
            Error::Template { .. } | Error::Module(_) | Error::Merge(_) | Error::Wrap(_) => "rule_component",
        }
    }

    /// The fault: too large a rule a person must mend, the rest is ours.
    #[must_use]
    pub fn fault(&self) -> flow::Fault {
        let kind = match self {
            Error::TooLarge { .. } => flow::FaultKind::Config,
            _ => flow::FaultKind::Bug,
        };
        flow::Fault::from_error(kind, self.code(), self)
    }
}

impl From<Error> for flow::Fault {
    fn from(error: Error) -> Self {
        error.fault()
    }
}

/// Compiles a plan to a component. The same plan gives the same bytes.
pub fn component(plan: &Plan) -> Result<Vec<u8>, Error> {
    let template = Template::get(generate::has_regexps(plan))?;
    let generated = generate::generate(plan, template.constants_at())?;
    let module = link::merge(template, &generated)?;
    link::wrap(&module)
}
