//! What compiled rules call.
//!
//! Owns what a rule's functions do with values ([`functions`]), why they fail ([`Fault`]) and how
//! a rule's constants are kept ([`constants`]). Does not own the row loop, which is made for each
//! rule, nor a rule's text (`rules`). Start reading at [`functions`].

pub mod constants;
mod fault;
pub mod functions;
#[cfg(target_arch = "wasm32")]
mod guest;
pub mod layout;
pub mod table;

pub use fault::Fault;
