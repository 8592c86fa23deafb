//! What users write: one YAML or JSON file a sync, versioned, with unknown keys refused.
//!
//! Owns the written form ([`written`]), its validation into a [`Sync`] that cannot be wrong
//! ([`validated`]), and references to secrets ([`secret`]).
//! Does not own what checks, alerts, schedules and retries mean: those crates own their own keys; nor
//! what rules mean: the written forms of field maps and rule sets are here, their compiler is `rules`.
//! Start reading at [`written`]: it is the reference of every key.

mod error;
pub mod field_map;
pub mod load;
mod misread;
mod nearest;
mod ordered;
mod rule_file;
pub mod rule_set;
mod scalar;
pub mod secret;
mod validate;
pub mod validated;
pub mod written;

pub use error::Error;
pub use field_map::FieldMap;
pub use load::{Loaded, Pinned};
pub use nearest::{nearest, with_nearest};
pub use ordered::Ordered;
pub use rule_set::RuleSet;
pub use scalar::Scalar;
pub use secret::{Resolver, Secret};
pub use validated::{
    BatchLimits, Compression, DeclaredColumn, Delivery, DestinationSpec, Disposition, FileFormat, FileStream, Raw,
    Rule, SourceSpec, Stream, StreamFrom, Sync, SyncMode, TransformSpec,
};
