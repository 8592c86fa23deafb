//! The whole command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use flow::QueueName;

/// Keeps data in step between systems: pulls, transforms in a sandbox, checks, delivers, tells.
///
/// Exit status: 0 done, 1 failed, 2 bad input or config, 3 done but degraded.
#[derive(Debug, Parser)]
#[command(name = "millstream", version, max_term_width = 100)]
pub struct Opt {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What holds for every command.
    #[command(flatten)]
    pub everywhere: Everywhere,
}

/// What holds for every command.
#[derive(Debug, Clone, Args)]
pub struct Everywhere {
    /// Folder of state, stage, queue and modules. Default: `.millstream` beside the spec, else here.
    #[arg(long, global = true, env = "MILLSTREAM_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Print JSON on standard output in place of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Log to standard error what the functions do; twice for more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a first spec with a little data, ready to run.
    Init(InitArgs),
    /// Check a spec without reading or writing any data.
    Validate(ValidateArgs),
    /// List what the source of a spec has: streams, columns, types, keys.
    Discover(SpecArgs),
    /// Run a sync until everything is delivered; goes on with a run that was interrupted.
    Run(RunArgs),
    /// Keep syncs running by their schedules until stopped.
    Dev(DevArgs),
    /// List runs, or show one.
    Runs(RunsArgs),
    /// Show how every sync stands: last run, next run, the latest signals, queues, dead letters.
    Status,
    /// Show or reset where incremental streams go on.
    #[command(subcommand)]
    State(StateCommand),
    /// Show what a module would change, on raw batches that are kept. Delivers nothing.
    Try(TryArgs),
    /// Run case files: given rows, expected rows or rejections.
    Test(TestArgs),
    /// Send the raw batches of a past run through the rules as they are now, and deliver.
    Replay(ReplayArgs),
    /// List, show, export or replay rows in quarantine.
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// List, show, redrive or discard messages that could not be processed.
    #[command(subcommand)]
    DeadLetter(DeadLetterCommand),
    /// Add modules, look at them, make versions active and take them back.
    #[command(subcommand)]
    Modules(ModulesCommand),
    /// Compile, explain or run a rule.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Run the functions of a translated AWS template here, on an emulator of S3 and SQS.
    Emulate(EmulateArgs),
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Folder to write to; made when it is not there.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Name of the sync. Default: the folder's name.
    #[arg(long)]
    pub name: Option<String>,
}

/// `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// The spec: YAML or JSON.
    #[arg(required_unless_present = "print_schema")]
    pub spec: Option<PathBuf>,
    /// Print the JSON Schema of specs and do nothing else.
    #[arg(long)]
    pub print_schema: bool,
}

/// A spec.
#[derive(Debug, Args)]
pub struct SpecArgs {
    /// The spec: YAML or JSON.
    pub spec: PathBuf,
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The spec: YAML or JSON.
    pub spec: PathBuf,
    /// Give an interrupted or failed run up and start a new one.
    #[arg(long)]
    pub restart: bool,
}

/// `dev`.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// The specs: YAML or JSON.
    #[arg(required = true)]
    pub specs: Vec<PathBuf>,
}

/// `runs`.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// Show this run with its streams.
    pub run: Option<String>,
    /// Only runs of this sync.
    #[arg(long)]
    pub sync: Option<String>,
    /// At most so many, newest first.
    #[arg(long, default_value_t = 20)]
    pub limit: u32,
}

/// `state`.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// Show the bookmarks.
    Show {
        /// Only of this sync.
        #[arg(long)]
        sync: Option<String>,
    },
    /// Remove a stream's bookmark: the next run reads it from the beginning.
    Reset {
        /// The sync.
        #[arg(long)]
        sync: String,
        /// The stream.
        #[arg(long)]
        stream: String,
    },
}

