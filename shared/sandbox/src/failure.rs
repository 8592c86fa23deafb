//! Tells the ways apart in which a call can end badly.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use wasmtime::{Trap, WasmBacktrace};

use crate::host::{LogLine, Refusal};
use crate::{Error, Limits};

/// Frames of a trap that are looked at.
pub(crate) const MAX_FRAMES: Option<NonZeroUsize> = NonZeroUsize::new(64);
/// Functions that are named in a message.
const NAMED: usize = 3;

/// Which call of the contract it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Making the instance; a module's start function runs then.
    Start,
    /// `open`.
    Open,
    /// `apply`.
    Apply,
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Call::Start => "its start function",
            Call::Open => "`open`",
            Call::Apply => "`apply`",
        })
    }
}

/// Where a module was when it was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The call.
    pub call: Call,
    /// The innermost functions with names, innermost first.
    pub functions: Vec<String>,
    /// The last `error` line it logged in the call: a panic's message. It may hold values.
    pub last_words: Option<String>,
}

impl Trace {
    /// ` (at inner, outer)`, or nothing when the module has no names.
    pub(crate) fn place(&self) -> String {
        match self.functions.is_empty() {
            true => String::new(),
            false => format!(" (at {})", self.functions.join(" < ")),
        }
    }
}

/// What a call was allowed.
pub(crate) struct Allowed<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) time: Duration,
    pub(crate) output_bytes: usize,
}

/// The error a failed call stands for.
pub(crate) fn classify(error: wasmtime::Error, call: Call, lines: &[LogLine], allowed: &Allowed<'_>) -> Error {
    let backtrace = error.downcast_ref::<WasmBacktrace>();
    let last_words = lines.iter().rev().find(|line| line.level == "error").map(|line| line.message.clone());
    let trace = Box::new(Trace { call, functions: backtrace.map(functions).unwrap_or_default(), last_words });
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return match *refusal {
            Refusal::Memory { wanted } => Error::Memory { limit: allowed.limits.memory, wanted, trace },
            Refusal::Tables { wanted } => Error::Tables { limit: allowed.limits.table_entries, wanted, trace },
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => Error::Time { limit: allowed.time, trace },
        Some(Trap::StackOverflow) => Error::Stack { trace },
        Some(Trap::MemoryOutOfBounds) if backtrace.is_some_and(is_recursion) => Error::Stack { trace },
        Some(trap) => Error::Trap { reason: trap.to_string(), trace },
        None if is_too_much_output(&error) => Error::OutputBytes { limit: allowed.output_bytes },
        None if call == Call::Start => Error::Start(error.into()),
        None => Error::Output { what: error.root_cause().to_string() },
    }
}

/// Whether a read outside the memory is a language's own stack running over: it lies at the
/// memory's lower end, so that too deep a recursion leaves the memory before the native stack ends.
fn is_recursion(backtrace: &WasmBacktrace) -> bool {
    let frames = backtrace.frames();
    let different: BTreeSet<u32> = frames.iter().map(wasmtime::FrameInfo::func_index).collect();
    MAX_FRAMES.is_some_and(|max| frames.len() >= max.get()) && different.len() * 2 <= frames.len()
}

/// The runtime's own error for it has no public type; its text is held by a test.
fn is_too_much_output(error: &wasmtime::Error) -> bool {
    error.root_cause().to_string().contains("fuel allocated for hostcalls has been exhausted")
}

fn functions(backtrace: &WasmBacktrace) -> Vec<String> {
    let names = backtrace.frames().iter().filter_map(|frame| frame.func_name());
    let mut named: Vec<String> = names.map(readable).filter(|name| !is_machinery(name)).collect();
    named.dedup();
    named.truncate(NAMED);
    named
}

/// A panic's own functions stand before the one that matters.
fn is_machinery(name: &str) -> bool {
    ["core::panicking", "std::panicking", "std::sys", "__rust", "rust_panic", "alloc::raw_vec"]
        .iter()
        .any(|part| name.contains(part))
}

/// A Rust symbol as it stands in the source, without the hash it ends with. Compilers differ in
/// whether they mangle the names they keep.
fn readable(name: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => path.to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_without_its_hash() {
        assert_eq!(readable("flights::clock::minutes::h0123456789abcdef"), "flights::clock::minutes");
        assert_eq!(readable("_ZN7hostile7recurse17h82152ffc3723230cE"), "hostile::recurse");
        assert_eq!(readable("_RNvCsdL4e07JX8Xo_7hostile7recurse"), "hostile::recurse");
        assert_eq!(readable("apply"), "apply");
    }
}
