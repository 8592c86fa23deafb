use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use batch::quarantine::COLUMNS;
use flow::{RunId, StreamName, SyncName};
use serde::Serialize;
use serde_json::{Map, Value};
use staging::StagingExt;
use store::record::{Hop, QuarantineFilter, Quarantined};

use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, ExportFormat, QuarantineArgs, QuarantineCommand};
use crate::output::{Output, note, table, write_line};
use crate::{Failure, report::grouped};

/// Key under which a shown row tells the modules its batch was transformed with.
const MODULES: &str = "_millstream_modules";

/// Entries looked at in all.
const MOST_ENTRIES: u32 = 1_000_000;

#[derive(Serialize)]
struct EntryLine {
    id: String,
    sync: String,
    stream: String,
    run: String,
    batch: String,
    hop: &'static str,
    rule: String,
    column: Option<String>,
    code: String,
    reason: String,
    severity: &'static str,
    rows: u64,
    at: flow::Timestamp,
    resolved_by: Option<String>,
}

pub(crate) async fn quarantine(
    command: QuarantineCommand,
    everywhere: &Everywhere,
    output: Output,
) -> Result<(), Failure> {
    let home = Home::look(&folder_of(everywhere.home.as_deref(), None)).await?;
    match command {
        QuarantineCommand::List(args) => list(&home, &args, output).await,
        QuarantineCommand::Show(args) => show(&home, &args, output).await,
        QuarantineCommand::Replay(_) => Ok(()),
        QuarantineCommand::Export { args, output: file, format } => export(&home, &args, &file, format).await,
    }
}

async fn list(home: &Home, args: &QuarantineArgs, output: Output) -> Result<(), Failure> {
    let entries = entries(home, args).await?;
    let lines: Vec<EntryLine> = entries.into_iter().map(line).collect();
    output.print(&lines, |lines| {
        if lines.is_empty() {
            return "nothing is in quarantine".to_owned();
        }
        let mut rows = vec![["id", "run", "stream", "hop", "rule", "rows", "reason"].map(str::to_owned).to_vec()];
        rows.extend(lines.iter().map(|line| {
            vec![
                line.id.clone(),
                line.run.clone(),
                line.stream.clone(),
                line.hop.to_owned(),
                line.rule.clone(),
                grouped(line.rows),
                format!("{} [{}]", line.reason, line.code),
            ]
        }));
        table(&rows)
    })
}

async fn show(home: &Home, args: &QuarantineArgs, output: Output) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for entry in entries(home, args).await? {
        if rows.len() >= args.limit {
            break;
        }
        let batch = rows_of(home, &entry).await?;
        let modules = modules_of(home, &entry).await?;
        let told = json_rows(&batch)?.into_iter().take(args.limit - rows.len()).map(|mut row| {
            if let Some(modules) = &modules {
                row.insert(MODULES.to_owned(), modules.clone());
            }
            row
        });
        rows.extend(told);
    }
    output.print(&rows, |rows| {
        if rows.is_empty() {
            return "nothing is in quarantine".to_owned();
        }
        rows.iter().map(row_text).collect::<Vec<_>>().join("\n")
    })
}

async fn export(home: &Home, args: &QuarantineArgs, file: &Path, format: ExportFormat) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::input("export_failed", format!("write `{}`: {error}", file.display()));
    let to_stdout = file == Path::new("-");
    if to_stdout && format == ExportFormat::Parquet {
        return Err(Failure::input("export_failed", "Parquet needs a file: name it with --output"));
    }
    let mut batches = Vec::new();
    for entry in entries(home, args).await? {
        batches.push(rows_of(home, &entry).await?);
    }
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    match format {
        ExportFormat::Parquet => write_parquet(file, &batches)?,
        ExportFormat::Jsonl => {
            let mut text = String::new();
            for batch in &batches {
                for row in json_rows(batch)? {
                    text.push_str(&Value::Object(row).to_string());
                    text.push('\n');
                }
            }
            if to_stdout {
                write_line(text.trim_end());
            } else {
                std::fs::write(file, text).map_err(failed)?;
            }
        }
    }
    note(&format!("exported {} row(s)", grouped(rows as u64)));
    Ok(())
}

fn write_parquet(file: &Path, batches: &[RecordBatch]) -> Result<(), Failure> {
    let refused = |message: String| Failure::input("export_failed", message);
    let Some(first) = batches.first() else {
        return Err(refused("nothing is in quarantine: no file was written".to_owned()));
    };
    if batches.iter().any(|batch| batch.schema() != first.schema()) {
        return Err(refused(
            "the rows have different columns; narrow them down with --stream, --run or an id".to_owned(),
        ));
    }
    let io = |error: std::io::Error| refused(format!("write `{}`: {error}", file.display()));
    let parquet = |error: parquet::errors::ParquetError| refused(format!("write `{}`: {error}", file.display()));
    let target = std::fs::File::create(file).map_err(io)?;
    let mut writer = parquet::arrow::ArrowWriter::try_new(target, first.schema(), None).map_err(parquet)?;
    for batch in batches {
        writer.write(batch).map_err(parquet)?;
    }
    writer.close().map_err(parquet)?;
    Ok(())
}

