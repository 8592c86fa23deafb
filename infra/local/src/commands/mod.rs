//! The commands, one file each.

mod dead_letter;
mod dev;
mod discover;
mod emulate;
mod init;
mod modules;
mod modules_init;
mod quarantine;
mod replay;
mod rules;
mod rules_run;
mod run;
mod runs;
pub(crate) mod saved;
mod state;
mod status;
mod test;
mod trial;
mod validate;

use crate::Failure;
use crate::opt::{Command, Only, Opt, QuarantineCommand};
use crate::output::Output;

/// Runs a command to its end.
pub fn run(opt: Opt, output: Output) -> Result<(), Failure> {
    log_to_stderr(opt.everywhere.verbose);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure {
        status: 1,
        code: "runtime".to_owned(),
        message: error.to_string(),
    })?;
    runtime.block_on(dispatch(opt, output))
}

async fn dispatch(opt: Opt, output: Output) -> Result<(), Failure> {
    let everywhere = &opt.everywhere;
    match opt.command {
        Command::Init(args) => init::init(&args, output),
        Command::Validate(args) => validate::validate(&args, everywhere, output).await,
        Command::Discover(args) => discover::discover(&args, output).await,
        Command::Run(args) => run::run(&args, everywhere, output).await,
        Command::Dev(args) => dev::dev(&args, everywhere, output).await,
        Command::Runs(args) => runs::runs(&args, everywhere, output).await,
        Command::Status => status::status(everywhere, output).await,
        Command::State(command) => state::state(command, everywhere, output).await,
        Command::Try(args) => trial::try_out(&args, everywhere, output).await,
        Command::Test(args) => test::test(&args, everywhere, output).await,
        Command::Replay(args) => replay::replay(&args, everywhere, output).await,
        Command::Quarantine(QuarantineCommand::Replay(mut args)) => {
            args.only = Some(Only::Quarantined);
            replay::replay(&args, everywhere, output).await
        }
        Command::Quarantine(command) => quarantine::quarantine(command, everywhere, output).await,
        Command::DeadLetter(command) => dead_letter::dead_letter(command, everywhere, output).await,
        Command::Modules(command) => modules::modules(command, everywhere, output).await,
        Command::Rules(command) => rules::rules(command, everywhere, output).await,
        Command::Emulate(args) => emulate::emulate(&args, output).await,
    }
}

fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    let ours = [
        "alert_dispatch",
        "batch_pull",
        "deliver",
        "quality_check",
        "schedule",
        "transform",
        "worker",
        "millstream",
        "sandbox",
    ];
    let filter = ours.map(|name| format!("{name}={level}")).join(",");
    _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .try_init();
}
