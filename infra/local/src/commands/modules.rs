//! `modules`: what is looked at is here.

mod activate;
mod add;
mod lines;

use store::record::Cause;

use crate::Failure;
use crate::commands::modules_init;
use crate::home::{Home, folder_of};
use crate::opt::{Everywhere, ModulesCommand};
use crate::output::{Output, table};
use crate::registry::{Catalog, Registry};

use activate::{activate, deactivate, remove};
use add::add;
use lines::{ActivationLine, ModuleLine, RefusalLine, Shown, known, shown_text, verified_text};

pub(crate) async fn modules(command: ModulesCommand, everywhere: &Everywhere, output: Output) -> Result<(), Failure> {
    let folder = folder_of(everywhere.home.as_deref(), None);
    match command {
        ModulesCommand::Init(args) => modules_init::init(&args, output),
        ModulesCommand::Wrap(args) => modules_init::wrap(&args, output),
        ModulesCommand::Add(args) => add(&folder, args, output).await,
        ModulesCommand::List => list(&Home::look(&folder).await?, output).await,
        ModulesCommand::Show { module } => show(&Home::look(&folder).await?, &module, output).await,
        ModulesCommand::Verify { module, batches } => {
            verify(&Home::look(&folder).await?, &module, batches, output).await
        }
        ModulesCommand::Activate { module, force, by } => {
            activate(&Home::look(&folder).await?, &module, force, by, output).await
        }
        ModulesCommand::Deactivate { name, by } => deactivate(&Home::look(&folder).await?, &name, by, output).await,
        ModulesCommand::Remove { module } => remove(&Home::look(&folder).await?, &module, output).await,
        ModulesCommand::History { name } => history(&Home::look(&folder).await?, &name, output).await,
    }
}

async fn list(home: &Home, output: Output) -> Result<(), Failure> {
    let catalog = Catalog::read(home.parts.store.as_ref()).await?;
    let lines: Vec<ModuleLine> =
        catalog.modules.iter().map(|module| ModuleLine::of(module, &catalog)).collect::<Result<_, _>>()?;
    output.print(&lines, |lines| {
        let heading = ["name", "version", "active", "digest", "world", "bytes", "added by"];
        let mut rows = vec![heading.map(str::to_owned).to_vec()];
        rows.extend(lines.iter().map(|line| {
            let short: String = line.digest.chars().take("sha256:".len() + 12).collect();
            let active = if line.active { "active" } else { "" };
            let bytes = line.bytes.to_string();
            let cells = [&line.name, &line.version, active, &short, &line.world, &bytes, &line.added_by];
            cells.map(str::to_owned).to_vec()
        }));
        table(&rows)
    })
}

async fn show(home: &Home, reference: &str, output: Output) -> Result<(), Failure> {
    let catalog = Catalog::read(home.parts.store.as_ref()).await?;
    let module = catalog.look_up(reference)?;
    let activation = catalog.activation(&module.name);
    let ordinal = activation.map(|activation| activation.ordinal);
    let refusals = home.parts.store.refusals(&module.name).await?.into_iter();
    let shown = Shown {
        module: ModuleLine::of(module, &catalog)?,
        activation: activation.map(ActivationLine::from),
        refusals: refusals.filter(|refusal| Some(refusal.ordinal) == ordinal).map(RefusalLine::from).collect(),
    };
    output.print(&shown, shown_text)
}

async fn verify(home: &Home, reference: &str, batches: usize, output: Output) -> Result<(), Failure> {
    let catalog = Catalog::read(home.parts.store.as_ref()).await?;
    let module = catalog.look_up(reference)?;
    let verified = Registry::of_this_binary(&home.parts)?.verify(module, batches).await?;
    output.print(&verified, |verified| verified_text(module, verified))?;
    match verified.is_well() {
        true => Ok(()),
        false => Err(Failure {
            status: 1,
            code: "module_not_deterministic".to_owned(),
            message: "the same batch did not give the same bytes; do not activate this version".to_owned(),
        }),
    }
}

async fn history(home: &Home, name: &str, output: Output) -> Result<(), Failure> {
    let lines: Vec<ActivationLine> =
        home.parts.store.activations(Some(name)).await?.iter().map(ActivationLine::from).collect();
    if lines.is_empty() && !home.parts.store.modules().await?.iter().any(|module| module.name == name) {
        return Err(Failure::input("module_unknown", format!("no module `{name}` was added")));
    }
    output.print(&lines, |lines| {
        if lines.is_empty() {
            return format!("no version of {name} was ever active");
        }
        let mut rows = vec![["#", "when", "by", "what", "version", "digest"].map(str::to_owned).to_vec()];
        rows.extend(lines.iter().map(|line| {
            let cause = match line.cause {
                Cause::Activated => "activated",
                Cause::Deactivated => "went back",
            };
            let digest: String = line.digest.iter().flat_map(|digest| digest.chars().take(19)).collect();
            vec![
                line.ordinal.to_string(),
                line.at.to_rfc3339(),
                known(&line.by).to_owned(),
                cause.to_owned(),
                line.version.clone().unwrap_or_else(|| "none".to_owned()),
                digest,
            ]
        }));
        table(&rows)
    })
}
