//! Checks a guest module and compiles it ahead of time: the one owner of Cranelift.
//!
//! Owns the way from the bytes somebody uploads to a component and the artifact compiled from it
//! ([`prepare`]): wrapping a core module, limits on its shape, its imports and exports, the
//! compilation, and a first start in the sandbox.
//! Does not own running modules nor the engine's settings (`sandbox`), nor where the results are
//! kept (`staging`, `store`). Start reading at [`prepare()`].
//!
//! [`prepare()`] computes in the calling process. What a module can cost there is bounded by its
//! size, the size of each function and their number ([`shape`]): seconds of computing for the worst
//! module that is let through, not a hard limit of time or memory. [`Compiler`] does the same in a
//! child process that the system holds to limits; the binary that uses it hands the child over to
//! [`run_child`].

pub mod child;
mod error;
mod limits;
pub mod prepare;
pub mod shape;
pub mod wrap;

pub use child::{Compiler, run_child};
pub use error::Error;
pub use limits::CompileLimits;
pub use prepare::{Prepared, check, prepare};
pub use wrap::wrap_wasi;
