//! What users write: one YAML or JSON file a sync, versioned, with unknown keys refused.
//!
//! Owns the written form ([`written`]), its validation into a [`Sync`] that cannot be wrong
//! ([`validated`]), and references to secrets ([`secret`]).
//! Does not own what checks, alerts, schedules and retries mean: those crates own their own keys.
//! Start reading at [`written`]: it is the reference of every key.

mod error;
pub mod load;
pub mod secret;
pub mod validated;
pub mod written;

pub use error::Error;
pub use secret::{Resolver, Secret};
pub use validated::{
    Compression, Delivery, DestinationSpec, Disposition, FileFormat, FileStream, SourceSpec, Stream, StreamFrom, Sync,
    SyncMode, TransformSpec,
};
