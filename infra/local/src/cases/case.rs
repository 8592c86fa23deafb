//! A case once its columns are known, and running it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use batch::ColumnType;
use batch::schema::parse_notation;
use checks::Quality;
use flow::{BatchId, Fault, FaultKind, RunId, StreamName, SyncName, Timestamp};
use serde_saphyr::Spanned;
use spec::Stream;

use super::compare::{Problem, compare};
use super::written::{Expect, Row, WrittenCase, at};
use crate::Failure;
use crate::commands::saved::pin;
use crate::lab::{Candidate, Lab, Line, Lined, Stage};

/// A case that can be run.
pub(crate) struct Case {
    /// What it shows.
    pub(crate) name: String,
    subject: Subject,
    run_clock: Timestamp,
    given: RecordBatch,
    expect: Expect,
}

/// What is put to the test.
enum Subject {
    Module { candidate: Arc<Candidate>, config: serde_json::Value },
    Spec { path: PathBuf, stream: Option<String> },
}

impl Case {
    /// Reads the columns and the rows of a case.
    pub(crate) fn of(path: &Path, written: WrittenCase) -> Result<Self, Failure> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let schema = schema(path, &written.schema)?;
        if let Some(expected) = &written.expect.schema {
            self::schema(path, expected)?;
        }
        let given = rows(path, &schema, &written.given)?;
        let subject = match (&written.module, written.spec) {
            (Some(module), _) => {
                let candidate = Candidate::parse(module)
                    .map_err(|failure| at(path, &written.name, &failure.message))?
                    .beside(folder);
                Subject::Module { candidate: Arc::new(candidate), config: written.config }
            }
            (None, spec) => Subject::Spec { path: folder.join(spec.unwrap_or_default()), stream: written.stream },
        };
        Ok(Self {
            name: written.name.value,
            subject,
            run_clock: written.run_clock.unwrap_or_default(),
            given,
            expect: written.expect,
        })
    }

    /// Runs it; what differs from what it expects.
    pub(crate) async fn run(&self, lab: &Lab, number: usize) -> Result<Vec<Problem>, Failure> {
        let (stages, quality, sync, stream) = self.line(lab).await?;
        let mut line = Line::new(lab, "case", stages, quality);
        // Each case is a run of its own: what one has seen is unknown to the next.
        let run = RunId::from_text(&format!("case-{number}"));
        let of = Lined { sync, stream, run, version: 1, due: self.run_clock };
        let outcome = line.put(&of, &BatchId::from_text("given"), &self.given).await;
        let fault = match &outcome {
            Ok(outcome) => outcome.fault.clone(),
            Err(fault) if fault.kind != FaultKind::Bug => Some(fault.clone()),
            Err(fault) => return Err(fault.clone().into()),
        };
        match (&self.expect.fails, fault) {
            (Some(code), Some(fault)) if *code == fault.code => Ok(Vec::new()),
            (Some(code), Some(fault)) => Ok(vec![Problem::fault(Some(code), Some(&fault))]),
            (Some(code), None) => Ok(vec![Problem::fault(Some(code), None)]),
            (None, Some(fault)) if is_of_the_case(&fault) => Err(fault.into()),
            (None, Some(fault)) => Ok(vec![Problem::fault(None, Some(&fault))]),
            (None, None) => {
                let outcome = outcome?;
                let suite = line.suite().ok_or_else(|| Failure::from(closed()))?;
                Ok(compare(&self.expect, &outcome, &suite))
            }
        }
    }

    async fn line(&self, lab: &Lab) -> Result<(Vec<Stage>, Quality, SyncName, StreamName), Failure> {
        let name = |text: &str| Failure::input("name_invalid", format!("`{text}` is no name"));
        match &self.subject {
            Subject::Module { candidate, config } => {
                let stages = vec![Stage::Tried { candidate: candidate.clone(), config: config.clone() }];
                let sync = SyncName::new("case").map_err(|_| name("case"))?;
                Ok((stages, Quality::default(), sync, StreamName::new("case").map_err(|_| name("case"))?))
            }
            Subject::Spec { path, stream } => {
                let pinned = pin(&lab.parts, &spec::load::file(path)?).await?;
                let stream = one_stream(&pinned.sync.streams, stream.as_deref(), path)?;
                let stages = stream.transforms.iter().cloned().map(Stage::Live).collect();
                Ok((stages, stream.quality.clone(), pinned.sync.name.clone(), stream.name.clone()))
            }
        }
    }
}

/// What a person must mend before the case says anything: the module is not there, or no module.
fn is_of_the_case(fault: &Fault) -> bool {
    matches!(fault.code.as_str(), "module_unreadable" | "module_unknown" | "temporary_folder")
}

fn closed() -> Fault {
    Fault::new(FaultKind::Bug, "line_closed", "the case's checks are gone")
}

fn one_stream<'a>(streams: &'a [Stream], wanted: Option<&str>, path: &Path) -> Result<&'a Stream, Failure> {
    let found = match (wanted, streams) {
        (Some(wanted), streams) => streams.iter().find(|stream| stream.name.as_str() == wanted),
        (None, [one]) => Some(one),
        (None, _) => None,
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = streams.iter().map(|stream| stream.name.as_str()).collect();
        let message = format!("`{}`: name one of its streams with `stream`: {}", path.display(), names.join(", "));
        Failure::input("stream_unknown", message)
    })
}

fn schema(path: &Path, written: &Spanned<String>) -> Result<SchemaRef, Failure> {
    parse_notation(&written.value).map_err(|error| at(path, written, &error.to_string()))
}

fn rows(path: &Path, schema: &SchemaRef, rows: &[Spanned<Row>]) -> Result<RecordBatch, Failure> {
    for row in rows {
        refuse_unknown(path, schema, row)?;
    }
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let column_type = ColumnType::of(field)?;
        let cells: Vec<Option<&str>> = rows.iter().map(|row| cell(row, field.name())).collect();
        if let Some(missing) = cells.iter().position(Option::is_none).filter(|_| !field.is_nullable()) {
            let problem = format!("column `{}` is not nullable; the row has no value for it", field.name());
            return Err(rows.get(missing).map_or_else(|| closed().into(), |row| at(path, row, &problem)));
        }
        let column = batch::cells::column(column_type, &cells).map_err(|bad| {
            let place = rows.get(bad.row).and_then(|row| row.value.get(field.name()));
            let problem = format!("column `{}` has {bad}", field.name());
            place.map_or_else(|| closed().into(), |place| at(path, place, &problem))
        })?;
        columns.push(column);
    }
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let given = RecordBatch::try_new_with_options(schema.clone(), columns, &options);
    given.map_err(|error| Failure { status: 1, code: "batch_build".to_owned(), message: error.to_string() })
}

fn cell<'a>(row: &'a Spanned<Row>, column: &str) -> Option<&'a str> {
    row.value.get(column).and_then(|cell| cell.value.as_deref())
}

fn refuse_unknown(path: &Path, schema: &SchemaRef, row: &Spanned<Row>) -> Result<(), Failure> {
    let is_unknown = |name: &&String| schema.field_with_name(name).is_err();
    let Some((name, cell)) = row.value.iter().find(|(name, _)| is_unknown(name)) else { return Ok(()) };
    let nearest = spec::nearest(name, schema.fields().iter().map(|field| field.name().as_str()));
    let hint = nearest.map(|right| format!("; did you mean `{right}`?")).unwrap_or_default();
    Err(at(path, cell, &format!("column `{name}` is not in the schema{hint}")))
}
