use std::path::Path;

use serde::Serialize;
use store::record::ModuleRecord;

use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, ModulesCommand};
use crate::output::{Output, table};
use crate::{Failure, registry};

#[derive(Serialize)]
struct ModuleLine {
    name: String,
    version: String,
    digest: String,
    world: String,
    bytes: u64,
    added_at: flow::Timestamp,
}

impl From<ModuleRecord> for ModuleLine {
    fn from(record: ModuleRecord) -> Self {
        Self {
            name: record.name,
            version: record.version,
            digest: format!("sha256:{}", record.digest),
            world: record.world,
            bytes: record.bytes,
            added_at: record.added_at,
        }
    }
}

pub(crate) async fn modules(command: ModulesCommand, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    let folder = folder_of(everywhere.home.as_deref(), None);
    match command {
        ModulesCommand::Add { file, name, version } => add(&folder, &file, name, &version, output).await,
        ModulesCommand::List => list(&Home::look(&folder).await?, output).await,
        ModulesCommand::Show { module } => show(&Home::look(&folder).await?, &module, output).await,
    }
}

async fn add(folder: &Path, file: &Path, name: Option<String>, version: &str, output: Output) -> Result<(), Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::input("module_unreadable", format!("read `{}`: {error}", file.display())))?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = name.or(stem).unwrap_or_default();
    flow::StreamName::new(&name).map_err(|error| Failure::input("name_invalid", error.to_string()))?;
    let home = Home::open(folder).await?;
    let line = ModuleLine::from(registry::add(&home.parts, bytes, &name, version).await?);
    output.print(&line, |line| format!("added {}@{} ({}, {} bytes)", line.name, line.version, line.digest, line.bytes))
}

async fn list(home: &Home, output: Output) -> Result<(), Failure> {
    let lines: Vec<ModuleLine> = home.parts.store.modules().await?.into_iter().map(ModuleLine::from).collect();
    output.print(&lines, |lines| {
        let mut rows = vec![["name", "version", "digest", "world", "bytes"].map(str::to_owned).to_vec()];
        rows.extend(lines.iter().map(|line| {
            let short: String = line.digest.chars().take("sha256:".len() + 12).collect();
            vec![line.name.clone(), line.version.clone(), short, line.world.clone(), line.bytes.to_string()]
        }));
        table(&rows)
    })
}

async fn show(home: &Home, reference: &str, output: Output) -> Result<(), Failure> {
    let modules = home.parts.store.modules().await?;
    let found = registry::find(&modules, reference).map_err(|problem| Failure::input("module_unknown", problem))?;
    output.print(&ModuleLine::from(found.clone()), |line| {
        format!(
            "name:     {}\nversion:  {}\ndigest:   {}\nworld:    {}\nbytes:    {}\nadded at: {}",
            line.name,
            line.version,
            line.digest,
            line.world,
            line.bytes,
            line.added_at.to_rfc3339()
        )
    })
}
