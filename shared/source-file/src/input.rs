//! A file as a stream of bytes, unpacked.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use source::Error;
use spec::Compression;

/// Bytes of a file, unpacked.
pub(crate) type Input = Box<dyn Read + Send>;

/// Opens a file; `name` is what errors call it. An unpacked file may be opened at an offset.
pub(crate) fn open(path: &Path, name: &str, compression: Compression, offset: u64) -> Result<Input, Error> {
    let mut file = open_file(path, name)?;
    if offset > 0 {
        file.seek(SeekFrom::Start(offset)).map_err(|cause| read_error(name, cause))?;
    }
    Ok(match compression {
        Compression::None => Box::new(file),
        Compression::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(file))),
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::new(file).map_err(|cause| read_error(name, cause))?),
    })
}

/// Opens a file as it is.
pub(crate) fn open_file(path: &Path, name: &str) -> Result<File, Error> {
    File::open(path).map_err(|cause| read_error(name, cause))
}

/// Sorts out who can mend what went wrong while reading.
pub(crate) fn read_error(name: &str, cause: io::Error) -> Error {
    let doing = format!("read the file `{name}`");
    let is_from_the_system = cause.raw_os_error().is_some();
    match cause.kind() {
        io::ErrorKind::NotFound => Error::Config {
            code: "file_not_found",
            problem: format!("the file `{name}` is not there any more"),
            cause: Some(Box::new(cause)),
        },
        io::ErrorKind::PermissionDenied => Error::Config {
            code: "source_access",
            problem: format!("the file `{name}` may not be read"),
            cause: Some(Box::new(cause)),
        },
        _ if is_from_the_system => Error::Unavailable { doing, cause: Box::new(cause) },
        _ => Error::Corrupt { doing: format!("unpack the file `{name}`"), cause: Box::new(cause) },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;

    use super::*;

    fn read_back(packed: &[u8], compression: Compression) -> Result<Vec<u8>, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, packed).unwrap();
        let mut bytes = Vec::new();
        open(&path, "x", compression, 0)?.read_to_end(&mut bytes).map_err(|cause| read_error("x", cause))?;
        Ok(bytes)
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn several_members_are_read_one_after_the_other() {
        let gzip = [gzipped(b"first "), gzipped(b"second")].concat();
        assert_eq!(read_back(&gzip, Compression::Gzip).unwrap(), b"first second");
        let frame = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
        let zstd = [frame(b"first "), frame(b"second")].concat();
        assert_eq!(read_back(&zstd, Compression::Zstd).unwrap(), b"first second");
    }

    #[test]
    fn a_truncated_or_foreign_archive_is_corrupt() {
        let text = b"some text that is long enough to be cut".repeat(20);
        let (gzip, zstd) = (gzipped(&text), zstd::encode_all(&text[..], 3).unwrap());
        for (bytes, compression) in [
            (&gzip[..gzip.len() - 9], Compression::Gzip),
            (&gzip[..5], Compression::Gzip),
            (b"plain text", Compression::Gzip),
            (&zstd[..zstd.len() - 9], Compression::Zstd),
            (b"plain text", Compression::Zstd),
        ] {
            let error = read_back(bytes, compression).unwrap_err();
            assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
        }
    }
}
