//! From text to syntax: one SELECT, with every place known.

mod dialect;
mod statement;
mod tokens;

pub(crate) use dialect::BETWEEN_SYMMETRIC;
pub(crate) use statement::{Item, Select, data_type, expression, select};
pub(crate) use tokens::Tokens;

use std::thread;

use crate::error::Error;

/// Enough for the deepest text the parser lets through, in a debug build too.
const STACK: usize = 256 << 20;

/// Runs work on nested syntax on a stack of its own, so that no text can overflow the caller's.
pub(crate) fn on_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().name("rules".to_owned()).stack_size(STACK);
        let Ok(handle) = worker.spawn_scoped(scope, work) else {
            return Err(Error::Compiler("no memory for its stack"));
        };
        handle.join().unwrap_or(Err(Error::Compiler("it panicked")))
    })
}
