//! A guest that wants randomness from the system.

use sdk::bindings::{Batch, Context, Field, Guest, OpenError, Output, Plan};

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn random_get(buffer: *mut u8, length: usize) -> i32;
}

struct Foreign;

impl Guest for Foreign {
    fn open(_: Vec<Field>, _: String, _: Context) -> Result<Plan, OpenError> {
        let mut byte = 0;
        // SAFETY: one byte is written where one byte is.
        unsafe { random_get(&mut byte, 1) };
        Err(OpenError { message: byte.to_string() })
    }

    fn apply(_: Batch) -> Result<Output, String> {
        Err(String::new())
    }
}

sdk::bindings::export_columns!(Foreign with_types_in sdk::bindings);
