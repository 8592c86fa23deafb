//! Files as a source: CSV, JSON lines, Parquet; plain, gzip, zstd; any WHATWG encoding.
