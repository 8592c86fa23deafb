//! Files as a destination: a folder of Parquet or JSON-lines files for each stream.
//!
//! Owns how rows are written down and how the files of a stream change without a reader ever
//! seeing half of something. Does not own what is written (`deliver`) nor how files are read as a
//! source (`source-file`). Start reading at [`FileDestination`].
//!
//! # On disk
//!
//! ```text
//! ROOT/STREAM/part-RUN-LANE-SEQUENCE-BATCH.parquet    one delivered batch
//! ROOT/STREAM/base-NUMBER-RUN.parquet                 rows of a merge
//! ROOT/STREAM/.millstream.json                        the columns, and the run that put them in place
//! ROOT/STREAM/.tmp-…                                  not finished yet
//! ROOT/.STREAM-new-RUN/  ROOT/.STREAM-merge-RUN/      what a run has delivered and not finished
//! ```
//!
//! `ROOT/STREAM/*.parquet` is the dataset, for DuckDB, pandas, Spark and the like: each file appears
//! whole and flushed. Names that begin with a dot are not read by them.
//!
//! A batch's file is named by the batch's id, so a batch that comes again finds its file there.
//! `append` adds files. `replace` gathers them in a hidden folder that changes places with the
//! dataset in one step. `merge` gathers them likewise, and the end of the run writes a new dataset
//! in which the last row of each key stays; rows of a merge are seen when the run ends.
//!
//! # What values look like
//!
//! Every column type is held exactly in both formats.
//!
//! | column type | Parquet | JSON lines |
//! |---|---|---|
//! | `bool` | BOOLEAN | `true`, `false` |
//! | `int8` … `int64`, `uint8` … `uint64` | INT, signed or unsigned, of the same width | number, every digit |
//! | `float32`, `float64` | FLOAT, DOUBLE | shortest number that reads back the same; `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | `decimal(P,S)` | DECIMAL(P,S) | text, `"123.45"`: most readers take JSON numbers for doubles |
//! | `numeric` | STRING | text, as it came |
//! | `utf8` | STRING | text |
//! | `binary` | BYTE_ARRAY | lowercase hexadecimal, `"00ff"` |
//! | `date` | DATE | `"2013-01-31"` |
//! | `time` | TIME(MICROS) | `"05:17:00"`, `"05:17:00.000001"` |
//! | `timestamp` | TIMESTAMP(MICROS, local) | `"2013-01-31T05:17:00"`, with six digits of a second where they are not zero |
//! | `timestamp(us,UTC)` | TIMESTAMP(MICROS, UTC) | the same with `Z` |
//! | `json` | JSON | the document itself, on one line |
//! | `uuid` | UUID | `"6f9619ff-8b86-d011-b42d-00cf4fc964ff"` |
//! | NULL | null | `null`; of a `json` column, where `null` is a document, the name is left out |
//!
//! Years beyond 9999 have a sign in JSON lines (`"+12345-01-01"`), as have those before 0. The Arrow
//! schema is kept inside Parquet files, so that Arrow readers see the extension types too.

mod columns;
mod delivery;
mod destination;
mod failure;
mod folder;
mod format;
#[cfg(test)]
mod ground;
mod json_lines;
mod layout;
mod manifest;
mod merge;
mod new_file;
mod parquet_file;
mod swap;

pub use destination::FileDestination;
pub use format::Format;
