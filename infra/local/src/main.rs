//! The `millstream` command.

use std::process::ExitCode;

use clap::Parser;
use millstream::opt::Opt;
use millstream::output::Output;

/// The system's allocator keeps freed batches; this one gives them back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The place of `purge_delay` among the allocator's options (`mi_option_t` in its header).
const PURGE_DELAY: i32 = 15;

fn main() -> ExitCode {
    give_memory_back_soon();
    if std::env::args_os().nth(1).is_some_and(|argument| argument == sandbox_compiler::child::COMMAND) {
        return sandbox_compiler::run_child();
    }
    let opt = Opt::parse();
    let output = if opt.everywhere.json { Output::Json } else { Output::Text };
    match millstream::commands::run(opt, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.print_failure(&failure);
            ExitCode::from(failure.status)
        }
    }
}

/// A batch is large and short-lived, and its memory is soon wanted by another thread: given back
/// after 5 ms. At once, each batch is paged in anew, for a tenth of a run's CPU time; kept
/// for a second, a run holds twice the memory.
#[expect(unsafe_code, reason = "the allocator's options have no safe interface")]
fn give_memory_back_soon() {
    // SAFETY: the option exists and takes any number of milliseconds; no other thread runs yet.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 5) }
}
