//! A view of what is active: pins, and what activations make of them.

use flow::{Fault, FaultKind, ModuleDigest};
use spec::TransformSpec;
use store::record::{Activation, Pin};

/// What the spec was saved with, before any activation was looked at.
pub(crate) fn pins_of_spec(transforms: &[TransformSpec]) -> Result<Vec<Pin>, Fault> {
    let pins = transforms.iter().map(|transform| {
        let unpinned = || {
            let message = format!("module `{}` is not pinned to a digest", transform.module);
            Fault::new(FaultKind::Bug, "module_unpinned", message)
        };
        Ok(Pin {
            module: transform.name().to_owned(),
            digest: transform.digest.clone().ok_or_else(unpinned)?,
            activation: transform.follows.then_some(0),
        })
    });
    pins.collect()
}

/// What the stream has been given so far: what is in use where the spec follows a name, and what
/// the spec says elsewhere. `None` when nothing is, or for other modules than the spec has now.
pub(crate) fn begun(view: &[Pin], in_use: &[Pin]) -> Option<Vec<Pin>> {
    let is_same = view.len() == in_use.len() && view.iter().zip(in_use).all(|(new, old)| new.module == old.module);
    let pin = |(new, old): (&Pin, &Pin)| match new.activation {
        Some(_) => Pin { digest: old.digest.clone(), ..new.clone() },
        None => new.clone(),
    };
    is_same.then(|| view.iter().zip(in_use).map(pin).collect())
}

/// The same modules, in view of these activations.
pub(crate) fn in_view(pins: &[Pin], activations: &[Activation]) -> Vec<Pin> {
    let seen = |name: &str| activations.iter().find(|activation| activation.name == name);
    let view = |pin: &Pin| {
        let activation = pin.activation.map(|_| seen(&pin.module).map_or(0, |activation| activation.ordinal));
        Pin { activation, ..pin.clone() }
    };
    pins.iter().map(view).collect()
}

/// The modules with what an activation says in place of what follows its name. A name that has
/// become inactive changes nothing for streams at work.
pub(crate) fn with(pins: &[Pin], activation: &Activation) -> Vec<Pin> {
    match &activation.active {
        Some(active) => replace(pins, &activation.name, &active.digest),
        None => pins.to_vec(),
    }
}

pub(crate) fn replace(pins: &[Pin], name: &str, digest: &ModuleDigest) -> Vec<Pin> {
    let replaced = |pin: &Pin| match pin.activation.is_some() && pin.module == name {
        true => Pin { digest: digest.clone(), ..pin.clone() },
        false => pin.clone(),
    };
    pins.iter().map(replaced).collect()
}

pub(crate) fn digests(pins: &[Pin]) -> Vec<ModuleDigest> {
    pins.iter().map(|pin| pin.digest.clone()).collect()
}
