//! What a module in Rust needs: the contract, columns, rejects.
//!
//! Owns the glue to the contract ([`bindings`], [`export!`]), what a module asks for when it is
//! opened ([`Open`]), the columns it reads ([`view`]) and writes ([`builder`]), and a way to test
//! it without WebAssembly ([`testing`]). Does not own the contract: that is `transforms/wit`.
//! Start reading at [`rows!`], which makes a module of a function for a row, then at [`Module`] for
//! those that want more.
//!
//! ```
//! use sdk::{Batch, Module, Open, Out, Output, In, kind::Text};
//!
//! struct Trim { from: In<Text>, to: Out<Text> }
//!
//! impl Module for Trim {
//!     fn open(open: &mut Open<'_>) -> Result<Self, String> {
//!         let from = open.column("name")?;
//!         Ok(Self { to: open.replace(&from), from })
//!     }
//!
//!     fn apply(&mut self, batch: &Batch, output: &mut Output) -> Result<(), String> {
//!         let names = batch.view(&self.from)?;
//!         let mut trimmed = self.to.builder(batch.rows());
//!         for row in 0..batch.rows() {
//!             trimmed.push(names.get(row).map(str::trim));
//!         }
//!         output.keep_all(batch.rows());
//!         output.give(&self.to, trimmed)
//!     }
//! }
//!
//! sdk::export!(Trim);
//! # fn main() {}
//! ```

pub mod bindings;
pub mod builder;
pub mod civil;
pub mod decimal;
mod glue;
pub mod kind;
mod open;
mod output;
pub mod rows;
pub mod testing;
pub mod view;

pub use bindings::Level;
pub use glue::{Batch, Runner, log};
pub use kind::Kind;
pub use open::{In, Open, Out};
pub use output::{Output, Reject};

/// A transform. One value serves all batches of a run, but must not carry anything from one batch
/// to the next: batches come again, and are cut elsewhere, when a fault is searched for.
pub trait Module: Sized {
    /// Looks up the columns it reads and says which it writes. All other input columns are passed
    /// on untouched. An error says why the module cannot work with this input or config.
    fn open(open: &mut Open<'_>) -> Result<Self, String>;

    /// Transforms a batch: each row is kept, rejected, or dropped by doing neither. An error
    /// concerns the batch as a whole.
    fn apply(&mut self, batch: &Batch, output: &mut Output) -> Result<(), String>;
}

/// Makes a [`Module`] what the host calls.
#[macro_export]
macro_rules! export {
    ($module:ty) => {
        const _: () = {
            struct Exported;

            std::thread_local! {
                static RUNNER: std::cell::RefCell<Option<$crate::Runner<$module>>> =
                    const { std::cell::RefCell::new(None) };
            }

            impl $crate::bindings::Guest for Exported {
                fn open(
                    fields: Vec<$crate::bindings::Field>,
                    config: String,
                    context: $crate::bindings::Context,
                ) -> Result<$crate::bindings::Plan, $crate::bindings::OpenError> {
                    let (runner, plan) = $crate::Runner::open(fields, config, context)?;
                    RUNNER.with(|slot| *slot.borrow_mut() = Some(runner));
                    Ok(plan)
                }

                fn apply(batch: $crate::bindings::Batch) -> Result<$crate::bindings::Output, String> {
                    RUNNER.with(|slot| match slot.borrow_mut().as_mut() {
                        Some(runner) => runner.apply(batch),
                        None => Err("`apply` was called before `open`".to_owned()),
                    })
                }
            }

    $crate::bindings::export_columns!(Exported with_types_in $crate::bindings);
        };
    };
}
