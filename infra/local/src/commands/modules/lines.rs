//! What is printed of modules: as JSON, and as text for people.

use std::collections::BTreeMap;

use serde::Serialize;
use store::record::{Activation, Cause, ModuleRecord, Refusal};

use crate::Failure;
use crate::registry::opening::Opened;
use crate::registry::verify::{Artifact, Verified};
use crate::registry::{Catalog, own_texts};

#[derive(Serialize)]
pub(super) struct ModuleLine {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) digest: String,
    pub(super) world: String,
    pub(super) bytes: u64,
    pub(super) active: bool,
    pub(super) limits: BTreeMap<String, String>,
    pub(super) schema: Option<SchemaLine>,
    pub(super) engine: String,
    pub(super) added_at: flow::Timestamp,
    pub(super) added_by: String,
}

#[derive(Serialize)]
pub(super) struct SchemaLine {
    pub(super) input: String,
    pub(super) output: String,
}

impl ModuleLine {
    pub(super) fn of(record: &ModuleRecord, catalog: &Catalog) -> Result<Self, Failure> {
        let line =
            |schema: &str| batch::schema::from_json(schema).and_then(|schema| batch::schema::to_notation(&schema));
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
pub(super) struct ActivationLine {
    pub(super) name: String,
    pub(super) ordinal: u64,
    pub(super) cause: Cause,
    pub(super) version: Option<String>,
    pub(super) digest: Option<String>,
    pub(super) replaced: Option<String>,
    pub(super) by: String,
    pub(super) at: flow::Timestamp,
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
pub(super) struct RefusalLine {
    pub(super) sync: String,
    pub(super) stream: String,
    pub(super) code: String,
    pub(super) reason: String,
    pub(super) at: flow::Timestamp,
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
pub(super) struct Shown {
    #[serde(flatten)]
    pub(super) module: ModuleLine,
    /// What is active under the name, whichever version is shown.
    pub(super) activation: Option<ActivationLine>,
    /// Streams that go on without the active version.
    pub(super) refusals: Vec<RefusalLine>,
}

#[derive(Serialize)]
pub(super) struct Activated {
    #[serde(flatten)]
    pub(super) activation: ActivationLine,
    pub(super) opened: Vec<Opened>,
}

pub(super) fn shown_text(shown: &Shown) -> String {
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

pub(super) fn known(who: &str) -> &str {
    if who.is_empty() { "unknown" } else { who }
}

pub(super) fn verified_text(module: &ModuleRecord, verified: &Verified) -> String {
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
