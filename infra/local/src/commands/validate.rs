use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use serde::Serialize;
use spec::{Stream, Sync};

use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, ValidateArgs};
use crate::output::{Output, write_line};
use crate::registry::Registry;
use crate::registry::judge::{Judge, refuse_checks};
use crate::{Failure, settings};

#[derive(Serialize)]
struct Valid {
    sync: String,
    streams: Vec<String>,
    valid: bool,
}

pub(crate) async fn validate(args: &ValidateArgs, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    if args.print_schema {
        write_line(&spec::load::json_schema());
        return Ok(());
    }
    let Some(path) = args.spec.as_deref() else {
        return Err(Failure::input("spec_missing", "name the spec to check"));
    };
    let loaded = spec::load::file(path)?;
    let sync = loaded.validate()?;
    let folder = folder_of(everywhere.home.as_deref(), Some(path));
    if sync.streams.iter().any(|stream| !stream.transforms.is_empty()) {
        let home = Home::open(&folder).await?;
        let pinned = super::saved::pin(&home.parts, &loaded).await?;
        refuse_conflicts(&home, &pinned.sync).await?;
    } else {
        match Home::look(&folder).await {
            Ok(home) => refuse_conflicts(&home, &sync).await?,
            Err(nothing) if nothing.code == "home_not_found" => {
                sync.streams.iter().try_for_each(|stream| refuse_checks(stream, &declared(stream)))?;
            }
            Err(failure) => return Err(failure),
        }
    }
    resolve_secrets(&sync)?;
    let streams = sync.streams.iter().map(|stream| stream.name.to_string()).collect();
    let valid = Valid { sync: sync.name.to_string(), streams, valid: true };
    output.print(&valid, |valid| format!("{} is valid: {} stream(s)", valid.sync, valid.streams.len()))
}

/// What contradicts itself for the columns a stream had in its last run, else for those that are
/// declared; a run looks again, at the columns it meets.
async fn refuse_conflicts(home: &Home, sync: &Sync) -> Result<(), Failure> {
    let registry = Registry::of_this_binary(&home.parts)?;
    let judge = Judge::new(&home.parts, Arc::new(registry.modules()?));
    for stream in &sync.streams {
        let last = registry.last_schema(&sync.name, &stream.name).await?;
        judge.without_run(&sync.name, stream, &last.unwrap_or_else(|| declared(stream))).await?;
    }
    Ok(())
}

fn declared(stream: &Stream) -> SchemaRef {
    let field = |(name, column): (&String, &spec::DeclaredColumn)| column.column_type.field(name, column.nullable);
    Arc::new(Schema::new(stream.columns.iter().map(field).collect::<Vec<Field>>()))
}

/// A reference that cannot be resolved now could not be at run time either.
fn resolve_secrets(sync: &spec::Sync) -> Result<(), Failure> {
    let resolver = settings::resolver();
    for secret in sync.secrets() {
        secret.resolve(resolver.as_ref())?;
    }
    Ok(())
}
