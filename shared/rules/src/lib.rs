//! Rules: SQL, field maps and rule sets, checked against a schema, interpreted, and compiled to
//! WASM for the contract modules keep.
//!
//! Owns the way from a rule's text to a typed [`plan::Plan`] and from there to a component. Does
//! not own running one (`sandbox`), nor what a function does with its values (`rules-runtime`).
//! Start reading at [`plan`].

pub mod catalogue;
mod compile;
pub mod component;
mod constant;
mod error;
mod explain;
mod formats;
mod generate;
pub mod interpret;
mod link;
pub mod map;
mod parse;
mod pieces;
pub mod plan;
mod resolve;
pub mod rule_set;
pub mod value_type;
mod walk;

pub use compile::compile_sql;
pub use component::component;
pub use error::{Code, Error, TextError};
pub use explain::explain;
pub use interpret::{Interpreted, Reject, interpret};
pub use map::compile_map;
pub use rule_set::compile_rule_set;
