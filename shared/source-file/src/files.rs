//! Which files a stream reads, and how: format and compression by what is written or by ending.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use encoding_rs::{Encoding, REPLACEMENT};
use serde::{Deserialize, Serialize};
use source::Error;
use spec::{Compression, FileFormat, FileStream, Resolver};

use crate::glob;
use crate::text::Coding;

/// A file as it was when the stream was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlannedFile {
    /// Its path behind the pattern's fixed folder: what errors and places call it. The folder may
    /// come from a secret and is kept nowhere.
    pub(crate) name: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// When it was last changed, in nanoseconds since 1970.
    pub(crate) modified: u64,
}

/// Where a stream's files are.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pattern: String,
    written: String,
}

impl Location {
    /// Resolves the stream's path.
    pub(crate) fn of(files: &FileStream, resolver: &dyn Resolver) -> Result<Self, Error> {
        let pattern = files.path.resolve(resolver).map_err(|error| Error::Config {
            code: "secret_unresolved",
            problem: "resolve the stream's `path`".to_owned(),
            cause: Some(Box::new(error)),
        })?;
        Ok(Self { pattern, written: files.path.as_written().to_owned() })
    }

    /// The path of a planned file.
    pub(crate) fn path(&self, file: &PlannedFile) -> PathBuf {
        Path::new(self.folder()).join(&file.name)
    }

    /// Finds the files, at least one, in the order of their names.
    pub(crate) fn find(&self) -> Result<Vec<PlannedFile>, Error> {
        let (folder, names) = glob::split(&self.pattern);
        let found = glob::find(Path::new(folder), &names);
        let found = found.or_else(|cause| if is_missing(&cause) { Ok(Default::default()) } else { Err(cause) });
        let names = found.map_err(|cause| self.listing_failed(cause))?;
        if names.is_empty() {
            return Err(self.nothing_found());
        }
        names.into_iter().map(|name| self.planned(name)).collect()
    }

    /// Makes sure that a file is what it was when the stream was planned: a position in it, and
    /// the types inferred from it, would mean something else otherwise.
    pub(crate) fn check_unchanged(&self, planned: &PlannedFile) -> Result<(), Error> {
        if self.planned(planned.name.clone())? == *planned {
            return Ok(());
        }
        let problem = format!("the file `{}` has changed since the run was planned; start a new run", planned.name);
        Err(Error::config("file_changed", problem))
    }

    fn planned(&self, name: String) -> Result<PlannedFile, Error> {
        let path = Path::new(self.folder()).join(&name);
        let metadata = fs::metadata(path).map_err(|cause| crate::input::read_error(&name, cause))?;
        let changed = metadata.modified().ok().and_then(|moment| moment.duration_since(UNIX_EPOCH).ok());
        let modified = changed.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
        Ok(PlannedFile { name, bytes: metadata.len(), modified })
    }

    fn folder(&self) -> &str {
        glob::split(&self.pattern).0
    }

    fn nothing_found(&self) -> Error {
        let written = &self.written;
        if Path::new(&self.pattern).is_dir() {
            let files = written.trim_end_matches('/');
            return Error::config(
                "file_not_found",
                format!("`{written}` is a folder; write `{files}/*.csv` or the like"),
            );
        }
        if self.pattern.contains(['*', '?']) {
            return Error::config("file_not_found", format!("no file matches `{written}`"));
        }
        Error::config("file_not_found", format!("there is no file `{written}`"))
    }

    fn listing_failed(&self, cause: io::Error) -> Error {
        let written = &self.written;
        match cause.kind() {
            io::ErrorKind::PermissionDenied => Error::Config {
                code: "source_access",
                problem: format!("a folder of `{written}` may not be listed"),
                cause: Some(Box::new(cause)),
            },
            _ => Error::Unavailable { doing: format!("list the files of `{written}`"), cause: Box::new(cause) },
        }
    }
}

/// The one format of all files.
pub(crate) fn format(stream: &FileStream, files: &[PlannedFile]) -> Result<FileFormat, Error> {
    if let Some(format) = stream.format {
        return Ok(format);
    }
    let mut formats = files.iter().map(|file| Ok((file, format_by_ending(&file.name)?)));
    let (_, first) = formats.next().unwrap_or_else(|| Err(Error::config("file_not_found", "there are no files")))?;
    for other in formats {
        let (file, format) = other?;
        if format != first {
            let problem = format!(
                "the files are of several formats: `{}` differs from the first; narrow `path` or set `format`",
                file.name
            );
            return Err(Error::config("format_mixed", problem));
        }
    }
    Ok(first)
}

/// How a text file is unpacked and decoded.
pub(crate) fn coding(stream: &FileStream, file: &PlannedFile) -> Result<Coding, Error> {
    let unusable = || Error::config("encoding_unknown", format!("`{}` is no encoding to read in", stream.encoding));
    let encoding = Encoding::for_label(stream.encoding.as_bytes()).ok_or_else(unusable)?;
    if encoding == REPLACEMENT {
        return Err(unusable());
    }
    Ok(Coding { encoding, compression: stream.compression.unwrap_or_else(|| compression_by_ending(&file.name).0) })
}

/// Refuses Parquet inside an archive: it is compressed inside and read from its end.
pub(crate) fn check_parquet_is_plain(stream: &FileStream, files: &[PlannedFile]) -> Result<(), Error> {
    let packed = |file: &&PlannedFile| match stream.compression {
        Some(compression) => compression != Compression::None,
        None => compression_by_ending(&file.name).0 != Compression::None,
    };
    match files.iter().find(packed) {
        None => Ok(()),
        Some(file) => {
            let problem = format!("`{}` is a compressed Parquet file; Parquet compresses inside: unpack it", file.name);
            Err(Error::config("compression_unsupported", problem))
        }
    }
}

fn format_by_ending(name: &str) -> Result<FileFormat, Error> {
    let (_, name_inside) = compression_by_ending(name);
    let ending = name_inside.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "csv" => Ok(FileFormat::Csv),
        "jsonl" | "ndjson" => Ok(FileFormat::Jsonl),
        "parquet" => Ok(FileFormat::Parquet),
        _ => {
            let problem =
                format!("the format of `{name}` is not known by its ending; set `format`: csv, jsonl or parquet");
            Err(Error::config("format_unknown", problem))
        }
    }
}

fn compression_by_ending(name: &str) -> (Compression, &str) {
    match name.rsplit_once('.') {
        Some((inside, ending)) if is_one_of(ending, &["gz", "gzip"]) => (Compression::Gzip, inside),
        Some((inside, ending)) if is_one_of(ending, &["zst", "zstd"]) => (Compression::Zstd, inside),
        _ => (Compression::None, name),
    }
}

fn is_one_of(ending: &str, endings: &[&str]) -> bool {
    endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

fn is_missing(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_and_compression_go_by_the_endings() {
        for (name, format, compression) in [
            ("a.csv", FileFormat::Csv, Compression::None),
            ("a.b.CSV.GZ", FileFormat::Csv, Compression::Gzip),
            ("a.jsonl.zst", FileFormat::Jsonl, Compression::Zstd),
            ("d.csv/a.ndjson", FileFormat::Jsonl, Compression::None),
            ("a.parquet", FileFormat::Parquet, Compression::None),
        ] {
            assert_eq!(format_by_ending(name).unwrap(), format, "{name}");
            assert_eq!(compression_by_ending(name).0, compression, "{name}");
        }
        for name in ["a", "a.tsv", "a.json", "a.gz", "a.csv.bz2"] {
            let error = format_by_ending(name).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("set `format`"), "{error}");
        }
    }
}
