use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use store::record::{Activate, Activation, Cause, ModuleRecord, Need, Refusal, Removal};

use crate::commands::modules_init;
use crate::home::{Home, folder_of};
use crate::opt::{AddArgs, Everywhere, ModulesCommand};
use crate::output::{Output, note, table};
use crate::registry::opening::{Opened, Outcome};
use crate::registry::verify::{Artifact, Verified};
use crate::registry::{Catalog, NewModule, Registry, Trial, own_texts};
use crate::{Failure, settings};

#[derive(Serialize)]
struct ModuleLine {
    name: String,
    version: String,
    digest: String,
    world: String,
    bytes: u64,
    active: bool,
    limits: BTreeMap<String, String>,
    schema: Option<SchemaLine>,
    engine: String,
    added_at: flow::Timestamp,
    added_by: String,
}

#[derive(Serialize)]
struct SchemaLine {
    input: String,
    output: String,
}

impl ModuleLine {
    fn of(record: &ModuleRecord, catalog: &Catalog) -> Result<Self, Failure> {
        let line = |schema: &str| batch::schema::from_json(schema).and_then(|schema| batch::schema::to_line(&schema));
        let schema = match &record.schema {
            Some(schema) => Some(SchemaLine { input: line(&schema.input)?, output: line(&schema.output)? }),
            None => None,
        };
        Ok(Self {
            name: record.name.clone(),
            version: record.version.clone(),
            digest: format!("sha256:{}", record.digest),
            world: record.world.clone(),
            bytes: record.bytes,
            active: catalog.is_active(record),
            limits: own_texts(&record.limits)?,
            schema,
            engine: record.engine.clone(),
            added_at: record.added_at,
            added_by: record.added_by.clone(),
        })
    }
}

#[derive(Serialize)]
struct ActivationLine {
    name: String,
    ordinal: u64,
    cause: Cause,
    version: Option<String>,
    digest: Option<String>,
    replaced: Option<String>,
    by: String,
    at: flow::Timestamp,
}

impl From<&Activation> for ActivationLine {
    fn from(activation: &Activation) -> Self {
        let active = activation.active.as_ref();
        Self {
            name: activation.name.clone(),
            ordinal: activation.ordinal,
            cause: activation.cause,
            version: active.map(|active| active.version.clone()),
            digest: active.map(|active| format!("sha256:{}", active.digest)),
            replaced: activation.replaced.as_ref().map(|digest| format!("sha256:{digest}")),
            by: activation.by.clone(),
            at: activation.at,
        }
    }
}

#[derive(Serialize)]
struct RefusalLine {
    sync: String,
    stream: String,
    code: String,
    reason: String,
    at: flow::Timestamp,
}

impl From<Refusal> for RefusalLine {
    fn from(refusal: Refusal) -> Self {
        Self {
            sync: refusal.sync.to_string(),
            stream: refusal.stream.to_string(),
            code: refusal.code,
            reason: refusal.reason,
            at: refusal.at,
        }
    }
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    module: ModuleLine,
    /// What is active under the name, whichever version is shown.
    activation: Option<ActivationLine>,
    /// Streams that go on without the active version.
    refusals: Vec<RefusalLine>,
}

#[derive(Serialize)]
struct Activated {
    #[serde(flatten)]
    activation: ActivationLine,
    opened: Vec<Opened>,
}

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

