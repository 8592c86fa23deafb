//! The contract's types and glue, generated from `transforms/wit`, one module for each world.
#![allow(
    unsafe_code,
    unreachable_pub,
    dead_code,
    unused_variables,
    missing_docs,
    clippy::all,
    reason = "what the generator writes is not ours to style; its only unsafe calls name functions it type-checked"
)]

wasmtime::component::bindgen!({
    path: "../../transforms/wit",
    world: "columns",
    ownership: Borrowing { duplicate_if_necessary: true },
});

pub(crate) use millstream::transform::types::{
    BatchParam, ColumnParam, ColumnResult, FieldParam, OutField, Reject as ContractReject,
};

/// The world `records`, its types those of `columns`.
pub(crate) mod records {
    wasmtime::component::bindgen!({
        path: "../../transforms/wit",
        world: "records",
        ownership: Borrowing { duplicate_if_necessary: true },
        with: { "millstream:transform/types": super::millstream::transform::types },
    });
}
