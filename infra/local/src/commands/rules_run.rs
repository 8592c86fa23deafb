//! `rules run`: the rows of one file through one rule, as a pipeline would put them.

use std::collections::BTreeMap;
use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use flow::{Clock, StreamName, SyncName};
use sandbox::{Limits, Sandbox};
use sandbox_compiler::Compiler;
use serde::Serialize;
use source::{PlanRequest, ReadRequest, Source};
use source_file::FileSource;
use spec::{Rule, Stream};

use crate::opt::RulesRunArgs;
use crate::output::{Output, note};
use crate::registry::rules::bytes;
use crate::{Failure, settings};

/// What became of the rows.
#[derive(Debug, Default, Serialize)]
struct Summary {
    read: u64,
    given: u64,
    rejected: BTreeMap<String, u64>,
    unreadable: u64,
}

pub(crate) async fn run(args: &RulesRunArgs, output: Output) -> Result<(), Failure> {
    let (name, rule) = spec::load::rule(&args.file)?;
    let stream = stream_of(args)?;
    let source = FileSource::new(settings::resolver());
    let plan = source.plan(PlanRequest { stream: &stream, bookmark: None }).await?;
    let mut guest = open((&name, &rule), &plan.schema, &stream.name).await?;
    let mut summary = Summary::default();
    for part in &plan.parts {
        let request = ReadRequest { stream: &stream, schema: plan.schema.clone(), part, position: None };
        let mut reader = source.read(request).await?;
        while let Some(pulled) = reader.next().await? {
            summary.unreadable += pulled.rejects.len() as u64;
            let left = args.limit.map_or(u64::MAX, |limit| limit.saturating_sub(summary.read));
            let rows = usize::try_from(left).unwrap_or(usize::MAX).min(pulled.rows.num_rows());
            summary.read += rows as u64;
            put_through(&mut guest, &pulled.rows.slice(0, rows), &mut summary)?;
            if rows as u64 == left {
                return tell(&summary, output);
            }
        }
    }
    tell(&summary, output)
}

/// The file as the stream of a spec: it is read as a pipeline reads it.
fn stream_of(args: &RulesRunArgs) -> Result<Stream, Failure> {
    let mut stream = serde_json::json!({ "name": "input", "path": args.input.display().to_string() });
    if let Some(line) = &args.schema {
        let schema = batch::schema::parse_notation(line)?;
        let columns = schema.fields().iter().map(|field| {
            let mark = if field.is_nullable() { "" } else { "!" };
            Ok((field.name().clone(), format!("{}{mark}", batch::ColumnType::of(field)?).into()))
        });
        stream["columns"] =
            columns.collect::<Result<serde_json::Map<String, serde_json::Value>, batch::Error>>()?.into();
    }
    let text = serde_json::json!({
        "version": 1,
        "sync": "rules",
        "source": { "type": "file" },
        "destination": { "type": "jsonl", "path": "nowhere" },
        "streams": [stream],
    });
    let here = std::path::absolute(".").map_err(|error| Failure::input("folder_unreadable", error.to_string()))?;
    let sync = spec::load::text_at(&text.to_string(), &here)?.validate()?;
    sync.streams.into_iter().next().ok_or_else(|| Failure::input("input_missing", "no file was named"))
}

async fn open((name, rule): (&str, &Rule), schema: &SchemaRef, stream: &StreamName) -> Result<sandbox::Guest, Failure> {
    let bytes = bytes(name, rule, schema)?;
    let program = std::env::current_exe().map_err(|error| Failure::input("binary_lost", error.to_string()))?;
    let prepared = Compiler::new(program).prepare(&bytes)?;
    let sandbox = Sandbox::new(Limits::default())?;
    let module = sandbox.load(&prepared.artifact, &prepared.artifact_digest, &prepared.digest)?;
    let sync = SyncName::new("rules").map_err(|error| Failure::input("name_invalid", error.to_string()))?;
    let context = sandbox::Context { sync, stream: stream.clone(), run_clock: worker::SystemClock::new().now() };
    Ok(module.open(schema, &serde_json::Value::Null, &context)?)
}

fn put_through(guest: &mut sandbox::Guest, rows: &RecordBatch, summary: &mut Summary) -> Result<(), Failure> {
    let put = sandbox::isolate(guest, rows)?.output;
    summary.given += put.rows.num_rows() as u64;
    for reject in put.rejects {
        *summary.rejected.entry(reject.code).or_default() += 1;
    }
    let unwritable = |error: &dyn std::fmt::Display| Failure {
        status: 1,
        code: "output".to_owned(),
        message: format!("write the rows: {error}"),
    };
    let options = arrow_json::WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = options.build::<_, arrow_json::writer::LineDelimited>(Vec::new());
    writer.write(&put.rows).map_err(|error| unwritable(&error))?;
    std::io::stdout().lock().write_all(&writer.into_inner()).map_err(|error| unwritable(&error))
}

/// Rows go to standard output in either form, so the summary goes to standard error.
fn tell(summary: &Summary, output: Output) -> Result<(), Failure> {
    match output {
        Output::Json => note(&serde_json::json!(summary).to_string()),
        Output::Text => {
            let rejected: u64 = summary.rejected.values().sum();
            let filtered = "rows the rule leaves out are neither";
            note(&format!("{} read, {} given, {rejected} rejected ({filtered})", summary.read, summary.given));
            summary.rejected.iter().for_each(|(code, rows)| note(&format!("  {rows} {code}")));
            if summary.unreadable > 0 {
                note(&format!("  {} records of the file are no rows of it", summary.unreadable));
            }
        }
    }
    Ok(())
}
