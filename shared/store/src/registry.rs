//! What the store keeps of modules: their bytes' identity, what is active, and what a batch is
//! transformed with.

use flow::{BatchId, Digest, RunId, StreamName, SyncName, Timestamp};
use serde::{Deserialize, Serialize};

/// An added module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleRecord {
    /// Digest of the module's bytes (a component): its identity.
    pub digest: Digest,
    /// Name.
    pub name: String,
    /// Version, as whoever added it gave it.
    pub version: String,
    /// The contract's world it is for (`millstream:transform@0.1.0`).
    pub world: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Where its bytes are in the stage.
    pub key: String,
    /// Where the compiled artifact is in the stage.
    pub artifact_key: String,
    /// Digest of the artifact: what is loaded is checked against it.
    pub artifact_digest: Digest,
    /// What the artifact fits: engine version, target and settings.
    pub engine: String,
    /// Limits it runs and compiles under where they are not the default ones: a JSON object of
    /// the texts they were given as.
    pub limits: String,
    /// What it was tried with when it was added.
    pub schema: Option<DeclaredSchema>,
    /// When it was added.
    pub added_at: Timestamp,
    /// Who added it; empty when it was added before that was kept.
    pub added_by: String,
}

/// The columns a module was opened with when it was added, and those it said it would give
/// (`batch::schema::to_json`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredSchema {
    /// What it was given.
    pub input: String,
    /// What it gives.
    pub output: String,
}

/// Why what is active under a name changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A version was activated.
    Activated,
    /// The active version was taken back: the one before it is active again, or none.
    Deactivated,
}

/// A change of what is active under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The name.
    pub name: String,
    /// Counts up from 1 for each name: the highest holds.
    pub ordinal: u64,
    /// Why.
    pub cause: Cause,
    /// What is active since; `None` when nothing is.
    pub active: Option<ActiveVersion>,
    /// Digest of what was active before.
    pub replaced: Option<Digest>,
    /// Who did it; empty when it was not kept.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A version that is active under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveVersion {
    /// The version.
    pub version: String,
    /// Its digest.
    pub digest: Digest,
}

/// A version to be activated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activate<'a> {
    /// The name.
    pub name: &'a str,
    /// The version: it must have been added.
    pub version: &'a str,
    /// Who does it.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
}

/// That a stream goes on without what was activated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The module's name.
    pub name: String,
    /// The activation ([`Activation::ordinal`]).
    pub ordinal: u64,
    /// The sync.
    pub sync: SyncName,
    /// The stream.
    pub stream: StreamName,
    /// Stable code of the reason.
    pub code: String,
    /// The reason, without any record's content.
    pub reason: String,
    /// When it was found.
    pub at: Timestamp,
}

/// A module a batch is transformed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Its name in the spec.
    pub module: String,
    /// Its digest.
    pub digest: Digest,
    /// The activation of its name it was chosen in view of, 0 when there was none to see; `None`
    /// where the spec names the module by version or digest.
    pub activation: Option<u64>,
}

/// The modules a batch is to be transformed with under a version of its spec, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins {
    /// The batch.
    pub batch: BatchId,
    /// The run.
    pub run: RunId,
    /// The stream.
    pub stream: StreamName,
    /// The version of the spec.
    pub version: u32,
    /// One for each transform.
    pub modules: Vec<Pin>,
    /// When they were fixed.
    pub at: Timestamp,
}

/// What became of pinning a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pinning {
    /// These hold: those given, or those somebody pinned it to before.
    Held(Vec<Pin>),
    /// Nothing is pinned: what is active is not what the caller had in view.
    Moved {
        /// The last activation of each name that follows one, where there is any.
        activations: Vec<Activation>,
        /// What the batch of the same run and stream was pinned to that was pinned last, under
        /// whatever version of the spec; empty when there is none.
        in_use: Vec<Pin>,
    },
}

/// Why a module is still needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Need {
    /// It is active under a name.
    Active {
        /// The name.
        name: String,
    },
    /// The latest version of a sync's spec names it.
    Spec {
        /// The sync.
        sync: SyncName,
    },
    /// A run that has not ended may use it.
    Run {
        /// The run.
        run: RunId,
    },
}

/// What became of removing a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It is gone. `last` says whether no other name or version has the same bytes.
    Removed {
        /// What was removed.
        module: Box<ModuleRecord>,
        /// Whether its objects are needed by nothing any more.
        last: bool,
    },
    /// It is needed; nothing changed.
    Needed(Vec<Need>),
    /// There is no such version.
    Unknown,
}
