//! Runs guest modules: limits, isolation, columns across; no compiler inside.
