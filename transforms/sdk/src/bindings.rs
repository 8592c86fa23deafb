//! The contract's types and glue, generated from `transforms/wit`; documented there.
#![allow(missing_docs, unreachable_pub, clippy::all, reason = "generated from the contract")]

wit_bindgen::generate!({
    world: "columns",
    path: "../wit",
    pub_export_macro: true,
    export_macro_name: "export_columns",
    default_bindings_module: "sdk::bindings",
    generate_unused_types: true,
});

pub use millstream::transform::types::{Column, OutField, Passed, Reject};
