//! What an instance has of the host: its account of memory and tables, and the log.

use std::collections::VecDeque;

use wasmtime::ResourceLimiter;

use crate::Limits;
use crate::contract::millstream::transform::types;
use crate::contract::records::millstream::transform::logging;
use crate::contract::{ColumnsImports, Level};

/// Lines kept of one call: the last ones, for they stand before the trap.
pub(crate) const KEPT_LINES: usize = 32;
/// Bytes kept of a line.
const KEPT_BYTES: usize = 2000;
/// Memories, tables and core instances an instance may have. What is linked of many parts has an
/// instance for each: Python has 33.
const KEPT_OBJECTS: usize = 64;

/// A line a module logged. It may hold values of rows: show it to the module's author only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: &'static str,
    /// What it said, at most 2,000 bytes.
    pub message: String,
}

/// Why a growth was refused: tells a limit from any other trap.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("more memory than the limit")]
    Memory { wanted: u64 },
    #[error("more table entries than the limit")]
    Tables { wanted: usize },
}

/// The store's data.
pub(crate) struct Host {
    memory_limit: u64,
    memory: u64,
    table_limit: usize,
    tables: usize,
    lines: VecDeque<LogLine>,
}

impl Host {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_limit: limits.memory,
            memory: 0,
            table_limit: limits.table_entries,
            tables: 0,
            lines: VecDeque::new(),
        }
    }

    /// Takes the lines of the last call.
    pub(crate) fn take_lines(&mut self) -> Vec<LogLine> {
        self.lines.drain(..).collect()
    }
}

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let more = u64::try_from(desired.saturating_sub(current)).unwrap_or(u64::MAX);
        let wanted = self.memory.saturating_add(more);
        if wanted > self.memory_limit {
            return Err(Refusal::Memory { wanted }.into());
        }
        self.memory = wanted;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = self.tables.saturating_add(desired.saturating_sub(current));
        if wanted > self.table_limit {
            return Err(Refusal::Tables { wanted }.into());
        }
        self.tables = wanted;
        Ok(true)
    }

    fn instances(&self) -> usize {
        KEPT_OBJECTS
    }

    fn tables(&self) -> usize {
        KEPT_OBJECTS
    }

    fn memories(&self) -> usize {
        KEPT_OBJECTS
    }
}

impl types::Host for Host {}

impl ColumnsImports for Host {
    fn log(&mut self, level: Level, message: String) {
        self.keep(level, message);
    }
}

impl logging::Host for Host {
    fn log(&mut self, level: Level, message: String) {
        self.keep(level, message);
    }
}

impl Host {
    fn keep(&mut self, level: Level, mut message: String) {
        if self.lines.len() == KEPT_LINES {
            self.lines.pop_front();
        }
        message.truncate(message.floor_char_boundary(KEPT_BYTES));
        message.shrink_to_fit();
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        self.lines.push_back(LogLine { level, message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_each_cut_between_letters() {
        let mut host = Host::new(&Limits::default());
        for number in 0..100 {
            host.keep(Level::Info, format!("{number} {}", "ä".repeat(2000)));
        }
        let lines = host.take_lines();
        assert_eq!(lines.len(), KEPT_LINES);
        assert!(lines[0].message.starts_with("68 ") && lines.iter().all(|line| line.message.len() <= KEPT_BYTES));
        assert!(host.take_lines().is_empty());
    }

    #[test]
    fn all_memories_count_together() {
        let limits = Limits { memory: 100, ..Limits::default() };
        let mut host = Host::new(&limits);
        assert!(host.memory_growing(0, 60, None).unwrap());
        assert!(host.memory_growing(60, 80, None).unwrap());
        assert!(host.memory_growing(0, 21, None).is_err());
    }
}
