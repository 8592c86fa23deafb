//! Checks a guest module and compiles it ahead of time: the one owner of Cranelift.
