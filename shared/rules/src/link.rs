//! From the generated functions to a component: merged into the template, wrapped for the
//! contract.

mod merge;
mod reachable;
mod template;
mod wrap;

pub(crate) use merge::merge;
pub(crate) use template::Template;
pub(crate) use wrap::wrap;
