//! What a run holds in memory: it grows with the machine's cores, as the work does that keeps
//! them busy.

use std::thread::available_parallelism;

/// Staged and not yet delivered: about two batches for each core, enough that no function waits
/// for another, few enough that [`RECENT`] holds all of them.
const UNDELIVERED: u64 = 4 << 20;
/// Batches kept for the next function: two as read and two as transformed, some 6 MiB each with
/// what their builders left over.
const RECENT: usize = 16 << 20;
/// More cores than this wait for disks and servers, not for batches.
const MOST_CORES: usize = 16;

/// Bytes of one run that may be staged and not yet delivered before its pulls pause: 4 MiB a core.
pub(crate) fn undelivered_bytes() -> u64 {
    UNDELIVERED * cores() as u64
}

/// Bytes of batches that stay in memory for the next function: 16 MiB a core.
pub(crate) fn recent_bytes() -> usize {
    RECENT * cores()
}

/// The machine's cores as far as they count: two at least, sixteen at most.
fn cores() -> usize {
    available_parallelism().map_or(2, usize::from).clamp(2, MOST_CORES)
}
