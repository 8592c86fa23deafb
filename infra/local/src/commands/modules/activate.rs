//! `modules activate`, `deactivate` and `remove`.

use store::record::{Activate, Activation, ModuleRecord, Need, Removal};

use super::lines::{Activated, ActivationLine, ModuleLine};
use crate::home::Home;
use crate::output::{Output, note};
use crate::registry::opening::{Opened, Outcome};
use crate::registry::{Catalog, Registry};
use crate::{Failure, settings};

pub(super) async fn activate(
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

pub(super) fn refuse_unfit(module: &ModuleRecord, opened: &[Opened]) -> Result<(), Failure> {
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

pub(super) async fn set_active(home: &Home, module: &ModuleRecord, by: Option<String>) -> Result<Activation, Failure> {
    let by = who(by);
    let at = home.parts.clock.now();
    let activate = Activate { name: &module.name, version: &module.version, by: &by, at };
    Ok(home.parts.store.activate(&activate).await?)
}

pub(super) async fn deactivate(home: &Home, name: &str, by: Option<String>, output: Output) -> Result<(), Failure> {
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

pub(super) async fn remove(home: &Home, reference: &str, output: Output) -> Result<(), Failure> {
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

/// Who does it: as given, else as the system says.
pub(super) fn who(given: Option<String>) -> String {
    given.unwrap_or_else(settings::user)
}