/// `try`.
#[derive(Debug, Args)]
pub struct TryArgs {
    /// What is tried: a `.wasm` file, or `name`, `name@version`, a digest of an added module.
    pub candidate: String,
    /// The sync whose kept batches it is tried on.
    #[arg(long)]
    pub sync: String,
    /// The stream. Default: the only one.
    #[arg(long)]
    pub stream: Option<String>,
    /// Config of the candidate, as JSON. Default: that of the transform it stands for.
    #[arg(long, value_name = "JSON")]
    pub config: Option<String>,
    /// The transform it stands for, counted from 1. Default: the one with its name, or the only one.
    #[arg(long, value_name = "N")]
    pub at: Option<usize>,
    /// The newest so many batches.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub batches: u32,
    /// Every batch staged since then: a moment, or how long ago (`2h`, `7d`).
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["batches", "run"])]
    pub since: Option<String>,
    /// Every batch of this run.
    #[arg(long, value_name = "RUN", conflicts_with = "batches")]
    pub run: Option<String>,
    /// Show at most so many examples of each change.
    #[arg(long, value_name = "K", default_value_t = 3)]
    pub examples: usize,
}

/// `test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Case files. Default: every `.yaml` and `.yml` file of `--dir`.
    pub files: Vec<PathBuf>,
    /// Folder of case files.
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub dir: PathBuf,
}

/// `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The spec to replay with. Default: the sync's last saved one.
    pub spec: Option<PathBuf>,
    /// The run.
    #[arg(long)]
    pub run: String,
    /// A module to replay with, in place of the stream's: a `.wasm` file or an added one.
    #[arg(long, visible_alias = "rule", value_name = "NEW")]
    pub module: Option<String>,
    /// Config of the module, as JSON. Default: that of the transform it stands for.
    #[arg(long, value_name = "JSON", requires = "module")]
    pub config: Option<String>,
    /// The transform it stands for, counted from 1. Default: the one with its name, or the only one.
    #[arg(long, value_name = "N", requires = "module")]
    pub at: Option<usize>,
    /// Only this stream. Default: all of the run.
    #[arg(long)]
    pub stream: Option<String>,
    /// Only the rows that are in quarantine.
    #[arg(long, value_enum)]
    pub only: Option<Only>,
    /// Replay the later runs of the streams too, in their order.
    #[arg(long)]
    pub and_later: bool,
    /// Give a replay up that was interrupted or failed, and start again.
    #[arg(long)]
    pub restart: bool,
}

/// Which rows of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Only {
    /// Those in quarantine.
    Quarantined,
}

/// `quarantine`.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// Count quarantined rows by run, rule and reason.
    List(QuarantineArgs),
    /// Show quarantined rows with their reasons.
    Show(QuarantineArgs),
    /// Send the quarantined rows of a run through the rules as they are now: `replay --only quarantined`.
    Replay(ReplayArgs),
    /// Write quarantined rows with their reasons and all their columns to a file.
    Export {
        /// What to export.
        #[command(flatten)]
        args: QuarantineArgs,
        /// The file; `-` is standard output.
        #[arg(short, long, default_value = "-")]
        output: PathBuf,
        /// Its format.
        #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
        format: ExportFormat,
    },
}

/// Which quarantined rows.
#[derive(Debug, Args)]
pub struct QuarantineArgs {
    /// Only of this entry, as `quarantine list --json` names it.
    pub id: Option<String>,
    /// Only of this sync.
    #[arg(long)]
    pub sync: Option<String>,
    /// Only of this stream.
    #[arg(long)]
    pub stream: Option<String>,
    /// Only of this run.
    #[arg(long)]
    pub run: Option<String>,
    /// Also those a replay has resolved.
    #[arg(long)]
    pub all: bool,
    /// Show at most so many rows (list and export: all).
    #[arg(long, default_value_t = 10)]
    pub limit: usize,
}

/// Format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object a line.
    Jsonl,
    /// Parquet.
    Parquet,
}

/// `dead-letter`.
#[derive(Debug, Subcommand)]
pub enum DeadLetterCommand {
    /// List dead letters with their causes.
    List {
        /// Only of this queue: slices, staged, transformed, checked or signals.
        #[arg(long, value_parser = queue_name)]
        queue: Option<QueueName>,
    },
    /// Show one with its message.
    Show {
        /// Its id, as `dead-letter list` names it.
        id: String,
    },
    /// Try again, once the cause is mended: failed runs go on with what they have not delivered,
    /// signals are sent again.
    Redrive(DeadLetterArgs),
    /// Remove dead letters for good. What a run has staged stays.
    Discard(DeadLetterArgs),
}

