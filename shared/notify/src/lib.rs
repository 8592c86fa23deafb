//! The seam to people: a notification is sent, once.
//!
//! Owns the [`Notify`] trait and its memory form. Does not own what is told to whom and when
//! (`alerting`), nor any way to reach people (`notify-webhook`).
//! Start reading at [`Notify`].

mod error;
pub mod memory;
mod notify;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(any(test, feature = "conformance"))]
pub mod faulty;

#[cfg(any(test, feature = "conformance"))]
pub use faulty::Faulty;

pub use error::Error;
pub use memory::Memory;
pub use notify::Notify;
