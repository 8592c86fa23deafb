//! Parquet and JSON-lines files as a destination.
