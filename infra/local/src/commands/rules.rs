use std::path::Path;
use std::time::Instant;

use arrow_schema::SchemaRef;
use batch::ColumnType;
use rules::plan::{Output as Planned, Plan};
use rules::rule_set::{Certainty, Conflict};
use serde::Serialize;
use spec::Rule;

use super::rules_run;
use crate::Failure;
use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, RuleInput, RulesCommand};
use crate::output::{Output, table};
use crate::registry::Registry;
use crate::registry::conflicts;
use crate::registry::rules::{bytes, plan};

#[derive(Serialize)]
struct Compiled {
    rule: String,
    digest: String,
    bytes: usize,
    milliseconds: f64,
    file: Option<String>,
}

#[derive(Serialize)]
struct Explained {
    rule: String,
    sql: String,
    input: Vec<ExplainedColumn>,
    output: Vec<ExplainedColumn>,
}

#[derive(Serialize)]
struct ExplainedColumn {
    name: String,
    #[serde(rename = "type")]
    column_type: String,
    nullable: bool,
    /// The input column that is passed on as it is, for an output that is.
    passed: Option<String>,
}

#[derive(Serialize)]
struct ConflictLine {
    kind: &'static str,
    shown: bool,
    between: Vec<String>,
    field: Option<String>,
    message: String,
    witness: Vec<(String, Option<String>)>,
    at: Option<String>,
}

#[derive(Serialize)]
struct FunctionLine {
    group: &'static str,
    name: &'static str,
    signatures: &'static [&'static str],
    about: &'static str,
    example: &'static str,
}

pub(crate) async fn rules(command: RulesCommand, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    match command {
        RulesCommand::Compile { file, input, output: to } => {
            let (name, rule) = spec::load::rule(&file)?;
            let schema = schema_of(&input, everywhere).await?;
            compile(&name, &rule, &schema, to.as_deref(), output)
        }
        RulesCommand::Explain { file, input } => {
            let (name, rule) = spec::load::rule(&file)?;
            let schema = schema_of(&input, everywhere).await?;
            explain(&name, &plan(&rule, &schema)?, output)
        }
        RulesCommand::Check { file, input } => {
            let (name, rule) = spec::load::rule(&file)?;
            let schema = schema_of(&input, everywhere).await?;
            let checks = checks_of(&input, everywhere).await?;
            tell(&name, &conflicts::of(&rule, &checks, &schema)?, output)
        }
        RulesCommand::Run(args) => rules_run::run(&args, output).await,
        RulesCommand::Functions => functions(output),
    }
}

/// The columns a rule meets: as written, or as the stream's last run had them.
async fn schema_of(input: &RuleInput, everywhere: &Everywhere) -> Result<SchemaRef, Failure> {
    if let Some(line) = &input.schema {
        return Ok(batch::schema::parse_notation(line)?);
    }
    let (Some(sync), Some(stream)) = (&input.sync, &input.stream) else {
        let message = "name the columns with --schema, or a stream that was run with --sync and --stream";
        return Err(Failure::input("schema_missing", message));
    };
    let name = |text: &str| Failure::input("name_invalid", format!("`{text}` is no name"));
    let sync = flow::SyncName::new(sync).map_err(|_| name(sync))?;
    let stream = flow::StreamName::new(stream).map_err(|_| name(stream))?;
    let home = Home::look(&folder_of(everywhere.home.as_deref(), None)).await?;
    let planned = Registry::of_this_binary(&home.parts)?.last_schema(&sync, &stream).await?;
    planned.ok_or_else(|| {
        let message =
            format!("no run of sync `{sync}` has planned stream `{stream}` yet; write its columns with --schema");
        Failure::input("stream_not_planned", message)
    })
}

fn compile(name: &str, rule: &Rule, schema: &SchemaRef, to: Option<&Path>, output: Output) -> Result<(), Failure> {
    let began = Instant::now();
    let bytes = bytes(name, rule, schema)?;
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    if let Some(to) = to {
        std::fs::write(to, &bytes)
            .map_err(|error| Failure::input("output_unwritable", format!("write `{}`: {error}", to.display())))?;
    }
    let compiled = Compiled {
        rule: name.to_owned(),
        digest: format!("sha256:{}", flow::Digest::of(&bytes)),
        bytes: bytes.len(),
        milliseconds,
        file: to.map(|to| to.display().to_string()),
    };
    output.print(&compiled, |compiled| {
        let file = compiled.file.as_ref().map(|file| format!(" -> {file}")).unwrap_or_default();
        format!(
            "compiled {}: {} bytes in {:.1} ms ({}){file}",
            compiled.rule, compiled.bytes, compiled.milliseconds, compiled.digest
        )
    })
}

