//! What users write: one YAML or JSON file a sync, versioned, with unknown keys refused.
//!
//! Owns the written form ([`written`]), its validation into a [`Sync`] that cannot be wrong
//! ([`validated`]), and references to secrets ([`secret`]).
//! Does not own what checks, alerts, schedules and retries mean: those crates own their own keys.
//! Start reading at [`written`]: it is the reference of every key.

mod error;
mod kept;
pub mod load;
mod misread;
mod nearest;
mod rule_file;
pub mod secret;
mod validate;
pub mod validated;
pub mod written;

pub use error::Error;
pub use kept::Kept;
pub use load::{Loaded, Pinned};
pub use nearest::{nearest, with_nearest};
pub use secret::{Resolver, Secret};
pub use validated::{
    BatchLimits, Compression, DeclaredColumn, Delivery, DestinationSpec, Disposition, FileFormat, FileStream, Raw,
    Rule, SourceSpec, Stream, StreamFrom, Sync, SyncMode, TransformSpec,
};