async fn add(folder: &Path, args: AddArgs, output: Output) -> Result<(), Failure> {
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
        Some(line) => Some(Trial { schema: batch::schema::from_line(line)?, config: config(args.config.as_deref())? }),
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

fn who(given: Option<String>) -> String {
    given.unwrap_or_else(settings::user)
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

fn shown_text(shown: &Shown) -> String {
    let module = &shown.module;
    let mut lines = vec![
        ("name", module.name.clone()),
        ("version", module.version.clone()),
        ("digest", module.digest.clone()),
        ("world", module.world.clone()),
        ("bytes", module.bytes.to_string()),
        ("engine", module.engine.clone()),
        ("added", format!("{} by {}", module.added_at.to_rfc3339(), known(&module.added_by))),
    ];
    lines.extend(module.limits.iter().map(|(name, value)| ("limit", format!("{name}={value}"))));
    if let Some(schema) = &module.schema {
        lines.push(("takes", schema.input.clone()));
        lines.push(("gives", schema.output.clone()));
    }
    lines.push(("active", active_text(shown)));
    lines.extend(shown.refusals.iter().map(|refusal| {
        let place = format!("{}/{}", refusal.sync, refusal.stream);
        ("refused", format!("{place} goes on without the active version: {} [{}]", refusal.reason, refusal.code))
    }));
    lines.iter().map(|(name, value)| format!("{:<9}{value}", format!("{name}:"))).collect::<Vec<_>>().join("\n")
}

fn active_text(shown: &Shown) -> String {
    let Some(activation) = &shown.activation else { return "no version".to_owned() };
    let since = format!("since {} by {}", activation.at.to_rfc3339(), known(&activation.by));
    match &activation.version {
        Some(version) if shown.module.active => format!("yes ({version}), {since}"),
        Some(version) => format!("no: {version} is, {since}"),
        None => format!("no version, {since}"),
    }
}

fn known(who: &str) -> &str {
    if who.is_empty() { "unknown" } else { who }
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

fn verified_text(module: &ModuleRecord, verified: &Verified) -> String {
    let artifact = match verified.artifact {
        Artifact::Sound => "is the recorded one and loads",
        Artifact::RecompiledForThisEngine => "was made for another engine and was compiled anew",
        Artifact::RecompiledAfterDamage => "was damaged or gone and was compiled anew",
    };
    let mut lines = vec![
        format!("{}@{} sha256:{}", module.name, module.version, module.digest),
        "bytes:    are those that were added".to_owned(),
        format!("artifact: {artifact}"),
    ];
    if verified.batches.is_empty() {
        lines.push("replayed: 0 (no raw batch of a stream that uses it is kept)".to_owned());
    } else {
        lines.push(format!("replayed: {} batch(es), twice each in fresh instances", verified.replayed));
    }
    lines.extend(verified.batches.iter().map(|batch| {
        let same = if batch.same { "the same twice" } else { "DIFFERENT each time" };
        let recorded = match batch.as_recorded {
            Some(true) => ", as recorded",
            Some(false) => ", NOT as recorded",
            None => "",
        };
        let place = format!("{}/{} batch {}", batch.sync, batch.stream, batch.batch);
        format!("  {place}: {} rows, output {} {same}{recorded}", batch.rows, batch.output.short())
    }));
    lines.join("\n")
}

async fn activate(
    home: &Home,
    reference: &str,
    force: bool,
    by: Option<String>,
    output: Output,
) -> Result<(), Failure> {
    let catalog = Catalog::read(home.parts.store.as_ref()).await?;
    let module = exact(&catalog, reference)?;
    let opened = match Registry::of_this_binary(&home.parts)?.try_in_saved_specs(module).await {
        Err(fault) if force => {
            note(&format!("activated all the same: {} [{}]", fault.message, fault.code));
            Vec::new()
        }
        opened => opened?,
    };
    match refuse_unfit(module, &opened) {
        Err(failure) if force => note(&format!("activated all the same: {}", failure.message)),
        fits => fits?,
    }
    let activation = ActivationLine::from(&set_active(home, module, by).await?);
    output.print(&Activated { activation, opened }, |activated| {
        let tried = match activated.opened.len() {
            0 => "no saved spec follows it yet".to_owned(),
            several => format!("tried in {several} stream(s) of saved specs"),
        };
        format!("activated {}@{} ({tried})", module.name, module.version)
    })
}

/// A version and nothing looser: what is activated or removed is named in full.
fn exact<'a>(catalog: &'a Catalog, reference: &str) -> Result<&'a ModuleRecord, Failure> {
    if !reference.contains('@') && flow::Digest::parse(reference).is_none() {
        let message = format!("name the version: `{reference}@VERSION`; see `millstream modules list`");
        return Err(Failure::input("version_missing", message));
    }
    let found = catalog.find(reference)?;
    // The same bytes may have several names.
    let name = reference.split_once('@').map(|(name, _)| name);
    let of_name = |module: &&ModuleRecord| module.digest == found.digest && Some(module.name.as_str()) == name;
    match name {
        Some(_) if found.name == name.unwrap_or_default() => Ok(found),
        Some(name) => catalog.modules.iter().find(of_name).ok_or_else(|| {
            Failure::input("module_unknown", format!("module `{name}` has no version with digest {}", found.digest))
        }),
        None => Ok(found),
    }
}

fn refuse_unfit(module: &ModuleRecord, opened: &[Opened]) -> Result<(), Failure> {
    let refused = opened.iter().filter_map(|opened| match &opened.outcome {
        Outcome::Refused { code, reason } => Some(format!("{}/{}: {reason} [{code}]", opened.sync, opened.stream)),
        Outcome::Fits | Outcome::NotPlanned => None,
    });
    let refused: Vec<String> = refused.collect();
    if refused.is_empty() {
        return Ok(());
    }
    let message = format!(
        "`{}@{}` cannot be opened where it would be used, and was not activated:\n  - {}\nmend it, or activate it all the same with `millstream modules activate {}@{} --force`",
        module.name,
        module.version,
        refused.join("\n  - "),
        module.name,
        module.version
    );
    Err(Failure::input("module_unfit", message))
}

async fn set_active(home: &Home, module: &ModuleRecord, by: Option<String>) -> Result<Activation, Failure> {
    let by = who(by);
    let at = home.parts.clock.now();
    let activate = Activate { name: &module.name, version: &module.version, by: &by, at };
    Ok(home.parts.store.activate(&activate).await?)
}

async fn deactivate(home: &Home, name: &str, by: Option<String>, output: Output) -> Result<(), Failure> {
    let now = home.parts.clock.now();
    let Some(activation) = home.parts.store.deactivate(name, &who(by), now).await? else {
        return Err(Failure::input(
            "module_inactive",
            format!("no version of module `{name}` is active; see `millstream modules list`"),
        ));
    };
    output.print(&ActivationLine::from(&activation), |line| match &line.version {
        Some(version) => format!("{name}@{version} is active again"),
        None => {
            format!("no version of {name} is active any more; specs that name it `{name}` are refused until one is")
        }
    })
}

async fn remove(home: &Home, reference: &str, output: Output) -> Result<(), Failure> {
    let catalog = Catalog::read(home.parts.store.as_ref()).await?;
    let module = exact(&catalog, reference)?;
    match home.parts.store.remove_module(&module.name, &module.version).await? {
        Removal::Removed { module, last } => {
            if last {
                home.parts.staging.delete(&module.key).await?;
                home.parts.staging.delete(&module.artifact_key).await?;
            }
            output.print(&ModuleLine::of(&module, &catalog)?, |line| format!("removed {}@{}", line.name, line.version))
        }
        Removal::Needed(needs) => {
            let needs: Vec<String> = needs.iter().map(need_text).collect();
            let message = format!("`{}@{}` is not removed: {}", module.name, module.version, needs.join("; "));
            Err(Failure::input("module_needed", message))
        }
        Removal::Unknown => Err(Failure::input("module_unknown", format!("`{reference}` is removed already"))),
    }
}

fn need_text(need: &Need) -> String {
    match need {
        Need::Active { name } => {
            format!("it is active (activate another, or `millstream modules deactivate {name}`)")
        }
        Need::Spec { sync } => format!("the saved spec of `{sync}` names it (run the sync once with another)"),
        Need::Run { run } => format!("run {run} has not ended and may use it"),
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
