//! The process's peak of resident memory, measured anew for each figure.

/// Forgets the peak so far.
pub(crate) fn forget() {
    // Without the right to, the peak stays what it was: more than the figure's own.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The peak in MiB since it was forgotten.
pub(crate) fn mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")).and_then(|kib| kib.trim().parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
