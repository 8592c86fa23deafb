//! A destination that fails on command.
