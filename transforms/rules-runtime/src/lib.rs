//! What compiled rules call.
