//! Files as a source: CSV, JSON lines, Parquet; plain, gzip, zstd; any WHATWG encoding.
//!
//! Owns which files a path stands for, how they are unpacked, decoded and split into records, how
//! types are inferred and how a text becomes a value ([`FileSource`]). All files of a stream form
//! one part and are read in the order of their names; a position is a place in one of them.
//! Does not own the seam (`source`) nor the column types (`batch`).
//!
//! Start reading at `file_source`, then follow a text file through `text` (bytes to UTF-8), `csv`
//! and `jsonl` (text to records), `column` (records to columns) and `text_reader` (columns to
//! batches). Parquet goes through `parquet_reader` alone.

mod background;
mod block;
mod column;
mod csv;
mod file_source;
mod files;
mod glob;
mod infer;
mod input;
mod jsonl;
mod names;
mod parquet_reader;
mod parquet_schema;
mod position;
mod records;
mod sample;
mod text;
mod text_reader;
mod values;

pub use file_source::FileSource;
