use std::fmt;

use flow::Fault;
use lambda_runtime::Diagnostic;

/// What Lambda is told when a whole invocation failed: the error's type is the fault's code.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure(pub Fault);

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Diagnostic { error_type: failure.0.code, error_message: failure.0.message }
    }
}

/// As people read it: whatever logs an error shows it so.
impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}