fn explain(name: &str, plan: &Plan, output: Output) -> Result<(), Failure> {
    let column = |name: &str, column_type: ColumnType, nullable, passed: Option<&str>| ExplainedColumn {
        name: name.to_owned(),
        column_type: column_type.to_string(),
        nullable,
        passed: passed.map(str::to_owned),
    };
    let outputs = plan.outputs.iter().filter_map(|planned| match planned {
        Planned::Passed { name, column: number } => {
            let from = plan.input.get(*number)?;
            Some(column(name, from.column_type, from.nullable, Some(&from.name)))
        }
        Planned::Computed { name, column_type, nullable, .. } => Some(column(name, *column_type, *nullable, None)),
    });
    let explained = Explained {
        rule: name.to_owned(),
        sql: rules::explain(plan),
        input: plan.input.iter().map(|from| column(&from.name, from.column_type, from.nullable, None)).collect(),
        output: outputs.collect(),
    };
    output.print(&explained, |explained| {
        let mut rows = vec![["output", "type", "nullable", "from"].map(str::to_owned).to_vec()];
        rows.extend(explained.output.iter().map(|column| {
            let nullable = if column.nullable { "yes" } else { "no" };
            let from = column.passed.clone().unwrap_or_else(|| "computed".to_owned());
            vec![column.name.clone(), column.column_type.clone(), nullable.to_owned(), from]
        }));
        format!("{}\n\n{}", explained.sql, table(&rows))
    })
}

/// The checks of the saved stream; none for columns that were written.
async fn checks_of(input: &RuleInput, everywhere: &Everywhere) -> Result<Vec<checks::Check>, Failure> {
    let (Some(sync), Some(stream)) = (&input.sync, &input.stream) else { return Ok(Vec::new()) };
    let home = Home::look(&folder_of(everywhere.home.as_deref(), None)).await?;
    let specs = home.parts.store.latest_specs().await?;
    let Some(saved) = specs.into_iter().find(|saved| saved.sync.as_str() == sync) else { return Ok(Vec::new()) };
    let sync = spec::load::from_stored(&saved.text)?;
    let stream = sync.streams.into_iter().find(|own| own.name.as_str() == stream);
    Ok(stream.map(|stream| stream.quality.checks).unwrap_or_default())
}

fn tell(name: &str, found: &[Conflict], output: Output) -> Result<(), Failure> {
    let lines: Vec<ConflictLine> = found.iter().map(ConflictLine::from).collect();
    output.print(&lines, |lines| match lines.as_slice() {
        [] => format!("{name}: no conflicts"),
        lines => lines.iter().map(ConflictLine::text).collect::<Vec<_>>().join("\n"),
    })?;
    match found.iter().any(|conflict| conflict.certainty == Certainty::Shown) {
        true => Err(Failure::told(1)),
        false => Ok(()),
    }
}

impl From<&Conflict> for ConflictLine {
    fn from(conflict: &Conflict) -> Self {
        let witness = conflict.witness.as_ref();
        Self {
            kind: conflict.kind.as_str(),
            shown: conflict.certainty == Certainty::Shown,
            between: conflict.between.clone(),
            field: conflict.field.clone(),
            message: conflict.message.clone(),
            witness: witness.map(|witness| witness.columns.clone()).unwrap_or_default(),
            at: witness.and_then(|witness| witness.at.clone()),
        }
    }
}

impl ConflictLine {
    fn text(&self) -> String {
        let certainty = if self.shown { "shown" } else { "unknown" };
        let mut text = format!("{} ({certainty}): {}", self.kind, self.message);
        if !self.witness.is_empty() {
            let values =
                self.witness.iter().map(|(column, value)| format!("{column} = {}", value.as_deref().unwrap_or("NULL")));
            text.push_str(&format!("\n  for a row with {}", values.collect::<Vec<_>>().join(", ")));
        }
        if let Some(at) = &self.at {
            text.push_str(&format!("\n  in a run due at {at}"));
        }
        text
    }
}

fn functions(output: Output) -> Result<(), Failure> {
    let lines: Vec<FunctionLine> = rules::catalogue::GROUPS
        .iter()
        .flat_map(|group| group.entries.iter().map(|entry| (group.title, entry)))
        .map(|(group, entry)| FunctionLine {
            group,
            name: entry.name,
            signatures: entry.signatures,
            about: entry.about,
            example: entry.example,
        })
        .collect();
    output.print(&lines, |lines| {
        let lines = lines.iter().map(|line| format!("{}\n    {}", line.signatures.join("\n"), line.about));
        lines.collect::<Vec<_>>().join("\n")
    })
}
