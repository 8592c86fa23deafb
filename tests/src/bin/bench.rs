//! The benches: what the binary takes for a sync, against the least its data can take on this
//! machine, both measured in the same run. Prints a table and writes `target/bench/results.jsonl`.

#![expect(clippy::print_stdout, reason = "progress and figures are this command's result")]

#[path = "../bench/mod.rs"]
mod bench;

use std::path::PathBuf;

use bench::{Bench, Bencher, Psql, figure};
use clap::Parser;

/// Measures whole syncs and what bare tools take for the same data.
#[derive(Debug, Parser)]
struct Opt {
    /// The figure of this name, or all whose names begin with it. Default: every figure.
    name: Option<String>,
    /// Rows of the data.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    rows: u64,
    /// The binary that is measured.
    #[arg(long, default_value = "target/release/millstream")]
    millstream: PathBuf,
    /// The module of `postgres_postgres_checks_module`.
    #[arg(long, default_value = "target/guests/wasm32-unknown-unknown/guest/bench_module.wasm")]
    module: PathBuf,
    /// Address of a PostgreSQL server; its schemas whose names begin with `bench` are replaced.
    #[arg(long, env = "MILLSTREAM_TEST_POSTGRES")]
    postgres: String,
}

fn main() -> anyhow::Result<()> {
    let opt = Opt::parse();
    let chosen = Bench::chosen(opt.name.as_deref())?;
    // What an earlier run measured is not taken for this one's.
    figure::write(&[])?;
    let mut bencher = Bencher::new(Psql::new(opt.postgres), opt.millstream, opt.module, opt.rows)?;
    let mut figures = Vec::with_capacity(chosen.len());
    for bench in chosen {
        figures.push(bencher.measure(bench)?);
        // Written after each, so that what was measured outlives a later failure.
        figure::write(&figures)?;
    }
    println!("\n{}", figure::table(&figures));
    Ok(())
}
