//! The rules a replay runs with.

use std::collections::BTreeMap;

use arrow_schema::SchemaRef;
use checks::Quality;
use flow::{Digest, StreamName};
use spec::written::Transform;
use spec::{Stream, Sync};
use store::record::{Run, SpecVersion};
use worker::Parts;

use super::streams;
use crate::Failure;
use crate::commands::saved::save;
use crate::lab::{Candidate, Lab, Line, Place, Stage, config};
use crate::opt::ReplayArgs;
use crate::registry::{Catalog, NewModule, Registry};
use crate::replay::lined;

/// What a replay runs with.
pub(super) struct Rules {
    pub(super) sync: Sync,
    pub(super) version: SpecVersion,
}

/// The last saved spec, or the one given, with the module that is asked for in its place.
pub(super) async fn rules(parts: &Parts, asked: &Run, args: &ReplayArgs) -> Result<Rules, Failure> {
    let saved = match &args.spec {
        Some(path) => {
            let saved = save(parts, path).await?;
            if saved.sync.name != asked.sync {
                let message =
                    format!("run `{}` is one of `{}`, the spec is that of `{}`", asked.id, asked.sync, saved.sync.name);
                return Err(Failure::input("run_of_other_sync", message));
            }
            saved.version
        }
        None => latest(parts, asked).await?,
    };
    let version = match &args.module {
        None => saved,
        Some(module) => with_module(parts, asked, saved, module, args).await?,
    };
    let sync = spec::load::from_stored(&version.text)?;
    let registry = Registry::of_this_binary(parts)?;
    for transform in sync.streams.iter().flat_map(|stream| &stream.transforms) {
        if let Some(digest) = transform.digest.as_ref().filter(|_| transform.rule.is_none()) {
            registry.refresh(digest).await?;
        }
    }
    Ok(Rules { sync, version })
}

async fn latest(parts: &Parts, asked: &Run) -> Result<SpecVersion, Failure> {
    let missing = || Failure::input("spec_missing", format!("no spec of `{}` was saved; name one", asked.sync));
    let specs = parts.store.latest_specs().await?;
    specs.into_iter().find(|spec| spec.sync == asked.sync).ok_or_else(missing)
}

/// A version of the spec for replays alone, in which the module stands.
async fn with_module(
    parts: &Parts,
    asked: &Run,
    saved: SpecVersion,
    module: &str,
    args: &ReplayArgs,
) -> Result<SpecVersion, Failure> {
    let sync = spec::load::from_stored(&saved.text)?;
    let name = one_stream(parts, asked, args).await?;
    let stream = worker::stream_of(&sync, &name)?;
    let candidate = Candidate::parse(module)?;
    let place = Place::find(stream, &candidate, args.at)?;
    let there = stream.transforms.get(place.at).filter(|_| place.is_taken);
    let transform_name = there.map_or_else(|| candidate.name(), |there| there.name().to_owned());
    let config = config(args.config.as_deref())?;
    let transform = match candidate.rule()? {
        Some(_) if config.is_some() => {
            return Err(Failure::input("config_of_rule", "a rule has no config; leave --config out"));
        }
        Some((_, rule)) => rule.written(transform_name),
        None => {
            let digest = kept_module(parts, asked, stream, (&candidate, place.at), &transform_name).await?;
            let lives_on = there.filter(|there| there.rule.is_none()).map(|there| there.config.clone());
            Transform {
                module: Some(format!("{transform_name}@sha256:{digest}")),
                config: config.or(lives_on),
                ..Transform::default()
            }
        }
    };
    let at = if place.is_taken { place.at } else { stream.transforms.len() };
    let text = spec::load::with_transform(&saved.text, &name, at, transform)?;
    let digest = Digest::of(text.as_bytes());
    Ok(parts.store.save_replay_spec(&asked.sync, &digest, &text, parts.clock.now()).await?)
}

/// The digest of a module that is in the store: a file is added under a name that nothing goes by.
async fn kept_module(
    parts: &Parts,
    asked: &Run,
    stream: &Stream,
    (candidate, at): (&Candidate, usize),
    name: &str,
) -> Result<Digest, Failure> {
    match candidate.bytes(&columns_before(parts, asked, stream, at).await?)? {
        Some(bytes) => {
            let version = Digest::of(&bytes).short().to_owned();
            let module = NewModule {
                bytes,
                name: format!("{name}.replay"),
                version,
                limits: BTreeMap::new(),
                trial: None,
                by: "replay".to_owned(),
            };
            Ok(Registry::of_this_binary(parts)?.add(module).await?.digest)
        }
        None => {
            let catalog = Catalog::read(parts.store.as_ref()).await?;
            Ok(catalog.look_up(&candidate.written())?.digest.clone())
        }
    }
}

/// The columns that come to the transform at this place.
async fn columns_before(parts: &Parts, asked: &Run, stream: &Stream, at: usize) -> Result<SchemaRef, Failure> {
    let streams = parts.store.run_streams(&asked.id).await?;
    let plan = streams.into_iter().find(|own| own.stream == stream.name).and_then(|own| own.plan);
    let missing =
        || Failure::input("stream_unknown", format!("run `{}` never read stream `{}`", asked.id, stream.name));
    let read = batch::schema::from_json(&plan.ok_or_else(missing)?.schema)?;
    if at == 0 {
        return Ok(read);
    }
    let lab = Lab::new(parts).await?;
    let before = stream.transforms.iter().take(at).cloned().map(Stage::Live).collect();
    let mut line = Line::new(&lab, "before", before, Quality::default());
    line.make_ready(&lined(asked, &stream.name), &read).await?;
    Ok(line.schema().unwrap_or(read))
}

async fn one_stream(parts: &Parts, asked: &Run, args: &ReplayArgs) -> Result<StreamName, Failure> {
    match streams(parts, asked, args).await?.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(Failure::input(
            "stream_unclear",
            "the run has several streams: say with --stream which one the module is for",
        )),
    }
}
