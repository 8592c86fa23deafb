//! What the bench is made of: data, floors, the binary as a child, figures.
//!
//! Start reading at [`Bencher::measure`].

mod bencher;
mod data;
mod floor;
mod millstream;
mod psql;
mod specs;

pub(crate) mod figure;

pub(crate) use bencher::Bencher;
pub(crate) use psql::Psql;
pub(crate) use specs::Bench;

/// Where specs, data and results lie.
const FOLDER: &str = "target/bench";
/// How often everything is timed; the shortest time counts, and the highest peak.
const TIMES: usize = 2;
