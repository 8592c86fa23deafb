//! A guest that takes all the memory there is before it is opened.

use std::hint::black_box;

use sdk::bindings::{Batch, Context, Field, Guest, OpenError, Output, Plan};

/// Called while the instance is made.
#[unsafe(export_name = "_initialize")]
extern "C" fn initialize() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1_u8; 1 << 20]));
    }
}

struct Starting;

impl Guest for Starting {
    fn open(_: Vec<Field>, _: String, _: Context) -> Result<Plan, OpenError> {
        Err(OpenError { message: String::new() })
    }

    fn apply(_: Batch) -> Result<Output, String> {
        Err(String::new())
    }
}

sdk::bindings::export_columns!(Starting with_types_in sdk::bindings);
