//! Pulls slices from sources into staged batches.
