//! Puts staged batches through the user modules.
