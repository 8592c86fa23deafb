//! Which instructions an artifact may use: those of a level of machines rather than all that the
//! machine it is compiled on happens to have, so that it loads on others of the level.

/// A level of machines of one architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Its name, part of what an artifact fits.
    pub name: &'static str,
    /// The code generator's flags for what all machines of the level have.
    pub flags: &'static [&'static str],
}

impl Level {
    /// The code generator's name of this machine's kind; `None` where it is left to find out what
    /// the machine has, and artifacts fit machines like it alone.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        let system = match std::env::consts::OS {
            "linux" => "unknown-linux-gnu",
            "macos" => "apple-darwin",
            _ => return None,
        };
        Some(format!("{}-{system}", std::env::consts::ARCH))
    }
}

/// What the common servers of the last ten years and every machine of AWS Lambda have.
#[cfg(target_arch = "x86_64")]
const HASWELL: Level = Level {
    name: "v3",
    flags: &[
        "has_cmpxchg16b",
        "has_sse3",
        "has_ssse3",
        "has_sse41",
        "has_sse42",
        "has_popcnt",
        "has_avx",
        "has_avx2",
        "has_bmi1",
        "has_bmi2",
        "has_fma",
        "has_lzcnt",
    ],
};

/// The least: emulators and very old machines.
const LEAST: Level = Level { name: "v1", flags: &[] };

/// The highest level this machine belongs to.
#[cfg(target_arch = "x86_64")]
#[must_use]
pub fn level() -> &'static Level {
    let is_haswell = is_x86_feature_detected!("cmpxchg16b")
        && is_x86_feature_detected!("sse4.2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("lzcnt");
    if is_haswell { &HASWELL } else { &LEAST }
}

/// What AWS Graviton 2 and later and every Apple processor have.
#[cfg(target_arch = "aarch64")]
const ATOMICS: Level = Level { name: "lse", flags: &["has_lse"] };

/// The highest level this machine belongs to.
#[cfg(target_arch = "aarch64")]
#[must_use]
pub fn level() -> &'static Level {
    if std::arch::is_aarch64_feature_detected!("lse") { &ATOMICS } else { &LEAST }
}

/// The highest level this machine belongs to.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[must_use]
pub fn level() -> &'static Level {
    &LEAST
}
