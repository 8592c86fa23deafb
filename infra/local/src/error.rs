use flow::{Fault, FaultKind};

/// How a command ended when it did not end well: an exit status and what to print.
#[derive(Debug)]
pub struct Failure {
    /// 1 failed, 2 bad input or config, 3 done but degraded.
    pub status: u8,
    /// Stable code.
    pub code: String,
    /// What was expected, what came, what to do; empty when it was told already.
    pub message: String,
}

impl Failure {
    /// Bad input or config.
    pub fn input(code: &str, message: impl Into<String>) -> Self {
        Self { status: 2, code: code.to_owned(), message: message.into() }
    }

    /// Ended with this status; everything was told already.
    #[must_use]
    pub fn told(status: u8) -> Self {
        Self { status, code: String::new(), message: String::new() }
    }
}

impl<E: Into<Fault>> From<E> for Failure {
    fn from(error: E) -> Self {
        let fault = error.into();
        Self { status: status_of(fault.kind), code: fault.code, message: fault.message }
    }
}

/// A fault a person must mend in what they wrote is bad input; everything else is a failure.
#[must_use]
pub(crate) fn status_of(kind: FaultKind) -> u8 {
    match kind {
        FaultKind::Config => 2,
        FaultKind::Retry | FaultKind::Reject | FaultKind::Bug => 1,
    }
}
