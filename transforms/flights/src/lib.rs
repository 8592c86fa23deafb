//! Example module: departure times of the flights example as UTC timestamps.
