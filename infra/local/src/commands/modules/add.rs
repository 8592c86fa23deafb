//! `modules add`.

use std::path::Path;

use serde_json::Value;

use super::activate::{refuse_unfit, set_active, who};
use super::lines::ModuleLine;
use crate::Failure;
use crate::home::Home;
use crate::opt::AddArgs;
use crate::output::{Output, note};
use crate::registry::{Catalog, NewModule, Registry, Trial};

pub(super) async fn add(folder: &Path, args: AddArgs, output: Output) -> Result<(), Failure> {
    let new = new_module(&args)?;
    let home = Home::open(folder).await?;
    let registry = Registry::of_this_binary(&home.parts)?;
    let record = registry.add(new).await?;
    if args.activate {
        let opened = registry.try_in_saved_specs(&record).await?;
        refuse_unfit(&record, &opened)?;
        set_active(&home, &record, args.by).await?;
    }
    let catalog = Catalog::read(home.parts.store.as_ref()).await?;
    let line = ModuleLine::of(&record, &catalog)?;
    if catalog.active(&line.name).is_none() {
        let command = format!("millstream modules activate {}@{}", line.name, line.version);
        note(&format!("specs that name it `{}` need an active version: {command}", line.name));
    }
    output.print(&line, |line| {
        let active = if line.active { ", active" } else { "" };
        format!("added {}@{} ({}, {} bytes{active})", line.name, line.version, line.digest, line.bytes)
    })
}

fn new_module(args: &AddArgs) -> Result<NewModule, Failure> {
    let bytes = std::fs::read(&args.file)
        .map_err(|error| Failure::input("module_unreadable", format!("read `{}`: {error}", args.file.display())))?;
    let stem = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = args.name.clone().or(stem).unwrap_or_default();
    let invalid = |what: &str, error: flow::id::BadName| Failure::input("name_invalid", format!("{what}: {error}"));
    flow::StreamName::new(&name).map_err(|error| invalid("the module", error))?;
    flow::StreamName::new(&args.version).map_err(|error| invalid("its version", error))?;
    let trial = match &args.schema {
        Some(line) => {
            Some(Trial { schema: batch::schema::parse_notation(line)?, config: config(args.config.as_deref())? })
        }
        None => None,
    };
    let limits = args.limits.iter().map(|limit| limit_of(limit)).collect::<Result<_, _>>()?;
    Ok(NewModule { bytes, name, version: args.version.clone(), limits, trial, by: who(args.by.clone()) })
}

fn limit_of(text: &str) -> Result<(String, String), Failure> {
    let (name, value) = text.split_once('=').ok_or_else(|| {
        Failure::input("limit_invalid", format!("`{text}`: expected a name and a value, such as `memory=128MiB`"))
    })?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn config(text: Option<&str>) -> Result<Value, Failure> {
    let Some(text) = text else { return Ok(Value::Object(serde_json::Map::new())) };
    serde_json::from_str(text)
        .map_err(|error| Failure::input("config_invalid", format!("--config is no JSON: {error}")))
}
