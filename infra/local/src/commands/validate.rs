use serde::Serialize;

use crate::Failure;
use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, ValidateArgs};
use crate::output::{Output, write_line};
use crate::settings;

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
    if sync.streams.iter().any(|stream| !stream.transforms.is_empty()) {
        let home = Home::open(&folder_of(everywhere.home.as_deref(), Some(path))).await?;
        super::saved::pin(&home.parts, &loaded).await?;
    }
    resolve_secrets(&sync)?;
    let streams = sync.streams.iter().map(|stream| stream.name.to_string()).collect();
    let valid = Valid { sync: sync.name.to_string(), streams, valid: true };
    output.print(&valid, |valid| format!("{} is valid: {} stream(s)", valid.sync, valid.streams.len()))
}

/// A reference that cannot be resolved now could not be at run time either.
fn resolve_secrets(sync: &spec::Sync) -> Result<(), Failure> {
    let resolver = settings::resolver();
    for secret in sync.secrets() {
        secret.resolve(resolver.as_ref())?;
    }
    Ok(())
}
