//! The `millstream` command.

use std::process::ExitCode;

use clap::Parser;
use millstream::opt::Opt;
use millstream::output::Output;

/// The system's allocator keeps freed batches; this one gives them back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
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