/// Which dead letters.
#[derive(Debug, Args)]
pub struct DeadLetterArgs {
    /// These, as `dead-letter list` names them.
    #[arg(required_unless_present_any = ["queue", "all"])]
    pub ids: Vec<String>,
    /// All of this queue: slices, staged, transformed, checked or signals.
    #[arg(long, value_parser = queue_name, conflicts_with = "ids")]
    pub queue: Option<QueueName>,
    /// All of every queue.
    #[arg(long, conflicts_with_all = ["ids", "queue"])]
    pub all: bool,
}

fn queue_name(text: &str) -> Result<QueueName, String> {
    let known = QueueName::ALL.map(QueueName::as_str).join(", ");
    QueueName::ALL.into_iter().find(|queue| queue.as_str() == text).ok_or_else(|| format!("expected one of {known}"))
}

/// `modules`.
#[derive(Debug, Subcommand)]
pub enum ModulesCommand {
    /// Write a project for a first module, ready to be built.
    Init(ModulesInitArgs),
    /// Make a module of a core module that a compiler for WASI made (Go, TinyGo, C).
    Wrap(ModulesWrapArgs),
    /// Check a module, compile it and add it under a name.
    Add(AddArgs),
    /// List the modules.
    List,
    /// Show one module: what it is, what is active under its name, and who goes on without it.
    Show {
        /// `name`, `name@version`, `name@sha256:…` or a digest.
        module: String,
    },
    /// Check that a module is what was added, and that it gives the same each time.
    Verify {
        /// `name`, `name@version`, `name@sha256:…` or a digest.
        module: String,
        /// Put at most so many kept batches through it, the newest first.
        #[arg(long, default_value_t = 3)]
        batches: usize,
    },
    /// Make a version the one that specs follow which name the module without a version.
    Activate {
        /// `name@version`, or `name@sha256:…`.
        module: String,
        /// Also when it cannot be opened with the columns of a stream that would follow it.
        #[arg(long)]
        force: bool,
        /// Who does it. Default: the user.
        #[arg(long)]
        by: Option<String>,
    },
    /// Go back to the version that was active before.
    Deactivate {
        /// The name.
        name: String,
        /// Who does it. Default: the user.
        #[arg(long)]
        by: Option<String>,
    },
    /// Remove a version nobody needs.
    Remove {
        /// `name@version`, or `name@sha256:…`.
        module: String,
    },
    /// Show what was active under a name, since when and by whom.
    History {
        /// The name.
        name: String,
    },
}

/// `modules add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The WASM file.
    pub file: PathBuf,
    /// Its name. Default: the file's name.
    #[arg(long)]
    pub name: Option<String>,
    /// Its version. The same version may not be given to other bytes.
    #[arg(long, default_value = "0.1.0")]
    pub version: String,
    /// Make it the active version at once.
    #[arg(long)]
    pub activate: bool,
    /// A limit of its own: memory, time, output_bytes, table_entries, isolation_time,
    /// isolation_rows, compile_cpu, compile_memory or compile_time, such as `memory=128MiB`.
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    pub limits: Vec<String>,
    /// Columns to open it with now, such as `id:int64,name:utf8?`.
    #[arg(long, value_name = "COLUMNS")]
    pub schema: Option<String>,
    /// Config to open it with, as JSON.
    #[arg(long, value_name = "JSON", requires = "schema")]
    pub config: Option<String>,
    /// Who adds it. Default: the user.
    #[arg(long)]
    pub by: Option<String>,
}

/// `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Compile a rule to a WASM component.
    Compile {
        /// The rule: `.sql`, or `.yaml` with the key `map` or `rule_set`.
        file: PathBuf,
        /// The columns it meets.
        #[command(flatten)]
        input: RuleInput,
        /// File to write the component to.
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// Show the SQL a rule stands for, and the columns it gives.
    Explain {
        /// The rule: `.sql`, or `.yaml` with the key `map` or `rule_set`.
        file: PathBuf,
        /// The columns it meets.
        #[command(flatten)]
        input: RuleInput,
    },
    /// Find what the rules of a set contradict each other in, and the checks of the stream behind
    /// them. Exit status 1 when a conflict was shown.
    Check {
        /// The rule set: `.yaml` with the key `rule_set`.
        file: PathBuf,
        /// The columns it meets.
        #[command(flatten)]
        input: RuleInput,
    },
    /// Put the rows of a file through a rule: rows as JSON lines on standard output, the rest on
    /// standard error.
    Run(RulesRunArgs),
    /// List the functions rules can call.
    Functions,
}

