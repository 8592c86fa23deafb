//! A source that fails on command.
