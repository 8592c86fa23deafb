//! Whether a stream's rules and checks can go together for the columns its source gives: told
//! before any row is read.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use async_trait::async_trait;
use flow::{Context, Fault, FaultKind, RunId, StreamName, SyncName, Timestamp};
use rules::plan::Plan;
use spec::{Rule, Stream};
use transform::Modules;
use transform::wiring::SandboxedModules;
use worker::Parts;

use super::conflicts::{self, may_conflict, refuse_behind};
use super::rules::{outputs, plan};

/// Judges streams before they are planned for a run.
pub struct Judge {
    parts: Parts,
    modules: Arc<SandboxedModules>,
}

impl Judge {
    /// Opens modules with `modules`, to see which columns they give.
    #[must_use]
    pub fn new(parts: &Parts, modules: Arc<SandboxedModules>) -> Self {
        Self { parts: parts.clone(), modules }
    }

    /// The same where there is no run: with these columns, at this moment, and for the rules of a set
    /// among themselves too, which a run looks at when it compiles them.
    pub async fn without_run(&self, sync: &SyncName, stream: &Stream, columns: &SchemaRef) -> Result<(), Fault> {
        let run = RunId::derive(sync, Timestamp::UNIX_EPOCH);
        let context = Context { sync: sync.clone(), stream: stream.name.clone(), version: 0, run, attempt: 1 };
        self.refuse(&context, stream, columns, (self.parts.clock.now(), Look::RulesAndChecks)).await
    }

    async fn refuse(
        &self,
        context: &Context,
        stream: &Stream,
        read: &SchemaRef,
        (due, look): (Timestamp, Look),
    ) -> Result<(), Fault> {
        if look == Look::Checks && !may_conflict(&stream.quality.checks) {
            return Ok(());
        }
        let (before, last) = match stream.transforms.split_last() {
            Some((last, before)) => match &last.rule {
                Some(Rule::RuleSet(set)) => (before, Some(set.clone())),
                _ => (stream.transforms.as_slice(), None),
            },
            None => (stream.transforms.as_slice(), None),
        };
        let mut schema = read.clone();
        for transform in before {
            if let (Some(rule), Look::RulesAndChecks) = (&transform.rule, look) {
                refuse_named(&stream.name, conflicts::refuse(rule, &schema))?;
            }
            let given = match &transform.rule {
                Some(rule) => plan(rule, &schema).map(|plan| schema_of(&plan)),
                None => self.modules.open(transform, &schema, context, due).await.map(|guest| guest.schema()),
            };
            schema = match given {
                Ok(given) => given,
                Err(fault) if fault.kind == FaultKind::Retry => return Err(fault),
                // What cannot be opened is told when it is: an earlier version may take its place.
                Err(_) => return Ok(()),
            };
        }
        let (name, checks) = (stream.name.clone(), stream.quality.checks.clone());
        super::blocking(move || {
            if let (Some(set), Look::RulesAndChecks) = (&last, look) {
                refuse_named(&name, conflicts::refuse(&Rule::RuleSet(set.clone()), &schema))?;
            }
            refuse_named(&name, refuse_behind(last.as_ref(), &checks, &schema))
        })
        .await
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Checks,
    RulesAndChecks,
}

/// Refuses a stream without transforms for its checks alone.
pub(crate) fn refuse_checks(stream: &Stream, columns: &Schema) -> Result<(), Fault> {
    refuse_named(&stream.name, refuse_behind(None, &stream.quality.checks, columns))
}

#[async_trait]
impl batch_pull::Judge for Judge {
    async fn judge(&self, context: &Context, stream: &Stream, columns: &SchemaRef) -> Result<(), Fault> {
        let unknown =
            || Fault::new(FaultKind::Bug, "run_unknown", format!("run `{}` is not in the store", context.run));
        let due = self.parts.store.run(&context.run).await?.ok_or_else(unknown)?.due_at;
        self.refuse(context, stream, columns, (due, Look::Checks)).await
    }
}

/// A rule that does not compile is told by its own compiler, at its place.
fn refuse_named(stream: &StreamName, refused: Result<(), Fault>) -> Result<(), Fault> {
    match refused {
        Err(fault) if conflicts::CODES.contains(&fault.code.as_str()) => {
            Err(Fault { message: format!("stream `{stream}`: {}", fault.message), ..fault })
        }
        _ => Ok(()),
    }
}

fn schema_of(plan: &Plan) -> SchemaRef {
    let field = |column: rules::plan::Column| column.column_type.field(&column.name, column.nullable);
    Arc::new(Schema::new(outputs(plan).into_iter().map(field).collect::<Vec<_>>()))
}
