//! The guest around the generated row loop: the contract's two functions, the batch on its way in
//! and out, and everything the loop calls. Compiled for WASM alone.
//!
//! The loop itself and its table are imports of this module; the generator's linker puts them in
//! their place, so that a finished rule imports nothing of it.

mod abi;
mod calls;
mod inputs;
mod open;
mod outputs;
mod run;

use core::cell::RefCell;

use open::Opened;

mod bindings {
    #![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, reason = "generated from the contract")]

    wit_bindgen::generate!({ world: "columns", path: "../wit" });

    pub(super) use millstream::transform::types::{Column, OutField, Passed, Reject};

    export!(Rule with_types_in self);

    pub(super) struct Rule;
}

use bindings::{Batch, Context, Field, Level, OpenError, Output, Plan, Rule};

std::thread_local! {
    static OPENED: RefCell<Option<Opened>> = const { RefCell::new(None) };
}

impl bindings::Guest for Rule {
    fn open(fields: Vec<Field>, config: String, context: Context) -> Result<Plan, OpenError> {
        std::panic::set_hook(Box::new(|panic| bindings::log(Level::Error, &panic.to_string())));
        let (opened, plan) = open::open(&fields, &config, &context).map_err(|message| OpenError { message })?;
        OPENED.with(|slot| *slot.borrow_mut() = Some(opened));
        Ok(plan)
    }

    fn apply(batch: Batch) -> Result<Output, String> {
        OPENED.with(|slot| match slot.borrow_mut().as_mut() {
            Some(opened) => run::apply(opened, &batch),
            None => Err("`apply` was called before `open`".to_owned()),
        })
    }
}
