//! Field maps: what becomes of each column, in YAML instead of SQL.

mod build;
mod fields;

pub use build::compile_map;
pub use spec::field_map::{Field, FieldMap, Invalid, Otherwise};