async fn entries(home: &Home, args: &QuarantineArgs) -> Result<Vec<Quarantined>, Failure> {
    let invalid = |error: flow::id::BadName| Failure::input("name_invalid", error.to_string());
    let filter = QuarantineFilter {
        sync: args.sync.as_deref().map(SyncName::new).transpose().map_err(invalid)?,
        stream: args.stream.as_deref().map(StreamName::new).transpose().map_err(invalid)?,
        run: args.run.as_deref().map(RunId::from_text),
        id: args.id.clone(),
        open_only: !args.all && args.id.is_none(),
    };
    let entries = home.parts.store.quarantined(&filter, MOST_ENTRIES).await?;
    if let (Some(id), true) = (&args.id, entries.is_empty()) {
        return Err(Failure::input(
            "quarantine_unknown",
            format!("no entry `{id}` in quarantine; see `millstream quarantine list`"),
        ));
    }
    Ok(entries)
}

/// The modules a batch was transformed with, each as `name@sha256:…`, for rows they refused.
async fn modules_of(home: &Home, entry: &Quarantined) -> Result<Option<Value>, Failure> {
    if entry.hop != Hop::Transform {
        return Ok(None);
    }
    let pins = home.parts.store.pins(&entry.batch).await?;
    let modules: Vec<String> = pins.iter().map(|pin| format!("{}@sha256:{}", pin.module, pin.digest)).collect();
    Ok((!modules.is_empty()).then(|| modules.into()))
}

/// The rows of one entry: its object holds those of the other entries of the same batch and hop too.
async fn rows_of(home: &Home, entry: &Quarantined) -> Result<RecordBatch, Failure> {
    let all = home.parts.staging.get_batch(&entry.object).await?;
    let wanted = [
        ("_millstream_rule", Some(&entry.rule)),
        ("_millstream_column", entry.column.as_ref()),
        ("_millstream_code", Some(&entry.code)),
        ("_millstream_reason", Some(&entry.reason)),
    ];
    let keep: arrow_array::BooleanArray = (0..all.num_rows())
        .map(|row| Some(wanted.iter().all(|(name, value)| text_at(&all, name, row) == value.map(String::as_str))))
        .collect();
    arrow_select::filter::filter_record_batch(&all, &keep).map_err(|error| Failure {
        status: 1,
        code: "batch_build".to_owned(),
        message: error.to_string(),
    })
}

fn text_at<'a>(batch: &'a RecordBatch, column: &str, row: usize) -> Option<&'a str> {
    let column = batch.column_by_name(column)?.as_string_opt::<i32>()?;
    column.is_valid(row).then(|| column.value(row))
}

/// Rows as JSON objects. Decimals and 64-bit integers keep every digit.
fn json_rows(batch: &RecordBatch) -> Result<Vec<Map<String, Value>>, Failure> {
    let failed = |message: String| Failure { status: 1, code: "batch_json".to_owned(), message };
    let options = arrow_json::WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = options.build::<_, arrow_json::writer::LineDelimited>(Vec::new());
    let batch = exactly(batch).map_err(|error| failed(error.to_string()))?;
    writer.write(&batch).and_then(|()| writer.finish()).map_err(|error| failed(error.to_string()))?;
    let text = writer.into_inner();
    let rows = serde_json::Deserializer::from_slice(&text).into_iter::<Map<String, Value>>();
    rows.collect::<Result<Vec<_>, _>>().map_err(|error| failed(error.to_string()))
}

/// The same rows in columns the JSON writer renders exactly: decimals as their text, for readers cut
/// the digits of numbers, and UTC as an offset, the one zone it knows without a time zone database.
fn exactly(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
        let column: ArrayRef = match column.data_type() {
            DataType::Decimal128(..) | DataType::Decimal256(..) => arrow_cast::cast(column, &DataType::Utf8)?,
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
                Arc::new(column.as_primitive::<TimestampMicrosecondType>().clone().with_timezone("+00:00"))
            }
            _ => column.clone(),
        };
        Ok((field.name().clone(), column, true))
    });
    RecordBatch::try_from_iter_with_nullable(columns.collect::<Result<Vec<_>, ArrowError>>()?)
}

fn row_text(row: &Map<String, Value>) -> String {
    let ours = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    let place = match row.get("_millstream_row").and_then(Value::as_u64) {
        Some(number) => format!("row {number}"),
        None => ours("_millstream_place").to_owned(),
    };
    let value = row
        .get("_millstream_value")
        .filter(|value| !value.is_null())
        .map(|value| format!(" value {value}"))
        .unwrap_or_default();
    let own: BTreeSet<&str> = COLUMNS.into_iter().collect();
    let record = match row.get("_millstream_record").and_then(Value::as_str) {
        Some(record) => record.trim_end().to_owned(),
        None => {
            let columns = row.iter().filter(|(name, _)| !own.contains(name.as_str()) && *name != MODULES);
            columns.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        }
    };
    let modules = row.get(MODULES).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let modules: String = modules.map(|module| format!("\n    by {module}")).collect();
    format!(
        "{} {} [{}] {place}:{value}\n    {record}{modules}",
        ours("_millstream_rule"),
        ours("_millstream_reason"),
        ours("_millstream_code")
    )
}

fn line(entry: Quarantined) -> EntryLine {
    EntryLine {
        id: entry.id,
        sync: entry.sync.to_string(),
        stream: entry.stream.to_string(),
        run: entry.run.to_string(),
        batch: entry.batch.to_string(),
        hop: entry.hop.as_str(),
        rule: entry.rule,
        column: entry.column,
        code: entry.code,
        reason: entry.reason,
        severity: entry.severity.as_str(),
        rows: entry.rows,
        at: entry.at,
        resolved_by: entry.resolved_by.map(|run| run.to_string()),
    }
}
