use std::time::Duration;

use sandbox::BadLimit;
use sandbox::limits::{COMPILE_PREFIX, size, span};

/// What compiling one module may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileLimits {
    /// Time of all processors together, in whole seconds. Default 4 min: a language runtime takes
    /// tens of seconds.
    pub cpu: Duration,
    /// Bytes of memory that is written to (`RLIMIT_DATA`: addresses that are only reserved, of
    /// which a sandbox has gigabytes, do not count). Default 2 GiB.
    pub memory: u64,
    /// Time on the wall. Default 5 min.
    pub time: Duration,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self { cpu: Duration::from_secs(240), memory: 2 << 30, time: Duration::from_secs(300) }
    }
}

impl CompileLimits {
    /// The default limits, with those set that a module has of its own: `compile_cpu`,
    /// `compile_memory` and `compile_time` as people write them. Others are passed over.
    pub fn of_module<'a>(own: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, BadLimit> {
        let mut limits = Self::default();
        for (name, text) in own {
            let hour = Duration::from_secs(3600);
            match name {
                "compile_cpu" => limits.cpu = span(name, text, Duration::from_secs(1)..=hour)?,
                "compile_memory" => limits.memory = size(name, text, (64 << 20)..=(64 << 30))?,
                "compile_time" => limits.time = span(name, text, Duration::from_millis(10)..=hour)?,
                unknown if unknown.starts_with(COMPILE_PREFIX) => {
                    return Err(BadLimit::Unknown { name: unknown.chars().take(80).collect() });
                }
                _ => {}
            }
        }
        Ok(limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_on_compiling_are_set_by_their_names() {
        let own = [("memory", "1MiB"), ("compile_cpu", "2s"), ("compile_memory", "64MiB"), ("compile_time", "1m")];
        let limits = CompileLimits::of_module(own).unwrap();
        let expected = CompileLimits { cpu: Duration::from_secs(2), memory: 64 << 20, time: Duration::from_secs(60) };
        assert_eq!(limits, expected);
        assert!(CompileLimits::of_module([("compile_stack", "1MiB")]).is_err());
        assert!(CompileLimits::of_module([("compile_cpu", "10ms")]).is_err());
    }
}
