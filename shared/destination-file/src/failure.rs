//! What the disk and the libraries say, in the words of the seam.

use std::io;
use std::path::Path;

use destination::{Cause, Error};
use parquet::errors::ParquetError;

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Says what was being done when it failed.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| from_disk(what(), error))
    }
}

impl<T> Doing<T> for std::result::Result<T, ParquetError> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| from_parquet(what(), error))
    }
}

/// A file that is there and whose content is not what it should be.
pub(crate) fn unreadable(path: &Path, cause: impl Into<Cause>) -> Error {
    let problem = format!(
        "`{}` cannot be read as what its name says: restore it, or remove it and sync the stream again",
        path.display()
    );
    Error::Config { code: "file_unreadable", problem, cause: Some(cause.into()) }
}

/// Columns that do not fit what is there.
pub(crate) fn mismatch(problem: impl Into<String>) -> Error {
    Error::config("table_mismatch", problem)
}

fn from_disk(doing: String, error: io::Error) -> Error {
    use io::ErrorKind::{
        InvalidFilename, IsADirectory, NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let (code, hint) = match error.kind() {
        StorageFull | QuotaExceeded => ("disk_full", "no space is left: free some and run again"),
        PermissionDenied | ReadOnlyFilesystem | NotADirectory | IsADirectory | InvalidFilename => {
            ("destination_access", "the path or its permissions do not allow it")
        }
        _ => return Error::Unavailable { doing, cause: error.into() },
    };
    Error::Config { code, problem: format!("{doing}: {hint}"), cause: Some(error.into()) }
}

fn from_parquet(doing: String, error: ParquetError) -> Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(error) => from_disk(doing, *error),
            Err(cause) => Error::Unavailable { doing, cause },
        },
        other => Error::Unavailable { doing, cause: other.into() },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flow::{Fault, FaultKind};

    use super::*;

    fn fault_of(error: io::Error) -> Fault {
        let failed: io::Result<()> = Err(error);
        failed.doing(|| "write the part".to_owned()).unwrap_err().into()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_for_a_person_to_mend() {
        let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let fault = fault_of(full.write_all(b"x").unwrap_err());
        assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::Config, "disk_full"));
    }

    #[test]
    fn a_full_disk_is_seen_through_the_parquet_library_too() {
        let failed: std::result::Result<(), _> =
            Err(ParquetError::External(Box::new(io::Error::from(io::ErrorKind::StorageFull))));
        let fault: Fault = failed.doing(|| "write the part".to_owned()).unwrap_err().into();
        assert_eq!(fault.code, "disk_full");
    }

    #[test]
    fn a_missing_permission_is_for_a_person_to_mend_and_anything_else_is_tried_again() {
        assert_eq!(fault_of(io::ErrorKind::PermissionDenied.into()).code, "destination_access");
        assert_eq!(fault_of(io::ErrorKind::Interrupted.into()).kind, FaultKind::Retry);
    }
}
