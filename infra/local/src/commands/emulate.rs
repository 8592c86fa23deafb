use std::collections::BTreeMap;
use std::sync::Arc;

use ::emulate::template::{Place, Stack, Template};
use ::emulate::{Counts, Emulation, Options, Runner, ScheduleClock, Tell};
use flow::Clock as _;
use serde::Serialize;
use serde_json::json;
use worker::SystemClock;

use super::dev::stop_signal;
use crate::Failure;
use crate::opt::EmulateArgs;
use crate::output::{Output, note, table, write_line};

/// Accounts are not checked by emulators; this is the one they use when none is named.
const ACCOUNT: &str = "000000000000";

pub(crate) async fn emulate(args: &EmulateArgs, output: Output) -> Result<(), Failure> {
    let emulation = Emulation::start(options(args, output)?).await?;
    let started = Started::of(&emulation, args);
    output.print(&started, Started::text)?;
    let asked_to_stop = stop_signal();
    note("running until stopped (Ctrl-C)");
    asked_to_stop.await;
    note("stopping: what is at work is finished first; a second Ctrl-C ends it at once");
    tokio::select! {
        counts = emulation.stop() => output.print(&counts, summary),
        () = stop_signal() => Err(Failure::told(1)),
    }
}

fn options(args: &EmulateArgs, output: Output) -> Result<Options, Failure> {
    let clock = Arc::new(SystemClock::new());
    let mut options = Options::new(Template::read(&args.template)?, &args.endpoint, clock.clone());
    options.parameters = pairs("--parameter", &args.parameters)?;
    options.functions_endpoint.clone_from(&args.functions_endpoint);
    options.runner = args.bootstraps.clone().map(Runner::Bootstraps);
    for watch in &args.watch {
        match watch.split_once('=').filter(|(name, _)| !name.contains(':')) {
            Some((name, address)) => {
                _ = options.runners.insert(name.to_owned(), Runner::Watch(address.to_owned()));
            }
            None if options.runner.is_none() => options.runner = Some(Runner::Watch(watch.clone())),
            None => {
                let message = "one thing runs every function: with `--bootstraps`, or a second `--watch`, name the \
                               function, as `--watch transform=http://127.0.0.1:9000`";
                return Err(Failure::input("runner_ambiguous", message));
            }
        }
    }
    options.port = args.port;
    options.concurrency = args.concurrency;
    options.place = Place { region: args.region.clone(), account: ACCOUNT.to_owned(), stack: args.stack_name.clone() };
    options.environment = pairs("--env", &args.environment)?;
    options.environment_files.clone_from(&args.env_files);
    options.schedule = match &args.manual_clock {
        None => ScheduleClock::Machine,
        Some(None) => ScheduleClock::Manual(clock.now()),
        Some(Some(start)) => ScheduleClock::Manual(start.parse().map_err(|_| {
            Failure::input(
                "moment_malformed",
                format!("`{start}` is no moment; expected one like 2026-11-22T10:15:00Z"),
            )
        })?),
    };
    options.tell = teller(output);
    Ok(options)
}

/// Names and values. A value is never printed: it may be a secret.
fn pairs(option: &str, written: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let pair = |text: &String| match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Failure::input("pair_malformed", format!("`{option}` takes NAME=VALUE"))),
    };
    written.iter().map(pair).collect()
}

fn teller(output: Output) -> Tell {
    match output {
        Output::Text => Arc::new(|told| note(&told.to_string())),
        Output::Json => Arc::new(|told| write_line(&json!(told).to_string())),
    }
}

/// What runs where.
#[derive(Serialize)]
struct Started {
    invoke: String,
    endpoint: String,
    functions: Vec<Function>,
    queues: BTreeMap<String, String>,
    buckets: BTreeMap<String, String>,
    passed_over: Vec<::emulate::template::PassedOver>,
}

#[derive(Serialize)]
struct Function {
    function: String,
    name: String,
    arn: String,
    timeout_seconds: u64,
    called_by: Vec<String>,
}

impl Started {
    fn of(emulation: &Emulation, args: &EmulateArgs) -> Self {
        let stack = emulation.stack();
        let url = |id: &String| emulation.queue_url(id).unwrap_or_default().to_owned();
        let function = |function: &::emulate::template::Function| Function {
            function: function.binary.clone(),
            name: function.name.clone(),
            arn: function.arn.clone(),
            timeout_seconds: function.timeout.as_secs(),
            called_by: called_by(stack, &function.id),
        };
        Self {
            invoke: emulation.address(),
            endpoint: args.endpoint.clone(),
            functions: stack.functions.iter().map(function).collect(),
            queues: stack.queues.iter().map(|queue| (queue.id.clone(), url(&queue.id))).collect(),
            buckets: stack.buckets.iter().map(|bucket| (bucket.id.clone(), bucket.name.clone())).collect(),
            passed_over: stack.passed_over.clone(),
        }
    }

    fn text(&self) -> String {
        let mut rows = vec![["FUNCTION", "LIMIT", "CALLED BY"].map(str::to_owned).to_vec()];
        rows.extend(self.functions.iter().map(|function| {
            vec![function.function.clone(), format!("{} s", function.timeout_seconds), function.called_by.join("; ")]
        }));
        let mut passed: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for resource in &self.passed_over {
            *passed.entry((&resource.kind, &resource.why)).or_default() += 1;
        }
        let passed = passed.iter().map(|((kind, why), count)| format!("  {count} × {kind}: {why}\n"));
        format!(
            "{}\n\nInvoke API: {}\nS3 and SQS: {}, {} queue(s) and {} bucket(s)\npassed over:\n{}",
            table(&rows),
            self.invoke,
            self.endpoint,
            self.queues.len(),
            self.buckets.len(),
            passed.collect::<String>().trim_end(),
        )
    }
}

/// Who calls a function, and how.
fn called_by(stack: &Stack, id: &str) -> Vec<String> {
    let mappings = stack.mappings.iter().filter(|mapping| mapping.function == id).map(|mapping| {
        let at_once = mapping.concurrency.map_or(String::new(), |concurrency| format!(", {concurrency} at once"));
        format!("{}, up to {} message(s){at_once}", mapping.queue, mapping.batch_size)
    });
    let rules = stack.rules.iter().filter(|rule| rule.targets.iter().any(|target| target.function == id));
    mappings.chain(rules.map(|rule| rule.written.clone())).collect()
}

/// What was done, a function a line.
fn summary(counts: &Counts) -> String {
    let mut rows =
        vec![["FUNCTION", "INVOCATIONS", "ERRORS", "TIMEOUTS", "CRASHES", "PROCESSES"].map(str::to_owned).to_vec()];
    rows.extend(counts.functions.iter().map(|(name, function)| {
        let crashes = function.crashes + function.init_failures;
        let numbers = [function.invocations, function.errors, function.timeouts, crashes, function.processes];
        std::iter::once(name.clone()).chain(numbers.map(|number| number.to_string())).collect()
    }));
    table(&rows)
}
