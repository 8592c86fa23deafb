//! How much a guest may use.

use std::time::Duration;

/// What a module may use. A module that reaches one of these is stopped, and its instance is
/// thrown away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory, all memories of an instance together. Default 64 MiB: a batch of
    /// 8 MiB in and out, and room to work.
    pub memory: u64,
    /// Wall time of one call. Default 5 s: a net for loops, hundreds of times what an honest
    /// batch takes, because a busy machine makes honest modules slow.
    pub time: Duration,
    /// Bytes of native stack. Default 512 KiB: a quarter of what a blocking task's thread has.
    pub stack: usize,
    /// Bytes a call may give beyond four times what the batch weighs. Default 16 MiB.
    pub output_bytes: u64,
    /// Entries of all tables of an instance together. Default 200,000: a language runtime has
    /// some 20,000.
    pub table_entries: usize,
    /// Wall time the search for offending rows may take. Default 60 s.
    pub isolation_time: Duration,
    /// Offending rows of one batch that are set aside; with more, the module is at fault, not
    /// the rows. Default 64.
    pub isolation_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            time: Duration::from_secs(5),
            stack: 512 << 10,
            output_bytes: 16 << 20,
            table_entries: 200_000,
            isolation_time: Duration::from_secs(60),
            isolation_rows: 64,
        }
    }
}

impl Limits {
    /// What a call on a batch of this weight may give, in bytes.
    pub(crate) fn output_for(&self, input_bytes: usize) -> usize {
        let limit = u64::try_from(input_bytes).unwrap_or(u64::MAX).saturating_mul(4).saturating_add(self.output_bytes);
        usize::try_from(limit).unwrap_or(usize::MAX)
    }
}