/// The columns a rule meets.
#[derive(Debug, Args)]
pub struct RuleInput {
    /// As a line: `id:int64,name:utf8?,amount:decimal(12,2)?`; `?` allows NULL.
    #[arg(long, conflicts_with_all = ["sync", "stream"])]
    pub schema: Option<String>,
    /// The sync whose last run had them.
    #[arg(long, requires = "stream")]
    pub sync: Option<String>,
    /// Its stream.
    #[arg(long, requires = "sync")]
    pub stream: Option<String>,
}

/// `rules run`.
#[derive(Debug, Args)]
pub struct RulesRunArgs {
    /// The rule: `.sql`, or `.yaml` with the key `map` or `rule_set`.
    pub file: PathBuf,
    /// The rows: CSV, JSON lines or Parquet, by the file's name.
    #[arg(long, short)]
    pub input: PathBuf,
    /// Types of its columns where they are not to be inferred: `amount:decimal(12,2)?`.
    #[arg(long)]
    pub schema: Option<String>,
    /// At most so many rows are read.
    #[arg(long)]
    pub limit: Option<u64>,
}

/// `modules init`.
#[derive(Debug, Args)]
pub struct ModulesInitArgs {
    /// Folder to write to; made when it is not there.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// The language.
    #[arg(long, value_enum)]
    pub lang: Language,
    /// Name of the module. Default: the folder's name.
    #[arg(long)]
    pub name: Option<String>,
}

/// A language modules are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Rust, over columns.
    Rust,
    /// JavaScript, over JSON records.
    Js,
    /// Python, over JSON records.
    Python,
    /// Go, over JSON records.
    Go,
}

/// `modules wrap`.
#[derive(Debug, Args)]
pub struct ModulesWrapArgs {
    /// The core module; it exports what the contract's world `records` asks for.
    pub file: PathBuf,
    /// Where the module is written to.
    #[arg(short, long)]
    pub output: PathBuf,
}

/// `emulate`.
#[derive(Debug, Args)]
pub struct EmulateArgs {
    /// The template as plain CloudFormation, in JSON.
    pub template: PathBuf,
    /// Where an emulator of S3 and SQS listens.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    pub endpoint: String,
    /// Another address that the functions are given in its place: a proxy's that makes faults.
    #[arg(long, value_name = "URL")]
    pub functions_endpoint: Option<String>,
    /// Folder of ready-made bootstraps: `NAME/bootstrap`, as `cargo lambda build` makes them, or `NAME`.
    #[arg(long, value_name = "DIR")]
    pub bootstraps: Option<PathBuf>,
    /// Where `cargo lambda watch` listens; it runs the function NAME, else all.
    #[arg(long, value_name = "[NAME=]URL")]
    pub watch: Vec<String>,
    /// A parameter of the template.
    #[arg(long = "parameter", short = 'p', value_name = "NAME=VALUE")]
    pub parameters: Vec<String>,
    /// A variable for every function, beside those it has on AWS.
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub environment: Vec<String>,
    /// Write each function's variables to `DIR/NAME.env`, for `cargo lambda watch --env-file`.
    #[arg(long, value_name = "DIR")]
    pub env_files: Option<PathBuf>,
    /// Port of the Invoke API on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 3001)]
    pub port: u16,
    /// Processes of one function at most, where the template reserves no fewer.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub concurrency: u32,
    /// Name of the stack; what has no name of its own is named after it.
    #[arg(long, value_name = "NAME", default_value = "millstream")]
    pub stack_name: String,
    /// The region functions are told they run in.
    #[arg(long, default_value = "us-east-1")]
    pub region: String,
    /// Schedules follow a clock that stands still until `POST /_millstream/tick` moves it; it starts
    /// now, or at this moment.
    #[arg(long, value_name = "MOMENT", num_args = 0..=1)]
    pub manual_clock: Option<Option<String>>,
}
